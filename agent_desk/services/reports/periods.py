"""Days that follow the calendar: what "last week" of a saved question is today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

FIXED = "fixed"
PERIODS = (
    FIXED,
    "today",
    "yesterday",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
)
OF_ONE_DAY = (FIXED, "today", "yesterday")
_DAY = timedelta(days=1)


def offered(params: Mapping[str, str]) -> tuple[str, ...]:
    """What a question with these parameters can follow; one without days stays as it is."""
    if "from" in params and "to" in params:
        return PERIODS
    return OF_ONE_DAY if "day" in params else (FIXED,)


def applied(params: Mapping[str, str], period: str, today: date) -> dict[str, str]:
    """The parameters with the days that are meant today."""
    told = dict(params)
    if period == FIXED:
        return told
    first, last = days(period, today)
    if "day" in told:
        told["day"] = first.isoformat()
    if "from" in told and "to" in told:
        told["from"], told["to"] = first.isoformat(), last.isoformat()
    return told


def days(period: str, today: date) -> tuple[date, date]:
    """First and last day; weeks begin on Monday, and this one ends today."""
    monday = today - today.weekday() * _DAY
    first_of_month = today.replace(day=1)
    month_before = first_of_month - _DAY
    return {
        "today": (today, today),
        "yesterday": (today - _DAY, today - _DAY),
        "this_week": (monday, today),
        "last_week": (monday - 7 * _DAY, monday - _DAY),
        "this_month": (first_of_month, today),
        "last_month": (month_before.replace(day=1), month_before),
    }[period]
