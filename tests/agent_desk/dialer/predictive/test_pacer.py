"""The predictive pacer: what it may never do, and that it goes on where it left off."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer.events import CallPromptPlayed
from agent_desk.dialer.floor import Answers, CallState, SeatState
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.pacing import (
    Decision,
    LineView,
    PacingSnapshot,
    PredictivePacer,
    SeatView,
    pacer_for,
    unserved,
)
from agent_desk.dialer.why_codes import WhyCode
from tests.agent_desk.dialer.floors import instant
from tests.agent_desk.dialer.test_pacing import lines, seats, view

FULL = Answers(live_24h=2000, abandoned_24h=20, live_30d=2000, abandoned_30d=20)
TALK = SeatState.TALKING
LATER = 1000.0

phases = st.sampled_from(list(SeatState))
states = st.sampled_from([state for state in CallState if state is not CallState.ENDED])
past = st.floats(0.0, LATER).map(lambda at: instant(round(at, 1)))


@st.composite
def seat_views(draw: Any) -> tuple[SeatView, ...]:
    drawn = draw(st.lists(st.tuples(phases, past, st.booleans()), max_size=14))
    return tuple(
        SeatView(SeatId(f"seat-{at}"), phase, since, ready and phase is SeatState.AVAILABLE)
        for at, (phase, since, ready) in enumerate(drawn)
    )


@st.composite
def line_views(draw: Any) -> tuple[LineView, ...]:
    one = st.tuples(states, past, st.none() | past, st.none() | past, st.booleans(), st.booleans())
    return tuple(
        LineView(
            CallId(f"call-{at}"), state, since, rang, answered, SeatId("x") if seat else None, ends
        )
        for at, (state, since, rang, answered, seat, ends) in enumerate(
            draw(st.lists(one, max_size=14))
        )
    )


@st.composite
def snapshots(draw: Any) -> PacingSnapshot:
    live = draw(st.integers(0, 5000))
    abandoned = draw(st.integers(0, live // 20))
    return view(
        mode="predictive",
        seats=draw(seat_views()),
        lines=draw(line_views()),
        leasing=draw(st.integers(0, 20)),
        abandon_target=draw(st.floats(0.0, 0.03)),
        answers=Answers(live, abandoned, live, abandoned),
        lines_room=draw(st.integers(-3, 300)),
        calls_now=draw(st.integers(-3, 300)),
        bridge_within_s=draw(st.floats(0.0, 5.0)),
        safe_harbour=draw(st.booleans()),
    )


def allowed(snapshot: PacingSnapshot) -> int:
    return max(0, min(snapshot.lines_room, snapshot.calls_now))


@given(shown=st.lists(snapshots(), min_size=1, max_size=2), cap=st.none() | st.floats(1.0, 5.0))
@settings(max_examples=40, derandomize=True, deadline=None)
def test_every_idle_ready_seat_has_a_line_and_no_cap_is_broken(
    shown: list[PacingSnapshot], cap: float | None
) -> None:
    pacer = PredictivePacer(cap)
    for step, snapshot in enumerate(shown):
        decision = pacer.decide(snapshot, instant(LATER + 0.1 * step))
        in_flight = unserved(snapshot)
        idle = sum(seat.ready for seat in snapshot.seats)
        if any(seat.phase is not SeatState.OFFLINE for seat in snapshot.seats):
            assert decision.count >= min(idle - in_flight, allowed(snapshot))
        assert 0 <= decision.count <= allowed(snapshot)
        if cap is not None and decision.count:
            most = cap * max(1.0, decision.expected_free)
            assert decision.count + in_flight <= max(idle, most + 1e-6)
        assert decision.count or decision.reason is not WhyCode.NOTHING


@given(shown=st.lists(snapshots(), min_size=1, max_size=3))
@settings(max_examples=12, derandomize=True, deadline=None)
def test_a_pacer_goes_on_from_its_memory(shown: list[PacingSnapshot]) -> None:
    pacer = PredictivePacer(3.0)
    for step, snapshot in enumerate(shown):
        pacer.decide(snapshot, instant(LATER + 30.0 * step))
    pacer.decide(view(seats=()), instant(LATER + 200.0))  # the end of the day: nobody is left
    again = pacer_for("predictive", 3.0, json.loads(json.dumps(pacer.memory(), allow_nan=False)))
    assert again.memory() == pacer.memory()
    morning = view(
        seats=seats(3) + seats(6, TALK) + seats(3, SeatState.WRAP_UP), lines=lines(4), answers=FULL
    )
    told, retold = (each.decide(morning, instant(LATER + 300.0)) for each in (pacer, again))
    assert (retold.count, retold.reason) == (told.count, told.reason)
    assert retold.expected_free == pytest.approx(told.expected_free, abs=1e-3)


@pytest.mark.parametrize(
    "damage",
    [
        {"version": 2},
        {"version": None},
        {"talk": None},
        {"ring": {"share": {}}},
        {"screen": []},
        {"wrap": {"exits": "x", "time": "y", "seen": 1}},
        {"returning": {"value": float("nan")}},
    ],
)
def test_a_damaged_memory_is_as_good_as_none(damage: dict[str, Any]) -> None:
    taught = PredictivePacer(None)
    for at in range(50):
        taught._watch.talk.learn(5.0)
        taught._watch.ring.learn(2.0, live=True, hour=at % 24)
    fresh = PredictivePacer(None, {**taught.memory(), **damage})
    assert fresh.memory() == PredictivePacer(None).memory()
    assert PredictivePacer(None, taught.memory()).memory() == taught.memory()


@pytest.mark.parametrize("cap", [0.9, 5.1, float("nan")])
def test_a_cap_outside_its_limits_is_a_mistake(cap: float) -> None:
    with pytest.raises(ValueError, match="ratio"):
        PredictivePacer(cap)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"answers": Answers(1000, 30, 1000, 30)}, WhyCode.BUDGET_SPENT),
        ({"seats": seats(2) + seats(5, SeatState.AWAY)}, WhyCode.FEW_SEATS),
        ({"safe_harbour": False}, WhyCode.NO_SAFE_HARBOUR),
    ],
)
def test_it_does_not_dial_ahead_when_it_may_not(facts: Any, reason: WhyCode) -> None:
    snapshot = view(**{"seats": seats(4), "answers": FULL, "abandon_target": 0.03, **facts})
    decision = PredictivePacer(5.0).decide(snapshot, instant(1))
    assert (decision.count, decision.reason) == (
        sum(seat.ready for seat in snapshot.seats),
        reason,
    )


def test_busy_operators_are_dialed_for_before_they_are_free() -> None:
    about_to_end = seats(12, SeatState.WRAP_UP)
    snapshot = view(seats=about_to_end, answers=FULL, abandon_target=0.03)
    assert PredictivePacer(5.0).decide(snapshot, instant(40)).count > 0


def test_few_seats_are_those_at_work_and_not_those_that_wait() -> None:
    snapshot = view(seats=seats(2) + seats(4, TALK), answers=FULL, abandon_target=0.03)
    decision = PredictivePacer(5.0).decide(snapshot, instant(5))
    assert decision.reason is not WhyCode.FEW_SEATS
    assert decision.count > 2


@pytest.mark.parametrize(
    ("sitting", "reason"),
    [
        (seats(2, TALK), WhyCode.NO_SEAT_AVAILABLE),
        (seats(5, SeatState.AWAY), WhyCode.NO_SEAT_AVAILABLE),
        (seats(4, ready=False), WhyCode.NO_SEAT_READY),
    ],
)
def test_where_nobody_is_idle_it_says_so_and_not_that_seats_are_few(
    sitting: tuple[SeatView, ...], reason: WhyCode
) -> None:
    seen = view(mode="predictive", seats=sitting, answers=FULL)
    decision = PredictivePacer(3.0).decide(seen, instant(0))
    assert (decision.count, decision.reason) == (0, reason)


def test_with_the_budget_nearly_used_up_it_says_so_and_starts_fewer() -> None:
    facts = {"seats": seats(6) + seats(6, TALK), "abandon_target": 0.03}
    rich = PredictivePacer(None).decide(view(answers=FULL, **facts), instant(5))
    poor = Answers(1000, 29, 1000, 29)
    held_back = PredictivePacer(None).decide(view(answers=poor, **facts), instant(5))
    assert held_back.count < rich.count
    assert held_back.reason is WhyCode.ABANDON_BUDGET
    assert held_back.price is not None
    assert rich.price is not None
    assert held_back.price < rich.price


def test_old_lines_are_worth_less_than_young_ones() -> None:
    facts = {"seats": seats(6), "answers": FULL, "abandon_target": 0.03}
    young = view(lines=lines(14, rang_since=instant(20), since=instant(20)), **facts)
    old = view(lines=lines(14, rang_since=instant(0), since=instant(0)), **facts)
    counts = [PredictivePacer(None).decide(each, instant(23)).count for each in (young, old)]
    assert counts[0] < counts[1]


def test_a_moment_later_nothing_is_started_twice_but_an_idle_seat_is_served_at_once() -> None:
    pacer = PredictivePacer(None)
    first = view(seats=seats(3) + seats(3, TALK), answers=FULL, abandon_target=0.03)
    count = pacer.decide(first, instant(5)).count
    leased = replace(first, leasing=count)
    assert pacer.decide(leased, instant(5.1)).count == 0
    idle = replace(first, seats=seats(count + 2), leasing=count)
    assert pacer.decide(idle, instant(5.2)).count >= 2


def test_what_a_trunk_or_its_pace_cut_off_leaves_as_soon_as_it_may() -> None:
    facts = {"seats": seats(6) + seats(6, TALK), "answers": FULL, "abandon_target": 0.03}
    wanted = PredictivePacer(None).decide(view(**facts), instant(5)).count
    for room in ("calls_now", "lines_room"):
        pacer = PredictivePacer(None)
        assert pacer.decide(view(**facts, **{room: 7}), instant(5)).count == 7 < wanted - 1
        begun = view(**facts, leasing=7)
        assert pacer.decide(begun, instant(5.1)).count == wanted - 7


def test_what_forbids_a_call_comes_before_the_odds() -> None:
    pacer = PredictivePacer(None)
    pacer.decide(view(seats=seats(4)), instant(5))
    assert pacer.decide(view(running="paused"), instant(5.1)) == Decision(
        0, WhyCode.CAMPAIGN_PAUSED
    )


def test_events_move_nothing() -> None:
    pacer = PredictivePacer(None)
    before = pacer.memory()
    pacer.observe(CallPromptPlayed(CallId("call-1"), "safe_harbour", instant(0)), instant(0))
    assert pacer.memory() == before


def test_a_clock_that_steps_back_is_survived() -> None:
    pacer, dice = PredictivePacer(5.0), random.Random(5)
    for _ in range(200):
        at = dice.uniform(0.0, LATER)
        snapshot = view(
            seats=seats(4) + seats(4, TALK), lines=lines(dice.randrange(9)), answers=FULL
        )
        decision = pacer.decide(snapshot, instant(at))
        assert decision.count + len(snapshot.lines) >= 4
