"""The figures of the one message a second."""

from __future__ import annotations

import logging

import pytest

from softphone.health.liveness import LoopLag
from tests.fakes.timers import HandClock


def test_the_worst_lag_of_the_second_is_told_once() -> None:
    lag = LoopLag(HandClock().now)
    for late_s in (0.01, 0.3, 0.02):
        lag.note(late_s)
    assert lag.take_ms() == pytest.approx(300)
    assert lag.take_ms() == 0.0


def lag_of(clock: HandClock, *, share: float = 0.6, limit_ms: float = 20.0) -> LoopLag:
    """Of a process that uses so much of a core."""
    return LoopLag(clock.now, limit_ms=limit_ms, cpu_s=lambda: share * clock.now())


def probe(clock: HandClock, lag: LoopLag, late_ms: float, *, seconds: float) -> None:
    """The loop is so late at every look for so long."""
    for _ in range(round(seconds * 20)):
        clock.pass_s(0.05)
        lag.note(late_ms / 1000)


def test_a_loop_late_for_five_seconds_is_overloaded_and_for_four_it_is_not() -> None:
    clock = HandClock()
    lag = lag_of(clock)
    probe(clock, lag, 25, seconds=4)
    assert not lag.overloaded
    probe(clock, lag, 25, seconds=1.2)
    assert lag.overloaded


def test_one_stall_is_no_overload_however_long_it_was() -> None:
    clock = HandClock()
    lag = lag_of(clock)
    for _ in range(4):
        probe(clock, lag, 2, seconds=5)
        lag.note(3.0)
    assert not lag.overloaded


def test_overload_ends_when_the_lag_was_half_the_limit_for_as_long() -> None:
    clock = HandClock()
    lag = lag_of(clock)
    probe(clock, lag, 25, seconds=6)
    probe(clock, lag, 15, seconds=60)
    assert lag.overloaded, "below the limit, and not by enough"
    probe(clock, lag, 8, seconds=9)
    assert lag.overloaded, "the late seconds have only just left the window"
    probe(clock, lag, 8, seconds=2)
    assert not lag.overloaded


def test_the_limit_is_a_setting_and_the_percentile_can_be_read() -> None:
    clock = HandClock()
    lag = lag_of(clock, limit_ms=100)
    assert lag.p99_ms() == 0.0
    probe(clock, lag, 60, seconds=20)
    assert not lag.overloaded
    assert lag.p99_ms() == pytest.approx(60)


def test_the_change_is_logged_once_each_way(caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    lag = lag_of(clock)
    with caplog.at_level(logging.WARNING):
        probe(clock, lag, 30, seconds=20)
        probe(clock, lag, 1, seconds=20)
    assert [record.getMessage() for record in caplog.records] == [
        "overloaded: no new calls",
        "not overloaded any more",
    ]


def test_a_gateway_that_others_starve_takes_calls_until_voices_break_up() -> None:
    clock = HandClock()
    lag = lag_of(clock, share=0.1)
    probe(clock, lag, 150, seconds=30)
    assert not lag.overloaded, "fewer calls would not help it"
    probe(clock, lag, 250, seconds=11)
    assert lag.overloaded
    probe(clock, lag, 90, seconds=11)
    assert not lag.overloaded
