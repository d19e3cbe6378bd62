"""What is asked of the year: each report of its busiest month, and a year's pivot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

FIELD_OF_THREE, FIELD_OF_THOUSANDS = "field:項目1", "field:項目40"


@dataclass(frozen=True)
class Question:
    """A report of the month; `year`: of the whole year, as a job. `within_s`: what is promised."""

    name: str
    kind: str
    within_s: float | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    year: bool = False

    def asked(self, month: date, year: tuple[date, date]) -> dict[str, str]:
        """The parameters of its address."""
        first, last = year if self.year else (month, end_of(month))
        days = {"from": first.isoformat(), "to": last.isoformat()}
        return {**days, "day": working_day(month).isoformat(), **self.params}


QUESTIONS = (
    Question("operators and funnel", "operators", 1.0),
    Question("heat map, contact rate", "heat_map", 1.5),
    Question("pivot: field of 3 values", "analysis", 5.0, {"by": FIELD_OF_THREE}),
    Question("pivot: field of thousands", "analysis", 5.0, {"by": FIELD_OF_THOUSANDS}),
    Question("pivot: field × operator", "analysis", 5.0, {"by": f"{FIELD_OF_THOUSANDS}\noperator"}),
    Question("calls behind a figure", "calls_behind", None, {"only.outcome": "human"}),
    Question("dialer", "dialer"),
    Question("dialer by day and campaign", "dialer", None, {"by": "day", "and": "campaign"}),
    Question("compliance", "compliance"),
    Question("promises", "promises"),
    Question("costs", "costs"),
    Question("timeline of a day, one person", "timeline", None, {"person": "7"}),
    Question("timeline of a day, everybody", "timeline"),
    Question(
        "year's pivot: field × hour", "analysis", 60.0, {"by": "field:項目30\nhour"}, year=True
    ),
    Question(
        "year's pivot: field of thousands × operator",
        "analysis",
        60.0,
        {"by": f"{FIELD_OF_THOUSANDS}\noperator"},
        year=True,
    ),
)


def end_of(month: date) -> date:
    """The last day of the month this first day begins."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def working_day(month: date) -> date:
    """One in its middle."""
    middle = month + timedelta(days=14)
    return middle + timedelta(days=7 - middle.weekday() if middle.weekday() > 4 else 0)
