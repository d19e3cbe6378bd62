"""A contract's set-up fee, its minimum term, and what it costs to leave early (B46).

Pure. A term is of whole months from the day the contract began; whoever leaves within a month has
begun it.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from agent_desk.services.reports.costs import rounded


@dataclass(frozen=True)
class Contract:
    """With a supplier, by name. `early_percent` of the fees of the months left are due on leaving
    before the end of the term; `setup_yen` was paid at the beginning."""

    name: str
    version: int
    begun_on: date
    term_months: int
    setup_yen: int
    monthly_yen: int
    early_percent: int
    made_by: str = ""
    made_at: datetime | None = None

    @property
    def ends_on(self) -> date:
        """The first day on which it can be left for nothing."""
        return months_after(self.begun_on, self.term_months)

    def months_left(self, day: date) -> int:
        """Whole months of the term that have not begun on this day."""
        begun = 0
        while begun < self.term_months and months_after(self.begun_on, begun) <= day:
            begun += 1
        return self.term_months - begun

    def cost_of_leaving(self, day: date) -> int:
        """中途解約金: months left × monthly fee × percent."""
        left = self.months_left(day)
        return rounded(Fraction(left * self.monthly_yen * self.early_percent, 100))

    @property
    def whole_yen(self) -> int:
        """The set-up fee and the fees of the whole term."""
        return self.setup_yen + self.term_months * self.monthly_yen


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    _, length = calendar.monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, length))
