"""What every table of samples shows: how many, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence


def percentiles(samples: Sequence[float], *, digits: int = 0) -> str:
    """`count | p50 | p95 | p99 | worst`, for a row of a Markdown table."""
    ordered = sorted(samples)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * p))] for p in (0.5, 0.95, 0.99)]
    return " | ".join([str(len(ordered)), *(f"{each:.{digits}f}" for each in (*at, ordered[-1]))])
