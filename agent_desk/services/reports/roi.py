"""投資回収期間 and 投資対効果: what is invested, what it brings, when it has paid (A52–A55).

Pure. The formulas are the ones printed beside the figures; whatever a brochure prints instead is
not reproduced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from agent_desk.services.reports.costs import rounded

YEARS = 5
INVESTMENT, RUNNING, BENEFIT = KINDS = ("investment", "running", "benefit")
TYPED = "typed"
# What a benefit can be fed from: what the period after costs less, or collects more, than the one
# before, both taken as they would be over a year.
MEASURED = ("labour_saved", "running_saved", "collected_gained")
SOURCES = (TYPED, *MEASURED)
_YEAR_DAYS = 365


@dataclass(frozen=True)
class Item:
    """One line of a plan. An investment is made once, in `from_year`; the others come every year
    from then on, each year `step_yen` more (or less) than the one before."""

    kind: str
    name: str
    yen: int
    from_year: int = 1
    step_yen: int = 0
    source: str = TYPED

    def in_year(self, year: int) -> int:
        """Yen of the year; 1 is the first."""
        since = year - self.from_year
        if since < 0 or (self.kind == INVESTMENT and since > 0):
            return 0
        return self.yen + since * self.step_yen


@dataclass(frozen=True)
class Periods:
    """The two periods measured figures are taken from, all days included."""

    before_from: date
    before_to: date
    after_from: date
    after_to: date


@dataclass(frozen=True)
class Plan:
    """A plan as somebody typed it; `version` grows with every change."""

    id: int
    name: str
    version: int
    items: tuple[Item, ...]
    periods: Periods | None = None
    made_by: str = ""
    made_at: datetime | None = None
    retired: bool = False

    @property
    def measured(self) -> bool:
        """Whether anything in it is fed from what was measured."""
        return any(item.source != TYPED for item in self.items)


@dataclass(frozen=True)
class Year:
    """One year of the forecast; `cost_sum` and `benefit_sum` are those up to and with it."""

    year: int
    cost_yen: int
    benefit_yen: int
    cost_sum: int
    benefit_sum: int

    @property
    def roi(self) -> float | None:
        """(Σ benefit − Σ cost) ÷ Σ cost, all years so far (A55)."""
        if self.cost_sum <= 0:
            return None
        return (self.benefit_sum - self.cost_sum) / self.cost_sum


def forecast(items: Sequence[Item], years: int = YEARS) -> list[Year]:
    """The years one by one, with their sums."""
    found: list[Year] = []
    costs = benefits = 0
    for year in range(1, years + 1):
        cost = sum(item.in_year(year) for item in items if item.kind != BENEFIT)
        benefit = sum(item.in_year(year) for item in items if item.kind == BENEFIT)
        costs, benefits = costs + cost, benefits + benefit
        found.append(Year(year, cost, benefit, costs, benefits))
    return found


def investment(items: Sequence[Item]) -> int:
    """初期投資: what is paid once, in the first year (A53)."""
    return _first_year(items, INVESTMENT)


def monthly_benefit(items: Sequence[Item]) -> Fraction:
    """A month of the first year: benefits less running costs, ÷ 12 (A54)."""
    return Fraction(_first_year(items, BENEFIT) - _first_year(items, RUNNING), 12)


def payback_months(items: Sequence[Item]) -> float | None:
    """Investment ÷ monthly benefit (A52); None when nothing ever comes back."""
    each_month = monthly_benefit(items)
    return float(investment(items) / each_month) if each_month > 0 else None


def over_a_year(before_yen: int, before_days: int, after_yen: int, after_days: int) -> int:
    """How much more the period after has than the one before, as it would be over a year:
    (mean of a day after − mean of a day before) × 365."""
    gained = Fraction(after_yen, after_days) - Fraction(before_yen, before_days)
    return rounded(gained * _YEAR_DAYS)


def _first_year(items: Sequence[Item], kind: str) -> int:
    return sum(item.in_year(1) for item in items if item.kind == kind)
