"""Durations from moves: no gap, no overlap, nothing lost at midnight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer import commands
from agent_desk.dialer.events import SeatMoved
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId
from agent_desk.dialer.metrics import SeatMetrics, day_metrics
from agent_desk.dialer.seats import SEAT_MOVES
from tests.agent_desk.dialer.floors import A, World, instant

DAY = (instant(-36_000), instant(50_400))  # from midnight to midnight in Japan


@dataclass(frozen=True)
class Row:
    """What metrics read of a move."""

    from_state: str
    to_state: str
    at: datetime
    reason: str | None = None


def rows(*states: tuple[str, float] | tuple[str, float, str]) -> list[Row]:
    """Moves from offline through these states at these seconds."""
    made, before = [], "offline"
    for state, seconds, *reason in states:
        made.append(Row(before, state, instant(seconds), reason[0] if reason else None))
        before = state
    return made


def metrics(moves: list[Row], now: float) -> SeatMetrics:
    return day_metrics(moves, start=DAY[0], end=DAY[1], now=instant(now))


SHIFT = (
    ("starting", 0),
    ("available", 10),
    ("reserved", 70),
    ("talking", 71),
    ("hold", 100),
    ("talking", 110),
    ("wrap_up", 131),
    ("available", 161),
    ("away", 201, "meal"),
    ("away", 301, "meeting"),
    ("offline", 401),
)


def test_each_state_gets_its_seconds() -> None:
    day = metrics(rows(*SHIFT), now=1000)
    assert (day.idle_s, day.talk_s, day.hold_s, day.wrap_s, day.away_s) == (100, 50, 10, 30, 200)
    assert day.seconds(SeatState.STARTING) == 10
    assert day.login == timedelta(seconds=401)
    assert day.away_by_reason == {
        "meal": timedelta(seconds=100),
        "meeting": timedelta(seconds=100),
    }


def test_averages_are_per_call_and_per_wait() -> None:
    day = metrics(rows(*SHIFT), now=1000)
    assert (day.calls, day.idle_intervals) == (1, 2)
    assert day.average_idle_s == 50
    assert (day.average_talk_s, day.average_wrap_s) == (50, 30)
    assert (day.handle_s, day.average_handle_s) == (90, 90)
    assert day.occupancy == pytest.approx(90 / 190)


def test_a_seat_that_did_nothing_has_no_averages() -> None:
    day = metrics([], now=1000)
    assert day.login == timedelta()
    assert (day.average_idle_s, day.average_handle_s, day.occupancy) == (None, None, None)


def test_the_running_interval_is_counted_up_to_now() -> None:
    assert metrics(rows(("available", 0)), now=33.5).idle_s == 33.5
    assert metrics(rows(("available", 0)), now=0).idle_s == 0


def test_a_shift_over_midnight_is_shared_out() -> None:
    moves = rows(("available", 50_000), ("talking", 50_300), ("wrap_up", 50_500))
    moves[1] = Row("reserved", "talking", moves[1].at)
    today = metrics(moves, now=60_000)
    tomorrow = day_metrics(moves, start=DAY[1], end=instant(136_800), now=instant(50_600))
    assert (today.idle_s, today.talk_s, today.wrap_s) == (300, 100, 0)
    assert (tomorrow.talk_s, tomorrow.wrap_s) == (100, 100)
    assert (today.calls, tomorrow.calls) == (1, 0)


def test_the_last_move_before_the_day_says_where_it_began() -> None:
    moves = rows(("available", -40_000), ("away", 100, "meal"))
    assert metrics(moves, now=200).idle_s == 36_100


def test_what_the_engine_moved_adds_up_to_the_time_logged_in() -> None:
    world = World()
    world.ready()
    world.pass_time(20)
    world.bridge()
    world.pass_time(30)
    world.run(commands.SetHold(A, True))
    world.pass_time(7)
    world.run(commands.GoAway(A, "meal"))
    world.end()
    world.pass_time(9)
    world.run(commands.SaveResult(A, CallId("call-1"), ""))
    world.pass_time(40)
    world.run(commands.CloseSeat(A, "logout"))
    moves = world.happened(SeatMoved)
    day = day_metrics(moves, start=DAY[0], end=DAY[1], now=instant(9_999))
    assert day.login == world.now - instant(0)
    assert (day.talk_s, day.hold_s, day.wrap_s, day.away_s, day.calls) == (30, 7, 9, 40, 1)


WALKS = st.lists(st.tuples(st.integers(0, 3_600_000_000), st.integers(0, 50)), max_size=25)


@given(walk=WALKS, end=st.integers(0, 3_600_000_000))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_states_add_up_to_the_login_time_exactly(walk: list[tuple[int, int]], end: int) -> None:
    """Any walk through the machine, at any microseconds."""
    state, at, moves, login = SeatState.OFFLINE, instant(0), [], timedelta()
    for pause, choice in walk:
        targets = sorted({to for (start, _), to in SEAT_MOVES.items() if start is state})
        after = at + timedelta(microseconds=pause)
        if state is not SeatState.OFFLINE:
            login += after - at
        following = targets[choice % len(targets)]
        moves.append(Row(state, following, after))
        state, at = following, after
    now = at + timedelta(microseconds=end)
    if state is not SeatState.OFFLINE:
        login += now - at
    day = day_metrics(moves, start=instant(0), end=now + timedelta(days=9), now=now)
    assert day.login == login
    middle = instant(0) + (now - instant(0)) / 2
    before = day_metrics(moves, start=instant(0), end=middle, now=now)
    after_it = day_metrics(moves, start=middle, end=now + timedelta(days=9), now=now)
    assert before.login + after_it.login == login
