"""What one snapshot after another teaches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.ids import CallId
from agent_desk.dialer.pacing_facts import LineView, SeatView
from agent_desk.dialer.predictive.watch import Ages, Watch
from tests.agent_desk.dialer.floors import A, B, instant
from tests.agent_desk.dialer.test_pacing import view


class Floor:
    """One seat and some lines, shown to a watch at chosen seconds."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.seats: dict[Any, SeatView] = {}
        self.lines: dict[str, LineView] = {}

    def seat(self, phase: SeatState, since: float, seat_id: Any = A) -> Floor:
        self.seats[seat_id] = SeatView(seat_id, phase, instant(since), phase is SeatState.AVAILABLE)
        return self

    def line(self, name: str, phase: CallState, since: float, **facts: Any) -> Floor:
        plain: dict[str, Any] = {"rang_since": None, "answered_at": None, "seat_id": None}
        known = self.lines.get(name)
        if known is not None:
            plain["rang_since"] = known.rang_since
        self.lines[name] = LineView(CallId(name), phase, instant(since), **{**plain, **facts})
        return self

    def ringing(self, name: str, since: float) -> Floor:
        return self.line(name, CallState.RINGING, since, rang_since=instant(since))

    def look(self, at: float) -> Ages:
        shown = view(seats=tuple(self.seats.values()), lines=tuple(self.lines.values()))
        return self.watch.look(shown, instant(at))


def test_ages_are_counted_in_steps_from_where_the_floor_says() -> None:
    floor = Floor().seat(SeatState.TALKING, 10).seat(SeatState.WRAP_UP, 25, B)
    floor.ringing("one", 21).line("two", CallState.WAITING, 29)
    ages = floor.look(30)
    assert (ages.talking, ages.wrapping, ages.ringing) == ([10], [2], [18])
    assert (ages.idle, ages.at_work, ages.waiting, ages.in_flight) == (0, 2, 1, 2)


def test_a_talk_is_learnt_from_bridge_to_end_with_its_hold() -> None:
    floor = Floor().seat(SeatState.RESERVED, 0)
    floor.look(0)
    for phase, since in (
        (SeatState.TALKING, 1),
        (SeatState.HOLD, 20),
        (SeatState.TALKING, 50),
        (SeatState.WRAP_UP, 60),
        (SeatState.AVAILABLE, 75),
    ):
        floor.seat(phase, since).look(since + 0.2)
    assert (floor.watch.talk.seen, floor.watch.wrap.seen) == (1, 1)
    fresh = Watch()
    fresh.talk.learn(60.0)
    fresh.wrap.learn(15.0)
    at = np.array([30.0, 100.0])
    assert floor.watch.talk.hazard(at) == pytest.approx(fresh.talk.hazard(at))
    assert floor.watch.wrap.hazard(at) == pytest.approx(fresh.wrap.hazard(at))


def test_going_away_after_wrap_up_teaches_that_not_every_seat_returns() -> None:
    floor = Floor().seat(SeatState.WRAP_UP, 0)
    floor.look(0)
    before = floor.watch.returning.value
    floor.seat(SeatState.AWAY, 9).look(9)
    assert floor.watch.returning.value < before


def test_a_line_that_is_gone_while_it_rang_was_not_answered() -> None:
    floor = Floor().ringing("one", 0)
    floor.look(0.2)
    floor.lines.clear()
    floor.look(25)
    assert floor.watch.ring.count == 1
    assert floor.watch.ring.share.value < Watch().ring.share.value
    assert floor.watch.screen.count == 0


def test_a_line_that_is_gone_while_it_was_screened_was_no_person() -> None:
    floor = Floor().ringing("one", 0)
    floor.look(0.2)
    floor.line("one", CallState.SCREENING, 8, answered_at=instant(8)).look(8.1)
    floor.lines.clear()
    floor.look(11)
    assert floor.watch.ring.share.value < Watch().ring.share.value
    assert floor.watch.screen.share.value < Watch().screen.share.value


@pytest.mark.parametrize("phase", [CallState.WAITING, CallState.BRIDGED])
def test_a_line_offered_to_a_seat_was_a_person_once(phase: CallState) -> None:
    floor = Floor().ringing("one", 0)
    floor.look(0.2)
    seat = None if phase is CallState.WAITING else A
    floor.line("one", phase, 9, answered_at=instant(8), seat_id=seat)
    for at in (9.0, 10.0, 60.0):
        floor.look(at)
    floor.lines.clear()
    floor.look(90)
    assert (floor.watch.ring.count, floor.watch.screen.count) == (1, 1)
    fresh = Watch()
    fresh.ring.learn(8.0, live=True, hour=1)
    fresh.screen.learn(1.0, live=True, hour=1)
    assert floor.watch.memory() == fresh.memory()
    assert floor.watch.ring.share.value > Watch().ring.share.value


def test_fates_are_learnt_in_the_order_lines_began() -> None:
    floor = Floor().ringing("one", 0).ringing("two", 1)
    floor.look(1)
    del floor.lines["two"]
    floor.look(3)
    assert floor.watch.ring.count == 0  # the older one may still be answered
    floor.lines.clear()
    floor.look(25)
    assert floor.watch.ring.count == 2


def test_a_line_nobody_ends_does_not_stop_the_learning_for_ever() -> None:
    floor = Floor().ringing("stuck", 0).ringing("two", 1)
    floor.look(1)
    del floor.lines["two"]
    floor.look(30)
    floor.look(130)
    assert floor.watch.ring.count == 1


def test_a_line_first_seen_after_its_answer_teaches_nothing_about_ringing() -> None:
    floor = Floor().line("one", CallState.SCREENING, 5, answered_at=instant(5))
    assert floor.look(6).screening == [4]
    floor.lines.clear()
    floor.look(8)
    assert floor.watch.ring.count == 0


def test_abandoned_calls_are_counted_until_they_are_over() -> None:
    floor = Floor().line("one", CallState.WAITING, 5, answered_at=instant(4))
    assert (floor.look(6).waiting, floor.look(6).lost) == (1, 0)
    floor.lines["one"] = replace(floor.lines["one"], ending=True)
    ages = floor.look(8)
    assert (ages.waiting, ages.lost, ages.in_flight) == (0, 1, 0)


def test_seats_and_lines_that_left_are_forgotten() -> None:
    floor = Floor().seat(SeatState.TALKING, 0).ringing("one", 0)
    floor.look(1)
    floor.seats.clear()
    floor.lines.clear()
    floor.look(30)
    floor.seat(SeatState.WRAP_UP, 40).look(41)
    assert floor.watch.talk.seen == 0
