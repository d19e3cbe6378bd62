"""F23: the clock is set while people are calling: no time runs backwards, and it is told."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from agent_desk.clock import SystemClock

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """Its clock, which somebody may set, and its running time, which nobody can."""

    def __init__(self) -> None:
        self.wall, self.running_s = NOON, 1000.0
        self.clock = SystemClock(wall=lambda: self.wall, running=lambda: self.running_s)

    def run(self, seconds: float) -> datetime:
        self.wall += timedelta(seconds=seconds)
        self.running_s += seconds
        return self.clock.now()

    def set(self, by: timedelta) -> None:
        self.wall += by


@pytest.mark.parametrize("step", [HOUR, -HOUR, timedelta(seconds=2.1), timedelta(days=-400)])
def test_a_step_is_told_at_once_and_business_time_goes_on_as_before(step: timedelta) -> None:
    machine = Machine()
    before = machine.run(10)
    machine.set(step)
    assert machine.clock.stepped
    assert machine.clock.now() == before
    assert machine.run(60) == before + timedelta(seconds=60)
    assert machine.clock.stepped, "steady and wrong is not right"


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_it_is_over_when_the_clock_is_set_right_again(step: timedelta) -> None:
    machine = Machine()
    machine.set(step)
    before = machine.run(30)
    machine.set(-step + timedelta(seconds=0.8))
    assert not machine.clock.stepped
    assert machine.clock.now() == before + timedelta(seconds=0.8)


def test_small_corrections_and_leap_seconds_are_followed() -> None:
    machine = Machine()
    for _ in range(20):
        machine.run(600)
        machine.set(timedelta(seconds=1))
        assert not machine.clock.stepped
        assert machine.clock.now() == machine.wall


def test_the_machine_may_sleep() -> None:
    """Its running time counts that, and so nothing was set."""
    machine = Machine()
    assert machine.run(8 * 3600.0) == machine.wall
    assert not machine.clock.stepped


def test_business_time_never_runs_backwards_whatever_is_set() -> None:
    rng = random.Random(20301126)
    machine = Machine()
    told = machine.clock.now()
    for _ in range(2000):
        machine.set(timedelta(seconds=rng.choice((0, 0, 0, 1.5, -1.5, 3600, -3600, -7200))))
        now = machine.run(rng.random())
        assert now >= told
        told = now


def test_a_shift_is_kept_over_a_step() -> None:
    machine = Machine()
    machine.clock = SystemClock(
        NOON + 50 * HOUR, wall=lambda: machine.wall, running=lambda: machine.running_s
    )
    machine.set(-HOUR)
    assert machine.run(5) == NOON + 50 * HOUR + timedelta(seconds=5)
    assert machine.clock.real_now() == machine.wall
    assert machine.clock.offset_s == 50 * 3600
