"""The one timer, on a clock the test turns."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from softphone.audio.ticker import Ticker


class Handle:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class HandClock:
    """The part of an event loop a ticker uses; `advance` runs what is due."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, Callable[[], None], Handle]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], None]) -> Handle:
        handle = Handle()
        self.timers.append((when, callback, handle))
        return handle

    @property
    def waiting(self) -> int:
        return sum(not handle.cancelled for _, _, handle in self.timers)

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [t for t in self.timers if t[0] <= end and not t[2].cancelled]:
            timer = min(due, key=lambda t: t[0])
            self.timers.remove(timer)
            self.now = max(self.now, timer[0])
            timer[1]()
        self.now = end

    def stall(self, seconds: float) -> None:
        """Time passes and nothing runs."""
        self.now += seconds
        self.advance(0)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_fifty_ticks_a_second_numbered_without_a_gap(clock: HandClock) -> None:
    ticks: list[int] = []
    Ticker(clock).add(ticks.append)  # type: ignore[arg-type]
    clock.advance(1.0)
    assert 49 <= len(ticks) <= 51
    assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))


def test_missed_ticks_are_skipped_and_numbered_by_the_clock(clock: HandClock) -> None:
    ticks: list[int] = []
    Ticker(clock).add(ticks.append)  # type: ignore[arg-type]
    clock.advance(0.1)
    before = len(ticks)
    clock.stall(2.0)
    clock.advance(0.1)
    assert len(ticks) - before <= 7
    assert ticks[-1] - ticks[0] == pytest.approx(110, abs=2)


def test_the_timer_stands_still_without_players(clock: HandClock) -> None:
    ticker = Ticker(clock)  # type: ignore[arg-type]
    ticks: list[int] = []
    ticker.add(ticks.append)
    ticker.remove(ticks.append)
    clock.advance(1.0)
    assert (ticks, clock.waiting) == ([], 0)


def test_a_player_may_leave_and_another_join_during_a_tick(clock: HandClock) -> None:
    ticker = Ticker(clock)  # type: ignore[arg-type]
    heard: list[str] = []

    def first(tick: int) -> None:
        heard.append("first")
        ticker.remove(first)
        ticker.remove(second)
        ticker.add(third)

    def second(tick: int) -> None:
        heard.append("second")

    def third(tick: int) -> None:
        heard.append("third")
        ticker.remove(third)

    ticker.add(first)
    ticker.add(second)
    clock.advance(0.1)
    assert heard == ["first", "third"]
    assert clock.waiting == 0


def test_a_failing_player_does_not_silence_the_others(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    ticker = Ticker(clock)  # type: ignore[arg-type]
    ticks: list[int] = []

    def broken(tick: int) -> None:
        raise RuntimeError("no such leg")

    ticker.add(broken)
    ticker.add(ticks.append)
    with caplog.at_level(logging.ERROR):
        clock.advance(0.1)
    assert len(ticks) >= 4
    assert len(caplog.records) == 1


def test_a_player_that_starts_the_next_one_does_not_double_the_pace(clock: HandClock) -> None:
    ticker = Ticker(clock)  # type: ignore[arg-type]
    ticks: list[int] = []

    def first(tick: int) -> None:
        ticker.remove(first)
        ticker.add(ticks.append)
        assert ticker.latest == tick

    ticker.add(first)
    clock.advance(1.01)
    assert len(ticks) == len(set(ticks)) <= 50
    assert ticker.latest == ticks[-1]
