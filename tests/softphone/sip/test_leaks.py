"""What a trunk that misbehaves leaves behind: nothing."""

from __future__ import annotations

import orjson
import pytest

from softphone.sip.messages.headers import SipParseError
from softphone.sip.transport import transaction_layer
from softphone.sip.transport.endpoint import Intake
from tests.softphone.sip.far_end import TRUNK, FarEnd
from tests.softphone.sip.torture import PLAIN

SHIFT_JIS = "話中".encode("shift_jis")


def test_a_trunk_that_rings_on_after_the_call_was_given_up_keeps_nothing_open() -> None:
    far = FarEnd()
    call, heard = far.place()
    invite = far.last("INVITE")
    far.reply(invite, 180)
    call.hang_up("operator")
    far.time.advance(40)  # its CANCEL is not answered
    assert heard.ending.code == 487
    for _ in range(20):
        far.reply(invite, 180)
        far.time.advance(10)
    assert far.agent.layer.open_transactions == 0
    assert far.agent.open_dialogs == 0
    assert far.journal.records == {}


def test_a_late_answer_after_the_call_was_given_up_is_hung_up() -> None:
    far = FarEnd()
    call, _ = far.place()
    invite = far.last("INVITE")
    far.reply(invite, 180)
    call.hang_up("operator")
    far.time.advance(40)
    far.reply(invite, 200)
    assert far.sent("ACK") and far.sent("BYE")
    far.reply(far.last("BYE"), 200)
    far.time.advance(100)
    assert far.agent.layer.open_transactions == 0
    assert far.agent.open_dialogs == 0
    assert far.journal.records == {}


def test_a_flood_is_remembered_up_to_a_number_and_talks_hang_up_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transaction_layer, "MOST_OUTSIDE", 200)
    far = FarEnd()
    _, heard = far.answered()
    for number in range(300):
        request = PLAIN.replace(b"z9hG4bKx", b"z9hG4bKx%d" % number)
        far.agent.receive(request.replace(b"c1@", b"c%d@" % number), TRUNK)
    assert far.agent.layer.open_transactions == 201  # and our INVITE's
    far.request("BYE", cseq=9)
    assert heard.ending.by == "remote" and far.last_reply.code == 200
    far.time.advance(100)
    assert far.agent.layer.open_transactions == 0


def test_a_flood_of_garbage_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(data: bytes, source: tuple[str, int]) -> None:
        raise SipParseError("no SIP")

    intake = Intake(refuse)
    with caplog.at_level("INFO"):
        for _ in range(5000):
            intake.take(b"x", TRUNK)
    assert intake.malformed == 5000
    assert 1 <= len(caplog.records) <= 13


def test_a_refusal_in_another_character_set_ends_the_call_with_a_short_text() -> None:
    far = FarEnd()
    _, heard = far.place()
    invite = far.last("INVITE")
    lines = (
        b"SIP/2.0 486 " + SHIFT_JIS + b" \x1b[2J" + b"x" * 5000,
        b"Via: " + invite.get("via").encode(),
        b"From: " + invite.get("from").encode(),
        b"To: " + invite.get("to").encode() + b";tag=z",
        b"Call-ID: " + invite.call_id.encode(),
        b"CSeq: 1 INVITE",
    )
    far.agent.receive(b"\r\n".join(lines) + b"\r\n\r\n", TRUNK)
    reason = heard.ending.reason
    assert heard.ending.code == 486
    assert len(reason) <= 120 and reason.isprintable()
    assert orjson.dumps(reason)
