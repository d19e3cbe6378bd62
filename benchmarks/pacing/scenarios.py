"""What the pretend customers and operators of the pacing benchmark do.

The base scenario is the one our reference figures were taken with: 8 hours, everybody ready at the
first second, 20 % people, 25 % machines, 10 % fast failures, the rest rings out. It gives the mean
of answer and wrap-up times only; the spreads chosen here are `answer_cv` and `wrap_cv`. A wrap-up
is exponential (`wrap_cv` 1.0), the choice that tells a pacer least: a steadier wrap-up would let
it foresee more than an operator's day may hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from random import Random

HOUR = 3600.0


@dataclass(frozen=True)
class Scenario:
    """One day. Durations are seconds, shares are of all attempts unless said otherwise.

    `people` gives the share of attempts a person answers at an instant of the day. A machine that
    screening takes for a person (`missed_machines`, share of machines) keeps its operator for
    `machine_talk_s`; a person it takes for a machine (`misjudged_people`, share of people) is hung
    up on and never known to have been one.
    """

    name: str
    hours: float = 8.0
    people: Callable[[float], float] = lambda _: 0.20
    machines: float = 0.25
    fast_failures: float = 0.10
    ring_limit_s: float = 25.0
    answer_mean_s: float = 9.0
    answer_cv: float = 0.5
    fast_failure_s: tuple[float, float] = (1.0, 6.0)
    person_screening_s: float = 1.2
    machine_screening_s: float = 3.0
    bridge_within_s: float = 2.0
    recording_s: float = 8.0
    talk_mean_s: float = 90.0
    talk_cv: float = 1.2
    wrap_mean_s: float = 20.0
    wrap_cv: float = 1.0
    missed_machines: float = 0.0
    misjudged_people: float = 0.0
    machine_talk_s: float = 6.0
    lines_per_seat: int = 10
    break_every_s: float = 0.0  # of each seat, at instants of its own; 0: none
    break_s: float = 0.0
    common_break: tuple[float, float] | None = None  # everybody, from and until
    leaving: float = 0.0  # share of seats that leave during a shift, at a uniform instant
    unseen_s: float = 10.0  # a seat that left looks present for so long

    @property
    def seconds(self) -> float:
        """Length of the day."""
        return self.hours * HOUR

    def lasting(self, seconds: float) -> Scenario:
        """The same, for so long."""
        return replace(self, hours=seconds / HOUR)


def lognormal(rng: Random, mean: float, cv: float) -> float:
    """One draw of a lognormal of this mean and coefficient of variation; the mean when cv is 0."""
    if cv <= 0.0:
        return mean
    spread = log(1.0 + cv * cv)
    return exp(rng.gauss(log(mean) - spread / 2.0, sqrt(spread)))


def wrap_up(rng: Random, scenario: Scenario) -> float:
    """One wrap-up time: exponential at cv 1.0, else lognormal."""
    if scenario.wrap_cv == 1.0:
        return rng.expovariate(1.0 / scenario.wrap_mean_s)
    return lognormal(rng, scenario.wrap_mean_s, scenario.wrap_cv)


def always(share: float) -> Callable[[float], float]:
    """The same share all day."""
    return lambda _: share


SHIFTING = (0.20, 0.35, 0.10, 0.25)  # each for two hours


def shifting(now: float) -> float:
    """The share changes at once every two hours."""
    return SHIFTING[min(int(now // (2 * HOUR)), len(SHIFTING) - 1)]


BASE = Scenario("base")
SCENARIOS = {
    each.name: each
    for each in (
        BASE,
        replace(BASE, name="short", talk_mean_s=40.0, wrap_mean_s=15.0),
        replace(BASE, name="long", talk_mean_s=300.0, wrap_mean_s=40.0, people=always(0.25)),
        replace(BASE, name="low", people=always(0.10)),
        replace(BASE, name="high", people=always(0.35)),
        replace(BASE, name="shift", people=shifting),
        replace(BASE, name="start", common_break=(4 * HOUR, 5 * HOUR)),
        replace(BASE, name="breaks", break_every_s=2 * HOUR, break_s=600.0),
        replace(BASE, name="screening", missed_machines=0.10, misjudged_people=0.03),
        replace(BASE, name="leaving", leaving=0.15),
    )
}
