"""When a demonstration's business time should start, so that it dials whenever it is started."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import holidays

from agent_desk.dialer.business_time import at, business_date

TEN = 10 * 60
SATURDAY = 5
_HOLIDAYS = holidays.country_holidays("JP")


def is_holiday(day: date) -> bool:
    """A Japanese holiday, or between 12/31 and 1/3 (年末年始)."""
    new_year = (day.month, day.day) == (12, 31) or (day.month == 1 and day.day <= 3)
    return new_year or day in _HOLIDAYS


def is_business_day(day: date) -> bool:
    """Monday to Friday and no holiday."""
    return day.weekday() < SATURDAY and not is_holiday(day)


def next_business_start(after: datetime) -> datetime:
    """10:00 JST of the first business day after the Japanese date of `after`."""
    day = business_date(after) + timedelta(days=1)
    while not is_business_day(day):
        day += timedelta(days=1)
    return at(day, TEN)
