"""Two periods beside each other: how much a figure moved, and what part of what it was (A12).

Pure. A change of a rate is told twice, in points and in percent of what it was: 38.2 % → 44.6 % is
6.4 points and 16.8 %.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.services.reports.recovery import FEW


@dataclass(frozen=True)
class Figure:
    """One figure of one period: its value and how many cases it rests on (None: it is no ratio or
    mean of cases)."""

    value: float | None
    n: int | None = None


@dataclass(frozen=True)
class Compared:
    """A figure of both periods. `adds_up`: it grows with the length of the period, so that of
    periods of different lengths the means of a day are compared."""

    code: str
    unit: str
    before: Figure
    after: Figure
    adds_up: bool
    before_days: int
    after_days: int

    @property
    def by_day(self) -> bool:
        """Whether the change is that of the means of a day."""
        return self.adds_up and self.before_days != self.after_days

    @property
    def absolute(self) -> float | None:
        """After − before; of rates, in the rate itself."""
        before, after = self._taken
        return None if before is None or after is None else after - before

    @property
    def relative(self) -> float | None:
        """(after − before) ÷ before; None where there was nothing, or less, before."""
        before, _ = self._taken
        if self.absolute is None or before is None or before <= 0:
            return None
        return self.absolute / before

    @property
    def few(self) -> bool:
        """Whether one of the two rests on too few cases to say much."""
        return any(each.n is not None and each.n < FEW for each in (self.before, self.after))

    @property
    def _taken(self) -> tuple[float | None, float | None]:
        if not self.by_day:
            return self.before.value, self.after.value
        return (
            _over(self.before.value, self.before_days),
            _over(self.after.value, self.after_days),
        )


def _over(value: float | None, days: int) -> float | None:
    return None if value is None or days <= 0 else value / days
