"""Requests that belong to no call: each gets the answer RFC 3261 has for it, and leaves nothing."""

from __future__ import annotations

import pytest

from softphone.sip.messages.headers import SipParseError
from softphone.sip.messages.message import Message, parse
from tests.softphone.sip.far_end import TRUNK, FarEnd

PLAIN = (
    "{method} sip:desk@198.51.100.7 {version}\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{branch};rport\r\n"
    "Max-Forwards: {forwards}\r\n"
    "From: <sip:a@192.0.2.1>;tag=f1\r\n"
    "To: <sip:desk@198.51.100.7>\r\n"
    "Call-ID: c1@192.0.2.1\r\n"
    "CSeq: 7 {named}\r\n"
    "Content-Length: {length}\r\n"
    "\r\n"
)


def written(method: str, **changes: object) -> bytes:
    words = {"version": "SIP/2.0", "branch": "x", "forwards": 70, "named": method, "length": 0}
    return PLAIN.format(method=method, **{**words, **changes}).encode()


def answers(far: FarEnd) -> list[Message]:
    return [message for message, _ in far.outbox if message.code]


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("INVITE", 403),
        ("OPTIONS", 200),
        ("NOTIFY", 481),
        ("PRACK", 481),
        ("INFO", 405),
        ("UPDATE", 405),
        ("MESSAGE", 405),
        ("REFER", 405),
        ("SUBSCRIBE", 405),
        ("REGISTER", 405),
        ("FROBNICATE", 501),
    ],
)
def test_a_request_outside_any_call_is_answered_and_forgotten(method, code):
    far = FarEnd()
    far.agent.receive(written(method), TRUNK)
    assert [each.code for each in answers(far)] == [code]
    if code in (405, 501):
        assert "invite" in answers(far)[0].options("allow")
    far.time.advance(40)
    assert far.agent.layer.open_transactions == 0 and far.time.pending == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"version": "SIP/3.0"}, 505), ({"named": "INVITE"}, 400), ({"length": 99}, 400)],
)
def test_a_request_that_cannot_be_taken_is_told_why_once_and_without_a_transaction(changes, code):
    far = FarEnd()
    with pytest.raises(SipParseError):
        far.agent.receive(written("OPTIONS", **changes), TRUNK)
    assert [each.code for each in answers(far)] == [code]
    assert far.outbox[-1][1] == TRUNK and answers(far)[0].to_tag
    assert far.agent.layer.open_transactions == 0


@pytest.mark.parametrize(
    "data",
    [
        written("ACK", length=99),
        written("OPTIONS", length=99).replace(
            b"OPTIONS sip:desk@198.51.100.7 SIP/2.0", b"SIP/2.0 200 OK"
        ),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_an_ack_a_response_and_what_is_not_sip_are_never_answered(data):
    far = FarEnd()
    with pytest.raises(SipParseError):
        far.agent.receive(data, TRUNK)
    assert far.outbox == []


def test_an_extension_we_lack_is_named_outside_a_call_too():
    far = FarEnd()
    demanding = written("OPTIONS").replace(b"Max-", b"Require: timer, nothing\r\nMax-")
    far.agent.receive(demanding, TRUNK)
    assert (answers(far)[0].code, answers(far)[0].get("unsupported")) == (420, "nothing")


def test_a_uri_of_another_kind_is_refused():
    far = FarEnd()
    far.agent.receive(written("OPTIONS").replace(b"sip:desk@198.51.100.7 S", b"fax:1 S"), TRUNK)
    assert answers(far)[0].code == 416


def test_a_copy_that_came_by_another_path_is_a_loop():
    far = FarEnd()
    far.agent.on_new_request = lambda transaction: None  # it rings for a while
    far.agent.receive(written("INVITE", branch="one"), TRUNK)
    far.agent.receive(written("INVITE", branch="two"), TRUNK)
    assert [each.code for each in answers(far)] == [482]


def test_the_last_hop_may_reach_us():
    """Max-Forwards counts what may still be forwarded (§20.22); we are where the request ends."""
    far = FarEnd()
    far.agent.receive(written("OPTIONS", forwards=0), TRUNK)
    assert answers(far)[0].code == 200


def test_the_answer_keeps_every_via():
    far = FarEnd()
    far.agent.receive(
        written("OPTIONS").replace(b"Max-", b"Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKy\r\nMax-"),
        TRUNK,
    )
    assert len(parse(bytes(answers(far)[0])).values("via")) == 2
