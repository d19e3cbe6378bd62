"""The called side, against our own calling side, over a wire that loses datagrams."""

from __future__ import annotations

import random

import pytest

from softphone.sip.calls.inbound import InboundCall, refuse_unfit
from softphone.sip.messages.message import Message, parse
from softphone.sip.messages.sdp import parse_sdp, read_audio
from softphone.sip.transport.transactions import ServerTransaction
from tests.softphone.sip.far_end import ANSWER, TRUNK, FarEnd
from tests.softphone.sip.placed_calls import OFFER
from tests.softphone.sip.wire import CALLER, HeardInbound, Wire

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


def test_a_bye_of_the_caller_before_the_answer_ends_the_ringing():
    wire = Wire()
    call, heard = wire.place()
    wire.time.advance(0.1)
    wire.inbound[0].ring()
    wire.time.advance(0.1)
    (fork,) = call._forks._by_tag.values()
    fork.session.send("BYE")
    wire.time.advance(0.1)
    assert wire.heard_inbound[0].events == ["cancelled"] and heard.ending.code == 487
    wire.time.advance(40)
    assert wire.leftovers == NOTHING


def test_a_caller_that_offers_nothing_gets_our_offer_and_answers_in_its_ack():
    agent = FarEnd().agent
    sent: list[Message] = []
    agent.layer.send = lambda data, address: sent.append(parse(data))
    taken: list[InboundCall] = []
    over: list[str] = []
    heard = HeardInbound()

    def take(transaction: ServerTransaction) -> None:
        call = InboundCall(agent, transaction, on_over=lambda: over.append("over"))
        call.listen(heard)
        taken.append(call)

    agent.on_new_request = take
    agent.receive(CALL.format(method="INVITE", branch="a", tag="").encode(), TRUNK)
    taken[0].answer(OFFER)
    tag = sent[-1].to_tag
    assert sent[-1].code == 200 and sent[-1].sdp == OFFER
    head = CALL.format(method="ACK", branch="b", tag=f";tag={tag}").removesuffix("\r\n")
    ack = f"{head}Content-Type: application/sdp\r\n\r\n{ANSWER}"
    agent.receive(ack.encode(), TRUNK)
    assert heard.events == ["ack"] and taken[0]._session.media.codec == "PCMU"
    hold = CALL.replace("7 {method}", "8 {method}").format(
        method="UPDATE", branch="c", tag=f";tag={tag}"
    )
    held = ANSWER.replace("sendrecv", "sendonly")
    update = f"{hold.removesuffix(chr(13) + chr(10))}Content-Type: application/sdp\r\n\r\n{held}"
    agent.receive(update.encode(), TRUNK)
    assert sent[-1].code == 200 and "a=recvonly" in sent[-1].sdp and heard.events[-1] == "media"


CALL = (
    "{method} sip:desk@198.51.100.7 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{branch};rport\r\n"
    "From: <sip:0901230001@192.0.2.1>;tag=f1\r\n"
    "To: <sip:desk@198.51.100.7>{tag}\r\n"
    "Call-ID: c1@192.0.2.1\r\n"
    "CSeq: 7 {method}\r\n"
    "Contact: <sip:0901230001@192.0.2.1:5060>\r\n"
    "\r\n"
)


def screened(wire: Wire) -> list[bool]:
    """Whether each INVITE that arrives was refused before a call was made of it."""
    refused: list[bool] = []
    take = wire.callee.on_new_request

    def screen(transaction: ServerTransaction) -> None:
        refused.append(refuse_unfit(wire.callee, transaction))
        if not refused[-1]:
            take(transaction)

    wire.callee.on_new_request = screen
    return refused


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"session-expires": "30", "supported": "timer"}, 422),
        ({}, 0),
    ],
)
def test_a_call_that_cannot_be_made_is_refused_with_its_reason(headers, code):
    wire = Wire()
    refused = screened(wire)
    wire.place(headers=headers)
    wire.time.advance(0.1)
    assert refused[0] is bool(code) and len(wire.inbound) == (0 if code else 1)


def test_an_invite_with_nothing_but_a_strange_body_is_refused():
    wire = Wire(loses=lambda data: data.startswith(b"INVITE"))
    refused = screened(wire)
    wire.place()
    strange = wire.carried[0].replace(b"application/sdp", b"application/isup")
    wire.callee.receive(strange, CALLER)
    assert refused == [True] and wire.carried[-1].startswith(b"SIP/2.0 415")


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


def test_the_called_side_holds_and_takes_back():
    wire = Wire()
    call, heard = talking(wire)
    for direction in ("sendonly", "sendrecv"):
        wire.inbound[0].turn(direction)
        wire.time.advance(0.2)
    assert [read_audio(sdp).on_hold for sdp in heard.media] == [True, False]
    versions = [parse_sdp(sdp).version for sdp in heard.media]
    assert versions == ["2", "3"]
    call.hang_up("operator")
    wire.time.advance(40)
    assert wire.leftovers == NOTHING


def test_holds_of_both_sides_that_cross_both_come_through():
    wire = Wire()
    call, heard = talking(wire)
    wire.inbound[0].turn("sendonly")
    call._session.turn("sendonly")
    wire.time.advance(0.2)
    refused = [data for data in wire.carried if data.startswith(b"SIP/2.0 491")]
    assert len(refused) == 2
    wire.time.advance(6)
    assert any(read_audio(sdp).on_hold for sdp in heard.media)
    assert "media" in wire.heard_inbound[0].events
    call.hang_up("operator")
    wire.time.advance(40)
    assert wire.leftovers == NOTHING


def test_a_refused_hold_leaves_the_call_as_it_was():
    far = FarEnd()
    call, heard = far.answered()
    before = call._session.media.local_sdp
    call._session.turn("sendonly")
    assert "a=sendonly" in far.last("INVITE").sdp
    far.reply(far.last("INVITE"), 488)
    assert call._session.media.local_sdp == before and heard.endings == []
    far.request("INVITE", cseq=1, sdp=ANSWER)
    assert far.replies("INVITE") == [200], "nothing of ours is out any more"


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
