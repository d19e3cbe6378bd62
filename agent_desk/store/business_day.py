"""JST days and the UTC instants at their edges; Japan has no daylight saving time."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")


def business_date(instant: datetime) -> date:
    """The JST calendar day an instant belongs to."""
    return instant.astimezone(JST).date()


def day_start(day: date) -> datetime:
    """The instant a JST day begins."""
    return datetime.combine(day, datetime.min.time(), JST)


def day_range(first: date, last: date) -> tuple[datetime, datetime]:
    """Start of `first` and end (excluded) of `last`."""
    return day_start(first), day_start(last + timedelta(days=1))
