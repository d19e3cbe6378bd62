"""Who calls, and which of our numbers, read from an INVITE."""

from __future__ import annotations

import pytest

from softphone.sip.messages.calling_party import called_number, calling_number, to_e164
from softphone.sip.messages.message import Message


def invite(uri: str = "sip:0312345678@pbx.test", **headers: str) -> Message:
    """An INVITE with these headers; underscores stand for hyphens."""
    request = Message("INVITE", uri)
    request.headers = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return request


@pytest.mark.parametrize(
    ("user", "number"),
    [
        ("+819012345678", "+819012345678"),
        ("09012345678", "+819012345678"),
        ("03-1234-5678", "+81312345678"),
        ("81312345678", "+81312345678"),
        ("0120123456", "+81120123456"),
        ("01044201234567", "+44201234567"),
        ("+15551234567", "+15551234567"),
        ("anonymous", ""),
        ("104", ""),
        ("alice", ""),
        ("0" * 40, ""),
        ("", ""),
    ],
)
def test_a_number_is_read_however_it_is_written(user: str, number: str) -> None:
    assert to_e164(user) == number


def test_what_the_carrier_asserts_goes_before_what_the_caller_writes() -> None:
    said = invite(
        p_asserted_identity='"x" <sip:+819012345678@ims.test>, <tel:+81312345678>',
        **{"from": "<sip:0000@caller.test>;tag=1"},
    )
    assert calling_number(said) == "+819012345678"
    assert calling_number(invite(p_asserted_identity="<tel:+81312345678;x=1>")) == "+81312345678"


def test_from_tells_when_nothing_else_does() -> None:
    assert calling_number(invite(**{"from": "<sip:0312345678@a.test>;tag=1"})) == "+81312345678"


@pytest.mark.parametrize("privacy", ["id", "user;id", "header; critical"])
def test_who_asks_for_privacy_is_nobody(privacy: str) -> None:
    said = invite(p_asserted_identity="<sip:+819012345678@a.test>", privacy=privacy)
    assert calling_number(said) == ""


def test_privacy_none_hides_nothing() -> None:
    said = invite(p_asserted_identity="<sip:+819012345678@a.test>", privacy="none")
    assert calling_number(said) == "+819012345678"


@pytest.mark.parametrize("value", ["<sip:anonymous@anonymous.invalid>;tag=1", "<<", "tel:", ""])
def test_who_cannot_be_read_is_nobody(value: str) -> None:
    assert calling_number(invite(**{"from": value})) == ""


def test_the_number_called_is_the_request_uris_or_else_tos() -> None:
    assert called_number(invite()) == "+81312345678"
    account = invite("sip:account@10.0.0.1", to="<sip:0398765432@pbx.test>")
    assert called_number(account) == "+81398765432"
    assert called_number(invite("sip:account@10.0.0.1")) == ""


def test_the_carriers_word_on_what_was_dialed_goes_before_both() -> None:
    said = invite("sip:0501234567@10.0.0.1", **{"p-called-party-id": "<sip:0398765432@ims.test>"})
    assert called_number(said) == "+81398765432"
