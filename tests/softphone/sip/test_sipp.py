"""The trunk against SIPp, a stack nobody here wrote."""

from __future__ import annotations

import pytest

from softphone.sip.calls.outbound import OutboundCall, OutboundInvite
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.sip.placed_calls import OFFER, HeardCall
from tests.waiting import await_until

pytestmark = pytest.mark.sipp


def place(trunk: Trunk, *, ring_limit_s: float = 20.0) -> tuple[HeardCall, OutboundCall]:
    heard = HeardCall()
    invite = OutboundInvite("call-1", "+81901230001", "", OFFER, ring_limit_s)
    return heard, trunk.place(invite, heard)


async def lines_free(trunk: Trunk) -> None:
    await await_until(lambda: trunk.lines_in_use == 0, what="a free line")


async def test_an_answered_call_is_hung_up_by_us(start_sipp, start_trunk):
    sipp = await start_sipp("answer")
    trunk = await start_trunk(sipp.port)
    heard, call = place(trunk)
    await await_until(lambda: heard.answers)
    assert [code for code, _ in heard.rings] == [183, 180]
    assert heard.rings[0][1], "the early media of the 183"
    call.hang_up("operator")
    await sipp.finished()
    await lines_free(trunk)
    assert (heard.ending.code, heard.ending.by, heard.ending.answered) == (200, "local", True)


async def test_the_peer_hangs_up_with_a_cause(start_sipp, start_trunk):
    sipp = await start_sipp("bye_from_peer")
    trunk = await start_trunk(sipp.port)
    heard, _ = place(trunk)
    await await_until(lambda: heard.endings)
    await sipp.finished()
    assert (heard.ending.code, heard.ending.by, heard.ending.q850) == (200, "remote", 16)
    assert trunk.lines_in_use == 0


@pytest.mark.parametrize(
    ("code", "phrase", "cause"),
    [
        (486, "Busy Here", 17),
        (404, "Not Found", 1),
        (480, "Temporarily Unavailable", 19),
        (408, "Request Timeout", 18),
        (503, "Service Unavailable", 34),
        (603, "Decline", 21),
    ],
)
async def test_a_refusal_is_acknowledged_and_told(start_sipp, start_trunk, code, phrase, cause):
    sipp = await start_sipp("refuse", code=str(code), phrase=phrase, cause=str(cause))
    trunk = await start_trunk(sipp.port)
    heard, _ = place(trunk)
    await await_until(lambda: heard.endings)
    await sipp.finished()
    ending = heard.ending
    assert (ending.code, ending.reason, ending.q850) == (code, phrase, cause)
    assert (ending.by, ending.rang, ending.answered) == ("remote", True, False)


async def test_an_unanswered_call_is_cancelled_at_the_ring_limit(start_sipp, start_trunk):
    sipp = await start_sipp("no_answer")
    trunk = await start_trunk(sipp.port)
    heard, _ = place(trunk, ring_limit_s=0.3)
    await await_until(lambda: heard.endings)
    await sipp.finished()
    assert (heard.ending.code, heard.ending.by, heard.ending.rang) == (487, "timeout", True)


async def test_a_cancel_waits_for_the_first_provisional_response(start_sipp, start_trunk):
    sipp = await start_sipp("late_trying")
    trunk = await start_trunk(sipp.port)
    heard, call = place(trunk)
    call.cancel("campaign stopped")
    await sipp.finished()
    await await_until(lambda: heard.endings)
    assert (heard.ending.by, heard.ending.reason) == ("local", "campaign stopped")
    assert (heard.ending.code, heard.ending.rang) == (487, False)


async def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up(
    start_sipp, start_trunk
):
    sipp = await start_sipp("answer_crosses_cancel")
    trunk = await start_trunk(sipp.port)
    heard, call = place(trunk)
    await await_until(lambda: heard.rings)
    call.cancel("no seat")
    await sipp.finished()
    await lines_free(trunk)
    assert heard.answers == []
    assert (heard.ending.code, heard.ending.by, heard.ending.answered) == (200, "local", True)


