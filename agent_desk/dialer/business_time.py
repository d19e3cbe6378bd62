"""The business clock: Japanese dates and hours, which rules, caps and promises are counted in.

Japan has no daylight saving time, so JST is a fixed offset and every day has 24 hours.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")


def business_date(instant: datetime) -> date:
    """The date in Japan at this instant."""
    return instant.astimezone(JST).date()


def at(day: date, minute: int) -> datetime:
    """The instant of a Japanese date and a minute counted from its midnight (1440 is the next)."""
    return datetime.combine(day, time(), JST) + timedelta(minutes=minute)
