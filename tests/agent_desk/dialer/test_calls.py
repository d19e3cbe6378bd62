"""The call machine: the table itself, and every state × gateway fact through the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent_desk.dialer import events, gateway_facts
from agent_desk.dialer.calls import ALIVE, CALL_MOVES, EVENTS, LATE, OWN_EVENTS, is_late, move
from agent_desk.dialer.errors import IllegalMove
from agent_desk.dialer.floor import Call, CallState
from agent_desk.dialer.ids import CallId, CustomerId, ListEntryId, PhoneId
from tests.agent_desk.dialer.floors import (
    CAMPAIGN,
    GATEWAY,
    TRUNK,
    A,
    World,
    ended,
    instant,
    screened,
)

PAIRS = [(state, event) for state in CallState for event in EVENTS]


def call_in(state: CallState) -> Call:
    """A call in some state."""
    return Call(
        call_id=CallId("call-1"),
        campaign_id=CAMPAIGN,
        list_entry_id=ListEntryId(1),
        customer_id=CustomerId(1),
        phone_id=PhoneId(1),
        number_key="key-1",
        number_today=1,
        trunk_id=TRUNK,
        gateway_id=GATEWAY,
        state=state,
        since=instant(0),
        not_after=instant(60),
    )


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_each_pair_moves_or_raises(state: CallState, event: str) -> None:
    call = call_in(state)
    if (state, event) in CALL_MOVES:
        assert move(call, event, instant(1)).state is CALL_MOVES[state, event]
        return
    with pytest.raises(IllegalMove) as illegal:
        move(call, event, instant(1))
    assert "call-1" in str(illegal.value)


def test_nothing_is_both_new_and_late() -> None:
    assert not CALL_MOVES.keys() & LATE
    assert {event for _, event in CALL_MOVES} == set(EVENTS)


@pytest.mark.parametrize("state", ALIVE)
def test_every_live_call_can_end(state: CallState) -> None:
    assert CALL_MOVES[state, "CallEnded"] is CallState.ENDED


@pytest.mark.parametrize("event", [event for event in EVENTS if event not in OWN_EVENTS])
def test_whatever_a_gateway_says_of_an_ended_call_is_old_news(event: str) -> None:
    assert is_late(CallState.ENDED, event)
    assert not [state for (start, _), state in CALL_MOVES.items() if start is CallState.ENDED]


def test_a_call_never_goes_back() -> None:
    order = list(CallState)
    assert all(order.index(end) >= order.index(start) for (start, _), end in CALL_MOVES.items())


def test_staying_keeps_the_instant_and_moving_never_goes_back_in_time() -> None:
    call = replace(call_in(CallState.WAITING), since=instant(9))
    assert move(call, "CallScreened", instant(20)).since == instant(9)
    assert move(call, "CallBridged", instant(5)).since == instant(9)


FACTS: dict[str, Any] = {
    "CallPlaced": gateway_facts.CallPlaced(CallId("call-1"), instant(5)),
    "CallNotPlaced": gateway_facts.CallNotPlaced(CallId("call-1"), instant(5), "late"),
    "CallRinging": gateway_facts.CallRinging(CallId("call-1"), instant(5)),
    "CallAnswered": gateway_facts.CallAnswered(CallId("call-1"), instant(5)),
    "CallScreened": screened(1, instant(5), verdict="machine", offered=False),
    "CallOffered": screened(1, instant(5), verdict="uncertain"),
    "CallBridged": gateway_facts.CallBridged(CallId("call-1"), A, instant(5)),
    "CallTreated": gateway_facts.CallTreated(CallId("call-1"), instant(5), "hold"),
    "CallEnded": ended(1, instant(5)),
}


def said_of_an_ended_call(event: str) -> tuple[Any, ...]:
    """A call nobody is at any more may still have had its line, until its end was told again."""
    return (events.LineFreed(CallId("call-1"), instant(5)),) if event == "CallEnded" else ()


def world_with(state: CallState) -> World:
    """A world whose first call went to this state by ordinary facts."""
    world = World(screening="off" if state is CallState.ANSWERED else "strict")
    world.ready()
    world.lease(1)
    steps = {
        CallState.LEASED: lambda: None,
        CallState.PLACED: lambda: world.run(FACTS["CallPlaced"]),
        CallState.RINGING: lambda: world.ring(1),
        CallState.ANSWERED: lambda: world.answer(1),
        CallState.SCREENING: lambda: world.answer(1),
        CallState.WAITING: lambda: world.offer(1),
    }
    if state in (CallState.BRIDGED, CallState.ENDED):
        world.offer(1)
        world.run(gateway_facts.CallBridged(CallId("call-1"), A, world.now))
        if state is CallState.ENDED:
            world.end(1)
    else:
        steps[state]()
    return world


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("event", sorted(FACTS))
def test_the_engine_obeys_the_table_in_every_state(state: CallState, event: str) -> None:
    world = world_with(state)
    assert world.call().state is state
    world.wait(5)
    before = world.floor
    offered_again = event == "CallOffered" and state in (CallState.WAITING, CallState.BRIDGED)
    if is_late(state, event) and not offered_again:
        decided = world.run(FACTS[event])
        assert (decided.floor, decided.effects) == (before, ())
        assert decided.events == said_of_an_ended_call(event)
        return
    name = "CallScreened" if offered_again else event
    if (state, name) not in CALL_MOVES:
        with pytest.raises(IllegalMove):
            world.run(FACTS[event])
        assert world.floor is before
        return
    world.run(FACTS[event])
    after = world.call().state if world.has_call() else CallState.ENDED
    expected = CALL_MOVES[state, name]
    if expected is CallState.ANSWERED and world.floor.campaigns[CAMPAIGN].screening != "off":
        expected = CALL_MOVES[expected, "ScreeningBegan"]
    assert after is expected


def test_news_of_an_unknown_call_changes_nothing() -> None:
    world = World()
    before = world.floor
    for name, fact in FACTS.items():
        decided = world.run(fact)
        assert decided.floor is before
        assert decided.events == said_of_an_ended_call(name)


def test_a_fact_that_skips_states_takes_the_call_along() -> None:
    world = World()
    world.lease(1)
    world.run(gateway_facts.CallAnswered(CallId("call-1"), world.now))
    assert world.call().state is CallState.SCREENING
    world.run(gateway_facts.CallRinging(CallId("call-1"), world.now))
    assert world.call().state is CallState.SCREENING
