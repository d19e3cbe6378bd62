"""Ringing that must be heard: reliable provisional responses of the called side (RFC 3262)."""

from __future__ import annotations

from softphone.sip.messages.sdp import answer_audio
from tests.softphone.sip.placed_calls import HeardCall
from tests.softphone.sip.wire import Wire

REQUIRED = {"require": "100rel"}
NOTHING = (0, 0, 0, 0)


def rung(wire: Wire) -> HeardCall:
    """A caller that requires reliable ringing, its INVITE taken."""
    _, heard = wire.place(headers=REQUIRED)
    wire.time.advance(0.1)
    return heard


def carried(wire: Wire, start: bytes) -> list[bytes]:
    return [data for data in wire.carried if data.startswith(start)]


def early_media(wire: Wire) -> str:
    return answer_audio(wire.inbound[0].offer, host="127.0.0.1", port=6000, session_id=1)


def test_ringing_is_repeated_until_its_prack():
    wire = Wire(loses=lambda data: data.startswith(b"PRACK"))
    heard = rung(wire)
    wire.inbound[0].ring()
    wire.time.advance(1)
    assert len(carried(wire, b"SIP/2.0 180")) == 2
    assert [code for code, _ in heard.rings] == [180], "the caller is told once"
    wire.loses = lambda data: False
    wire.time.advance(3)
    repeated = len(carried(wire, b"SIP/2.0 180"))
    wire.time.advance(20)
    assert len(carried(wire, b"SIP/2.0 180")) == repeated


def test_the_next_response_waits_for_the_prack_of_the_last():
    wire = Wire(loses=lambda data: data.startswith(b"PRACK"))
    heard = rung(wire)
    wire.inbound[0].ring()
    wire.inbound[0].ring(183, early_media(wire))
    wire.answer()
    wire.time.advance(0.3)
    assert not carried(wire, b"SIP/2.0 183") and not carried(wire, b"SIP/2.0 200")
    wire.loses = lambda data: False
    wire.time.advance(3)
    assert [code for code, _ in heard.rings] == [180, 183] and heard.answers
    assert wire.heard_inbound[0].events == ["ack"]
    wire.inbound[0].hang_up()
    wire.time.advance(40)
    assert wire.leftovers == NOTHING


def test_ringing_nobody_acknowledges_ends_the_call():
    wire = Wire(loses=lambda data: data.startswith(b"PRACK"))
    heard = rung(wire)
    wire.inbound[0].ring()
    wire.time.advance(33)
    assert heard.ending.code == 504
    assert wire.heard_inbound[0].events == ["cancelled"]
    wire.time.advance(70)
    assert wire.leftovers == NOTHING


def test_an_answer_that_waited_in_vain_is_taken_back():
    wire = Wire(loses=lambda data: data.startswith(b"PRACK"))
    heard = rung(wire)
    wire.inbound[0].ring()
    wire.answer()
    wire.time.advance(33)
    assert heard.answers == [] and heard.ending.code == 504
    assert wire.inbound[0].state == "ended"
    wire.time.advance(70)
    assert wire.leftovers == NOTHING


def test_a_caller_that_gives_up_leaves_nothing_repeated():
    wire = Wire()
    call, heard = wire.place(headers=REQUIRED)
    wire.time.advance(0.1)
    wire.inbound[0].ring()
    wire.time.advance(0.1)
    call.cancel("operator")
    wire.time.advance(100)
    assert heard.ending.code == 487 and wire.leftovers == NOTHING


def test_an_answer_without_ringing_needs_no_prack():
    wire = Wire()
    heard = rung(wire)
    wire.answer()
    wire.time.advance(0.1)
    assert heard.answers and not carried(wire, b"PRACK")


def test_whoever_does_not_require_it_gets_ordinary_ringing():
    wire = Wire()
    wire.place()
    wire.time.advance(0.1)
    wire.inbound[0].ring()
    assert b"RSeq" not in carried(wire, b"SIP/2.0 180")[0]