def lose(trunk: Trunk, start: bytes, *, times: int) -> list[bytes]:
    """The first `times` datagrams of ours beginning with `start` vanish; returns all of them."""
    send, seen = trunk._agent.layer.send, []

    def lossy(data: bytes, address: tuple[str, int]) -> None:
        if data.startswith(start):
            seen.append(data)
            if len(seen) <= times:
                return
        send(data, address)

    trunk._agent.layer.send = lossy
    return seen


async def test_a_lost_invite_is_sent_again(start_sipp, start_trunk):
    sipp = await start_sipp("answer")
    trunk = await start_trunk(sipp.port)
    invites = lose(trunk, b"INVITE", times=1)
    heard, call = place(trunk)
    await await_until(lambda: heard.answers)
    call.hang_up("operator")
    await sipp.finished()
    assert len(invites) == 2 and invites[0] == invites[1]
    assert heard.ending.answered


async def test_a_200_whose_ack_was_lost_twice_is_acknowledged_a_third_time(start_sipp, start_trunk):
    sipp = await start_sipp("answer")
    trunk = await start_trunk(sipp.port)
    acks = lose(trunk, b"ACK", times=2)
    heard, call = place(trunk)
    await await_until(lambda: len(acks) >= 3)
    call.hang_up("operator")
    await sipp.finished()
    assert len(set(acks)) == 1, "the same ACK each time"
    assert len(heard.answers) == 1


async def test_a_challenge_is_answered(start_sipp, start_trunk):
    sipp = await start_sipp("challenge")
    trunk = await start_trunk(sipp.port, username="trunk", password="secret")
    heard, call = place(trunk)
    await await_until(lambda: heard.answers)
    call.hang_up("operator")
    await sipp.finished()
    assert sipp.messages().count("P-Asserted-Identity") == 2, "headers are kept on the second try"


async def test_a_wrong_password_is_tried_once(start_sipp, start_trunk):
    sipp = await start_sipp("challenge")
    trunk = await start_trunk(sipp.port, username="trunk", password="wrong")
    heard, _ = place(trunk)
    await await_until(lambda: heard.endings)
    await sipp.finished()
    assert (heard.ending.code, heard.ending.by) == (401, "remote")
    assert sipp.messages().count("INVITE sip:") == 2


async def test_requests_follow_record_route_and_contact(start_sipp, start_trunk):
    sipp = await start_sipp("record_route")
    trunk = await start_trunk(sipp.port)
    heard, call = place(trunk)
    await await_until(lambda: heard.answers)
    call.hang_up("operator")
    await sipp.finished()


async def test_the_trunk_registers(start_sipp, start_trunk):
    sipp = await start_sipp("register")
    trunk = await start_trunk(sipp.port, username="trunk", password="secret", register=True)
    assert trunk.state == "registering"
    await await_until(lambda: trunk.state == "up")
    await sipp.finished()


async def test_a_refused_registration_leaves_the_trunk_down(start_sipp, start_trunk):
    sipp = await start_sipp("register")
    trunk = await start_trunk(sipp.port, username="trunk", password="wrong", register=True)
    await await_until(lambda: trunk.state == "down")
    await sipp.finished()


async def test_requests_of_the_peer_inside_the_call_are_answered(start_sipp, start_trunk):
    sipp = await start_sipp("reinvite_from_peer")
    trunk = await start_trunk(sipp.port)
    heard, _ = place(trunk)
    await await_until(lambda: heard.endings)
    await sipp.finished()
    assert len(heard.media) == 1 and "a=sendonly" in heard.media[0]
    assert (heard.ending.by, heard.ending.q850) == ("remote", 16)


async def test_reliable_ringing_gets_its_prack(start_sipp, start_trunk):
    sipp = await start_sipp("reliable_ringing")
    trunk = await start_trunk(sipp.port)
    heard, call = place(trunk)
    await await_until(lambda: heard.answers)
    call.hang_up("operator")
    await sipp.finished()
    assert [code for code, _ in heard.rings] == [180]
