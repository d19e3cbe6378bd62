"""アポ数 = コール数 × アポ率: what more calls would bring, and what a better rate would (B32).

Pure, and the same arithmetic as `static/js/core/what_if.js`, which moves the figures with the
sliders; both are held to the cases of `tests/fixtures/what_if.json`.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_CALLS_PERCENT = 100
MOST_RATE_POINTS = 20


@dataclass(frozen=True)
class WhatIf:
    """What was measured, and what is tried: calls by some percent, the rate by some points."""

    calls: int
    hits: int
    calls_percent: float = 0.0
    rate_points: float = 0.0

    @property
    def rate(self) -> float | None:
        """Appointments ÷ calls."""
        return self.hits / self.calls if self.calls > 0 else None

    @property
    def tried_calls(self) -> float:
        """Calls as they would be."""
        return self.calls * (100 + self.calls_percent) / 100

    @property
    def tried_rate(self) -> float | None:
        """The rate as it would be; a rate is between nothing and all."""
        if self.rate is None:
            return None
        return min(1.0, max(0.0, self.rate + self.rate_points / 100))

    @property
    def tried_hits(self) -> float | None:
        """Calls × rate, both as they would be."""
        return None if self.tried_rate is None else self.tried_calls * self.tried_rate

    @property
    def more(self) -> float | None:
        """What all of it would bring beyond what was measured."""
        return None if self.tried_hits is None else self.tried_hits - self.hits

    @property
    def by_calls(self) -> float | None:
        """What the calls alone would bring: the rate as it is."""
        return None if self.rate is None else (self.tried_calls - self.calls) * self.rate

    @property
    def by_rate(self) -> float | None:
        """What the rate alone would bring: the calls as they are."""
        if self.rate is None or self.tried_rate is None:
            return None
        return self.calls * (self.tried_rate - self.rate)

    @property
    def worth_of_a_point(self) -> float | None:
        """By how many percent the calls would have to grow to bring what one point more does."""
        return 1 / self.rate if self.rate else None
