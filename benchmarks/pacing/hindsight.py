"""The best constant multiplier, chosen with hindsight: what no one could have known that morning.

The largest k, to 0.1, whose days of this very scenario abandon at most 3.0 % on average. More k
abandons more, so it is searched from a guess outwards and then between what keeps the limit and
what does not.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from benchmarks.pacing.floor import Day

LIMIT = 3.0  # % of people who answered
STEPS_PER_UNIT = 10
MOST = 25.0
GUESS = 0.85  # of the root of the seats, what the base scenario comes to
STRIDE = 3  # steps


def name_of(step: int) -> str:
    """The policy of k = 1.0 + `step` tenths."""
    return f"x{1.0 + step / STEPS_PER_UNIT:.1f}"


def abandonment(days: list[Day]) -> float:
    """Mean over days, %."""
    return sum(each.abandonment for each in days) / len(days)


def best_constant(run: Callable[[str], list[Day]], seats: int) -> str:
    """The policy's name; `run` gives the days of a policy."""
    low, top = 0, round((MOST - 1.0) * STEPS_PER_UNIT)  # low keeps the limit, high does not
    high, stride = top, STRIDE
    at = round((GUESS * sqrt(seats) - 1.0) * STEPS_PER_UNIT)
    while high - low > 1:
        at = min(max(at, low + 1), high - 1)
        if abandonment(run(name_of(at))) <= LIMIT:
            low = at
        else:
            high = at
        if low > 0 and high < top:
            at = (low + high) // 2
        else:
            at += stride if high == top else -stride
            stride *= 2
    return name_of(low)
