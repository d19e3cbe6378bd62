"""Dialing by hand: an operator dials, and hears every ring-out and every machine.

`OVERHEAD_S` is what a number costs before it rings (find, click, read). Each operator has a line
of their own, nobody is abandoned, and seats do not influence each other. Where a seat's day is
shorter (breaks, leaving) its time at work is; the shares stay what they are.
"""

from __future__ import annotations

from random import Random

from benchmarks.pacing.floor import Day
from benchmarks.pacing.scenarios import Scenario, lognormal, wrap_up

OVERHEAD_S = 6.0
MACHINE_HEARD_S = 5.0  # until a person knows it for one and has hung up


def by_hand(scenario: Scenario, *, seats: int, seed: int) -> Day:
    """A day of so many operators."""
    rng = Random(f"by hand/{scenario.name}/{seats}/{seed}")
    day = Day(seats, seed, spent={"available": 0.0, "talking": 0.0, "wrap_up": 0.0})
    for _ in range(seats):
        now = 0.0
        while now < scenario.seconds:
            now += _attempt(rng, scenario, now, day)
    day.ended = day.attempts
    day.lines_peak = seats
    return day


def _attempt(rng: Random, scenario: Scenario, now: float, day: Day) -> float:
    """One number; how long it took."""
    day.attempts += 1
    people, roll = scenario.people(now), rng.random()
    answer_s = lognormal(rng, scenario.answer_mean_s, scenario.answer_cv)
    heard = min(answer_s, scenario.ring_limit_s)
    talk_s = wrap_s = 0.0
    if answer_s < scenario.ring_limit_s and roll < people:
        day.people += 1
        day.bridged += 1
        talk_s = lognormal(rng, scenario.talk_mean_s, scenario.talk_cv)
        wrap_s = wrap_up(rng, scenario)
    elif answer_s < scenario.ring_limit_s and roll < people + scenario.machines:
        heard += MACHINE_HEARD_S
    elif roll < people + scenario.machines + scenario.fast_failures:
        heard = rng.uniform(*scenario.fast_failure_s)
    else:
        heard = scenario.ring_limit_s
    day.spent["available"] += OVERHEAD_S + heard
    day.spent["talking"] += talk_s
    day.spent["wrap_up"] += wrap_s
    day.line_seconds += heard + talk_s
    return OVERHEAD_S + heard + talk_s + wrap_s
