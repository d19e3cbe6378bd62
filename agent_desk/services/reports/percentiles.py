"""Percentiles by the nearest rank: always a value that was measured, never one in between.

Of n values in order the p-th percentile is the one at place ⌈p/100 · n⌉. Of one value every
percentile is that value.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence


def nearest_rank(ordered: Sequence[float], percent: int) -> float:
    """Of values in ascending order, at least one; `percent` from 1 to 100."""
    rank = -(-percent * len(ordered) // 100)
    return ordered[rank - 1]


def p50_p95_max(values: Collection[float]) -> tuple[float, float, float] | None:
    """None of no values."""
    if not values:
        return None
    ordered = sorted(values)
    return nearest_rank(ordered, 50), nearest_rank(ordered, 95), ordered[-1]
