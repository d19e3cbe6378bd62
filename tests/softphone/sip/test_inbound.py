"""The called side, against our own calling side, over a wire that loses datagrams."""

from __future__ import annotations

import random

import pytest

from tests.softphone.sip.wire import Wire

NOTHING = (0, 0, 0, 0)


def talking(wire: Wire, **wishes: int):
    call, heard = wire.place(**wishes)
    wire.time.advance(0.1)
    wire.inbound[0].ring()
    wire.time.advance(0.1)
    wire.answer()
    wire.time.advance(0.1)
    assert heard.answers and wire.heard_inbound[0].events == ["ack"]
    return call, heard


def test_the_dialed_number_and_the_caller_are_read():
    wire = Wire()
    wire.place()
    wire.time.advance(0.1)
    assert (wire.inbound[0].number, wire.inbound[0].caller) == ("0901230001", "0312340000")
    assert "m=audio 4000" in wire.inbound[0].offer


def test_a_call_is_answered_and_hung_up_by_the_caller():
    wire = Wire()
    call, heard = talking(wire)
    call.hang_up("operator")
    wire.time.advance(0.1)
    assert wire.heard_inbound[0].events == ["ack", "bye"]
    assert wire.heard_inbound[0].endings[0].q850 == 16
    wire.time.advance(40)
    assert wire.leftovers == NOTHING


def test_a_call_is_hung_up_by_the_called_side_with_a_cause():
    wire = Wire()
    _, heard = talking(wire)
    wire.inbound[0].hang_up(q850=31)
    wire.time.advance(0.1)
    assert (heard.ending.by, heard.ending.q850) == ("remote", 31)
    assert wire.heard_inbound[0].events == ["ack"], "nobody is told of an end of his own"
    wire.time.advance(40)
    assert wire.leftovers == NOTHING


def test_early_media_reaches_the_caller():
    wire = Wire()
    _, heard = wire.place()
    wire.time.advance(0.1)
    wire.inbound[0].ring(183, "v=0\r\n")
    wire.time.advance(0.1)
    assert heard.rings == [(183, "v=0\r\n")]


@pytest.mark.parametrize(("code", "cause"), [(486, 17), (404, 1), (480, None), (603, 21)])
def test_a_refusal_carries_its_cause(code, cause):
    wire = Wire()
    _, heard = wire.place()
    wire.time.advance(0.1)
    wire.inbound[0].reject(code, "No", cause)
    wire.time.advance(0.1)
    assert (heard.ending.code, heard.ending.reason, heard.ending.q850) == (code, "No", cause)
    wire.time.advance(40)
    assert wire.leftovers == NOTHING


def test_a_cancel_ends_the_ringing():
    wire = Wire()
    call, heard = wire.place()
    wire.time.advance(0.1)
    wire.inbound[0].ring()
    wire.time.advance(0.1)
    call.cancel("stopped")
    wire.time.advance(0.1)
    assert wire.heard_inbound[0].events == ["cancelled"]
    assert heard.ending.code == 487
    wire.answer()
    wire.inbound[0].reject(486)
    wire.time.advance(40)
    assert heard.ending.code == 487 and wire.leftovers == NOTHING


def test_nobody_hangs_up_before_the_ack():
    wire = Wire(loses=lambda data: data.startswith(b"ACK"))
    wire.place()
    wire.time.advance(0.1)
    wire.answer()
    wire.inbound[0].hang_up()
    wire.time.advance(3)
    assert not any(data.startswith(b"BYE") for data in wire.carried)
    wire.loses = lambda data: False
    wire.time.advance(5)
    assert any(data.startswith(b"BYE") for data in wire.carried)


def test_an_answer_nobody_acknowledges_is_taken_back():
    wire = Wire(loses=lambda data: data.startswith(b"ACK"))
    _, heard = wire.place()
    wire.time.advance(0.1)
    wire.answer()
    wire.time.advance(33)
    assert wire.heard_inbound[0].events == ["bye"]
    assert heard.ending.by == "remote"
    wire.time.advance(70)
    assert wire.leftovers == NOTHING


def test_ringing_ends_after_three_minutes():
    wire = Wire()
    wire.place(ring_limit_s=60)
    wire.time.advance(0.1)
    wire.loses = lambda data: data.startswith(b"CANCEL")
    wire.time.advance(181)
    assert wire.inbound[0].state == "ended"


def test_both_sides_keep_a_session_timer():
    wire = Wire()
    call, heard = talking(wire, session_expires_s=90)
    wire.time.advance(600)
    assert heard.endings == [] and wire.heard_inbound[0].endings == []
    wire.loses = lambda data: True
    wire.time.advance(200)
    assert heard.ending.by == "trunk"
    assert wire.heard_inbound[0].endings[0].by == "trunk"


def test_hanging_up_while_ringing_is_a_refusal():
    wire = Wire()
    _, heard = wire.place()
    wire.time.advance(0.1)
    wire.inbound[0].hang_up()
    wire.time.advance(0.1)
    assert heard.ending.code == 480


def test_listeners_end_once_and_nothing_is_left_whatever_is_lost():
    """300 calls with 30 % loss both ways, hung up by either side."""
    dice = random.Random(3261)
    for number in range(300):
        wire = Wire(loses=lambda data: dice.random() < 0.3)
        call, heard = wire.place(ring_limit_s=20)
        while not (wire.inbound or heard.endings):
            wire.time.advance(dice.random())
        if wire.inbound:
            wire.inbound[0].ring()
            wire.time.advance(dice.random())
            wire.answer()
            wire.time.advance(3 * dice.random())
        if wire.inbound and number % 2:
            wire.inbound[0].hang_up()
        else:
            call.hang_up("operator")
        wire.time.advance(250)
        assert len(heard.endings) == 1, f"call {number}"
        assert len(wire.heard_inbound[0].endings if wire.inbound else []) <= 1
        assert wire.leftovers == NOTHING, f"call {number}"
