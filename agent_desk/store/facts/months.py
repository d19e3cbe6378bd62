"""Japanese days and months of instants, many at a time."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

import numpy as np

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.dialer.business_time import business_date
from agent_desk.models.base import from_microseconds, to_microseconds
from agent_desk.store.facts.segments import Column

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
_JST_US = 9 * HOUR_US  # Japan has no daylight saving time
_MONDAY = 3  # 1970-01-01 was a Thursday


def day_numbers(instants: Column) -> Column:
    """Days since 1970-01-01 in Japan."""
    return (instants + _JST_US) // DAY_US


def day_number(instant: int) -> int:
    """The same of one instant."""
    return (instant + _JST_US) // DAY_US


@lru_cache(maxsize=4096)
def of_day(day: int) -> str:
    """The month of a day's number."""
    return str(np.datetime64(day, "D").astype("datetime64[M]"))


@lru_cache(maxsize=4096)
def end_of_month(day: int) -> int:
    """The first instant after the month of a day."""
    return start_of(next_month(of_day(day)))


def hours(instants: Column) -> Column:
    """0 to 23, in Japan."""
    return (instants + _JST_US) % DAY_US // HOUR_US


def weekdays(instants: Column) -> Column:
    """0 is Monday."""
    return (day_numbers(instants) + _MONDAY) % 7


def months_of(instants: Column) -> Column:
    """As numbers: months since 1970-01."""
    return day_numbers(instants).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_of(instant: datetime) -> str:
    """`2026-11`, in Japan."""
    return f"{business_date(instant):%Y-%m}"


def name_of(number: int) -> str:
    """`2026-11` of months since 1970-01."""
    return f"{1970 + number // 12:04}-{number % 12 + 1:02}"


def start_of(month: str) -> int:
    """Its first instant, microseconds."""
    return to_microseconds(instant_of(date.fromisoformat(f"{month}-01"), 0))


def next_month(month: str) -> str:
    """The month after it."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def between(start: datetime, end: datetime) -> list[str]:
    """The months that [start, end) touches."""
    found = []
    month, last = month_of(start), from_microseconds(to_microseconds(end) - 1)
    while month <= month_of(last):
        found.append(month)
        month = next_month(month)
    return found
