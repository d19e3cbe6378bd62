"""F18: a gateway repeats itself, and its events may come late and in any order: one outcome."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from agent_desk.dialer import gateway_facts
from agent_desk.dialer.errors import IllegalMove
from agent_desk.dialer.events import CallFinished, SeatMoved
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId
from tests.agent_desk.dialer.floors import A, World, ended, instant, screened

EXAMPLES = int(os.environ.get("CHAOS_EXAMPLES", "50"))
CALL = CallId("call-1")
ENDINGS: dict[str, tuple[dict[str, Any], set[str]]] = {
    # What the gateway says last, and what it may be written down as: whether the talk's news came
    # before its end decides what an end without more words was.
    # (A person who was offered to nobody within two seconds, and then went, was abandoned.)
    "customer": ({"by": "customer"}, {"human", "hung_up_at_once", "abandoned"}),
    "desk": ({"by": "desk"}, {"human", "abandoned"}),
    "seat lost": ({"by": "gateway", "seat_lost": True}, {"seat_lost"}),
    "nobody took it": ({"by": "gateway", "abandoned": True}, {"abandoned", "human"}),
    "machine": ({"by": "gateway", "verdict": "machine"}, {"machine"}),
}


def story(ending: str) -> list[Any]:
    """All a gateway has to say of a call, in order."""
    return [
        gateway_facts.CallPlaced(CALL, instant(1)),
        gateway_facts.CallRinging(CALL, instant(2)),
        gateway_facts.CallAnswered(CALL, instant(3)),
        screened(1, instant(4)),
        gateway_facts.CallBridged(CALL, A, instant(5)),
        gateway_facts.SeatSilent(CALL, A, instant(6), True),
        gateway_facts.SeatSilent(CALL, A, instant(7), False),
        ended(1, instant(8), **ENDINGS[ending][0]),
    ]


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A story with everything told once at least, some of it again, in any order."""
    ending = draw(st.sampled_from(sorted(ENDINGS)))
    told = story(ending)
    again = draw(st.lists(st.integers(0, len(told) - 1), max_size=8))
    order = draw(st.permutations([*range(len(told)), *again]))
    return ending, [told[place] for place in order]


def play(log: list[Any]) -> World:
    """The log into a fresh core with one operator waiting; what cannot be true is refused."""
    world = World()
    world.ready(A)
    world.wait(10)
    world.hear()
    world.lease(1)
    for fact in log:
        try:
            world.run(replace(fact))
        except IllegalMove:
            continue
    return world


def summary(world: World) -> list[Any]:
    return [
        [(each.outcome, each.counts) for each in world.happened(CallFinished)],
        [(each.from_state, each.to_state) for each in world.happened(SeatMoved)],
        world.state(A),
    ]


@seed(20301126)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(logs())
def test_a_shuffled_and_repeated_log_ends_in_one_outcome(told: tuple[str, list[Any]]) -> None:
    ending, log = told
    world = play(log)
    finished = world.happened(CallFinished)
    assert len(finished) == 1
    assert finished[0].outcome in ENDINGS[ending][1]
    assert finished[0].counts
    assert world.state(A) in (SeatState.AVAILABLE, SeatState.WRAP_UP)
    assert summary(play(log)) == summary(world)


@seed(20301126)
@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(st.sampled_from(sorted(ENDINGS)), st.lists(st.integers(0, 7), max_size=12))
def test_what_is_told_again_changes_nothing(ending: str, again: list[int]) -> None:
    told = story(ending)
    log: list[Any] = []
    for place, fact in enumerate(told):
        log += [fact, *(told[old] for old in again if old <= place)]
    assert summary(play(log))[0] == summary(play(told))[0]
    assert summary(play(log))[2] == summary(play(told))[2]
