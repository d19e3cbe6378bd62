"""Calls nobody may want any more end, unless they have come too far."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, effects
from agent_desk.dialer.events import CallFinished
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId
from tests.agent_desk.dialer.floors import CAMPAIGN, A, World

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


def test_a_hold_ends_what_rings_and_lets_who_answered_hear_why() -> None:
    world = floor()
    world.run(commands.WithdrawCalls(ALL, "held", ringing=True))
    assert [effect.call_id for effect in world.done(effects.HangUp)] == ["call-2", "call-3"]
    assert [effect.call_id for effect in world.done(effects.EndWithPrompt)] == ["call-4"]
    assert world.state() is SeatState.TALKING
    assert not world.done(effects.BlockNumbers)


def test_a_payment_ends_only_what_has_not_left() -> None:
    world = floor()
    world.run(commands.WithdrawCalls(ALL, "paid", ringing=False))
    assert [effect.call_id for effect in world.done(effects.HangUp)] == ["call-2"]
    assert not world.done(effects.EndWithPrompt)


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
