"""The best constant multiplier, chosen with hindsight: what no one could have known that morning.

The largest k, to 0.1, whose days of this very scenario abandon at most 3.0 % on average.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.pacing.floor import Day

LIMIT = 3.0  # % of people who answered
STEP = 0.1
MOST = 15.0


def name_of(step: int) -> str:
    """The policy of k = 1.0 + `step` tenths."""
    return f"x{1.0 + step * STEP:.1f}"


def abandonment(days: list[Day]) -> float:
    """Mean over days, %."""
    return sum(each.abandonment for each in days) / len(days)


def best_constant(run: Callable[[str], list[Day]]) -> str:
    """The policy's name; `run` gives its days."""
    low, high = 0, round((MOST - 1.0) / STEP)  # low keeps the limit, high does not
    while high - low > 1:
        middle = (low + high) // 2
        if abandonment(run(name_of(middle))) <= LIMIT:
            low = middle
        else:
            high = middle
    return name_of(low)
