"""Settings of mail: what is taken, what is refused, and that no fault shows a password."""

from __future__ import annotations

import pytest

from config_mail import ADDRESS, MailServer, read_mail
from config_reader import Reader

FROM = "desk@example.jp"


def read(url: str, sender: str = FROM) -> tuple[MailServer | None, list[str]]:
    reader = Reader({"DESK_SMTP_URL": url, "DESK_MAIL_FROM": sender})
    return read_mail(reader), [str(fault) for fault in reader.faults]


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("smtp://relay.local", MailServer("relay.local", 25, "none", FROM)),
        ("smtp://127.0.0.1:2525", MailServer("127.0.0.1", 2525, "none", FROM)),
        ("smtp://[::1]:2525/", MailServer("::1", 2525, "none", FROM)),
        ("smtp://u:p@127.0.0.1", MailServer("127.0.0.1", 25, "none", FROM, "u", "p")),
        ("smtp://u:p@mail?starttls=1", MailServer("mail", 587, "starttls", FROM, "u", "p")),
        (
            "smtps://u%40example.jp:p%3A%2F@mail",
            MailServer("mail", 465, "tls", FROM, "u@example.jp", "p:/"),
        ),
    ],
)
def test_a_server_is_read(url: str, wanted: MailServer) -> None:
    assert read(url) == (wanted, [])


def test_without_a_url_no_mail_is_sent() -> None:
    assert read("", "") == (None, [])
    assert read("") == (None, [])


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mail.example.jp", "is not a URL this setting takes"),
        ("http://mail", "is not a URL this setting takes"),
        ("smtp://", "is not a URL this setting takes"),
        ("smtp://mail:99999", "is not a URL"),
        ("smtp://mail/inbox", "says more"),
        ("smtp://mail?tls=1", "says more"),
        ("smtp://mail?starttls=yes", "neither 0 nor 1"),
        ("smtps://mail?starttls=1", "encrypted from the first byte"),
        ("smtps://user@mail", "alone"),
        ("smtp://user:secret@mail", "would show its password"),
        ("smtp://user:secret@mail?starttls=0", "would show its password"),
    ],
)
def test_what_cannot_be_used_is_a_fault_without_its_password(url: str, problem: str) -> None:
    server, faults = read(url)
    assert server is None
    assert len(faults) == 1 and problem in faults[0]
    assert "secret" not in faults[0]


def test_a_sender_is_needed_and_must_be_one() -> None:
    server, faults = read("smtp://relay", "")
    assert server is None and ["DESK_MAIL_FROM: is not set" in faults[0]] == [True]
    server, faults = read("smtp://relay", "desk")
    assert server is None and len(faults) == 1 and "is not a mail address" in faults[0]


def test_the_password_shows_nowhere() -> None:
    server, _ = read("smtps://user:secret@mail")
    assert server is not None and server.password == "secret"
    assert "secret" not in repr(server)


@pytest.mark.parametrize(
    "text",
    [
        "desk",
        "desk@",
        "@example.jp",
        "desk@localhost",
        "a b@example.jp",
        "desk@example.jp\nBcc: x@example.jp",
        "desk@example.jp\n",
        "desk@-example.jp",
        "desk@example..jp",
        "氏名@example.jp",
        "a@example.jp,b@example.jp",
        "<a@example.jp>",
        f"{'a' * 65}@example.jp",
        f"a@{'b.' * 130}jp",
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert not ADDRESS.fullmatch(text)


@pytest.mark.parametrize("text", ["a@example.jp", "sato.hanako+desk@mail.example.co.jp"])
def test_what_is_one(text: str) -> None:
    assert ADDRESS.fullmatch(text)
