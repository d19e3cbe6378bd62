"""Calls nobody may want any more end, unless they have come too far."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.events import CallFinished
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, TRUNK, A, World

ALL = tuple(CallId(f"call-{number}") for number in range(1, 5))


def floor() -> World:
    """A talk, a call that was ordered, one that rings, and one somebody has answered."""
    world = World()
    world.ready()
    world.bridge(1)
    world.lease(2, 3, 4)
    world.ring(3)
    world.answer(4)
    return world


def test_a_hold_ends_what_rings_and_who_has_answered_or_does_so_now_hears_something() -> None:
    world = floor()
    world.run(commands.WithdrawCalls(ALL, "held", ringing=True))
    ended = [effect.call_id for effect in world.done(effects.EndWithPrompt)]
    assert ended == ["call-2", "call-3", "call-4"]
    assert not world.done(effects.HangUp)
    assert world.state() is SeatState.TALKING
    assert not world.done(effects.BlockNumbers)


def test_a_payment_ends_only_what_has_not_left() -> None:
    world = floor()
    world.run(commands.WithdrawCalls(ALL, "paid", ringing=False))
    assert [effect.call_id for effect in world.done(effects.EndWithPrompt)] == ["call-2"]


@pytest.mark.parametrize("treated", [False, True])
def test_what_a_gateway_out_of_reach_has_to_end_is_said_when_it_is_back(treated: bool) -> None:
    world = floor()
    world.run(gateway_facts.GatewayLost(GATEWAY))
    world.run(commands.WithdrawCalls((CallId("call-4"),), "held", ringing=True))
    world.wait(60)
    world.run(commands.Tick())
    assert not world.happened(CallFinished), "what became of it is not known yet"
    assert not world.done(effects.EndWithPrompt)
    there = gateway_facts.LiveCall(CallId("call-4"), "treated" if treated else "screening", None)
    world.run(gateway_facts.GatewaySnapshot(GATEWAY, "boot-1", (there,), (A,), (TRUNK,)))
    told = [effect.call_id for effect in world.done(effects.EndWithPrompt)]
    assert told == ([] if treated else ["call-4"])
    world.wait(2)
    world.run(commands.Tick())
    assert world.call(4).ending_at is not None, "the recording is played to its end"


def test_who_picks_up_while_the_order_is_on_its_way_is_abandoned_and_not_forgotten() -> None:
    world = floor()
    world.run(commands.WithdrawCalls((CallId("call-3"),), "held", ringing=True))
    world.answer(3)
    world.run(gateway_facts.CallTreated(CallId("call-3"), "safe_harbour", world.now))
    world.end(3, by="desk", answered=True, abandoned=True)
    assert world.happened(CallFinished)[0].abandoned


@pytest.mark.parametrize("ringing", [True, False])
def test_a_customer_shown_and_not_called_leaves_the_screen(ringing: bool) -> None:
    world = World(mode="preview")
    world.ready()
    world.run(commands.NextCustomer(A))
    world.run(commands.StartCalls(CAMPAIGN, 1, "", A))
    world.lease(1, seat_id=A)
    world.run(commands.WithdrawCalls((CallId("call-1"), CallId("gone")), "paid", ringing=ringing))
    assert world.state() is SeatState.AVAILABLE
    assert world.happened(CallFinished)[0].counts is False
