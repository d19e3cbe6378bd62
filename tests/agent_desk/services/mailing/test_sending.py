"""Mails handed in over real SMTP: what arrives, and what each kind of answer comes to."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from agent_desk.services.mailing.messages import Letter, written
from agent_desk.services.mailing.sending import (
    NO_LOG_IN,
    NO_TLS,
    PUT_OFF,
    REFUSED,
    UNREACHABLE,
    send,
)
from agent_desk.services.mailing.tries import TRY_LATER, TRY_REFUSED, TRY_SENT, Ending
from config_mail import MailServer
from tests.fakes.mail_server import (
    PASSWORD,
    SENDER,
    USERNAME,
    FakeMailServer,
    attachment,
    mail_server,
    text,
)
from tests.ports import free_tcp_port
from tests.softphone.sip.certificates import Authority

LETTER = Letter(
    sender=SENDER,
    address="sato@example.jp",
    message_id="<one@example.jp>",
    sent_at=datetime(2026, 11, 24, 0, 0, tzinfo=UTC),
    locale="ja",
    name="日次 実績／営業",
    page="operators",
    owner="田中",
    days=(date(2026, 11, 23), date(2026, 11, 23)),
    all_teams=False,
    as_of=datetime(2026, 11, 24, 0, 0, tzinfo=UTC),
    form="csv-cp932",
)
FILE = "顧客番号\r\n00123\r\n".encode("cp932")


def hand_in(server: MailServer, **options: Any) -> Ending:
    return send(server, written(LETTER, FILE), **options)


def test_it_arrives_with_its_file_and_says_what_it_is() -> None:
    with mail_server() as server:
        assert hand_in(server.settings()) == Ending(TRY_SENT)
    [mail] = server.mails
    assert server.recipients == ["sato@example.jp"]
    assert mail["Subject"] == "[Agent Desk] 日次 実績／営業（2026/11/23）"
    assert mail["From"] == SENDER and mail["To"] == "sato@example.jp"
    assert mail["Message-ID"] == "<one@example.jp>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == LETTER.sent_at
    said = text(mail)
    for line in ("期間：2026/11/23", "集計時点：2026-11-24 09:00（日本時間）", "対象：担当チーム"):
        assert line in said
    assert attachment(mail) == ("日次 実績／営業_20261123_20261123.csv", FILE)


def test_the_files_name_is_told_as_rfc_2231_has_it() -> None:
    head = written(LETTER, FILE).as_bytes().decode("ascii")
    assert re.search(r"filename\*(0\*)?=utf-8''%E6%97%A5%E6%AC%A1", head.replace("\r\n ", ""))


def test_what_was_typed_adds_no_line_to_the_head() -> None:
    with pytest.raises(ValueError, match="linefeed|newline"):
        written(Letter(**{**vars(LETTER), "name": "x\r\nBcc: y@example.jp"}), FILE)


def test_a_name_that_is_no_files_name_is_made_one() -> None:
    letter = Letter(**{**vars(LETTER), "name": '../a\\b:"c"\u202e', "days": None})
    [part] = written(letter, FILE).iter_attachments()
    assert part.get_filename() == "_a_b__c__.csv"


@pytest.mark.parametrize(
    ("answers", "data_answers", "wanted"),
    [
        (["450 busy"], [], Ending(TRY_LATER, PUT_OFF, 450)),
        (["550 nobody"], [], Ending(TRY_REFUSED, REFUSED, 550)),
        ([], ["452 full"], Ending(TRY_LATER, PUT_OFF, 452)),
        ([], ["554 no"], Ending(TRY_REFUSED, REFUSED, 554)),
    ],
)
def test_what_is_said_of_a_mail_is_believed(
    answers: list[str], data_answers: list[str], wanted: Ending
) -> None:
    with mail_server() as server:
        server.answers, server.data_answers = answers, data_answers
        assert hand_in(server.settings()) == wanted
        assert server.mails == []
        assert hand_in(server.settings()).result == TRY_SENT, "the next one is taken"


def test_a_server_that_is_not_there_is_tried_again() -> None:
    gone = FakeMailServer(port=free_tcp_port())
    assert hand_in(gone.settings()) == Ending(TRY_LATER, UNREACHABLE)
    nowhere = MailServer("nowhere.invalid", 25, "none", SENDER)
    assert hand_in(nowhere) == Ending(TRY_LATER, UNREACHABLE)


def test_with_the_right_password_it_is_let_in_and_without_it_tried_again() -> None:
    with mail_server(auth=True) as server:
        known = server.settings(username=USERNAME, password=PASSWORD)
        assert hand_in(known) == Ending(TRY_SENT)
        assert server.logged_in == [True]
        wrong = server.settings(username=USERNAME, password="x")
        assert hand_in(wrong) == Ending(TRY_LATER, NO_LOG_IN, 535)
        assert len(server.mails) == 1
    with mail_server() as open_to_all:
        told = open_to_all.settings(username=USERNAME, password=PASSWORD)
        assert hand_in(told) == Ending(TRY_LATER, NO_LOG_IN), "it offers none, so none is told"


@pytest.fixture
def certificates(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and one that trusts it."""
    authority = Authority(tmp_path)
    issued = authority.issue("127.0.0.1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(issued.certificate, issued.key)
    return server, ssl.create_default_context(cafile=str(authority.ca))


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_encrypted_way_is_taken_only_to_a_server_that_is_trusted(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext], security: str
) -> None:
    context, trusting = certificates
    options: dict[str, Any] = {security: context}
    with mail_server(**options) as server:
        settings = server.settings(security=security)
        assert hand_in(settings) == Ending(TRY_LATER, NO_TLS), "nobody knows its certificate"
        assert server.mails == []
        assert hand_in(settings, trusted=trusting) == Ending(TRY_SENT)
    with mail_server() as plain:
        assert hand_in(plain.settings(security="starttls")) == Ending(TRY_LATER, NO_TLS)
        assert plain.mails == []
