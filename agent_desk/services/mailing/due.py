"""When a schedule is due: daily, weekly or monthly at a time of day, by Japan's calendar.

A month without the chosen day has its last one instead. With `not_on_holidays` a daily schedule
leaves holidays and weekends out; a weekly or monthly one is put off to the next working day, for
otherwise nobody would ever get the figures of December.

Pure: what a holiday is, is asked of whoever calls.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import at, business_date

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"
OFTEN = (DAILY, WEEKLY, MONTHLY)
MINUTES = 24 * 60
WEEKDAYS = 7
LAST_DAY = 31
_DAY = timedelta(days=1)
# A month, and the longest run of days off behind it.
_FARTHEST = 62

WorkingDay = Callable[[date], bool]


@dataclass(frozen=True)
class Rhythm:
    """How often, and when. `weekday`: 0 is Monday; `minute`: from midnight, JST."""

    often: str
    minute: int
    weekday: int | None = None
    day_of_month: int | None = None
    not_on_holidays: bool = False

    @property
    def usable(self) -> bool:
        """Whether it says what it must and no more."""
        return (
            self.often in OFTEN
            and 0 <= self.minute < MINUTES
            and (self.weekday in range(WEEKDAYS) if self.often == WEEKLY else self.weekday is None)
            and (
                self.day_of_month in range(1, LAST_DAY + 1)
                if self.often == MONTHLY
                else self.day_of_month is None
            )
        )


def next_due(rhythm: Rhythm, after: datetime, working: WorkingDay) -> datetime:
    """The first instant it is due that is later than `after`."""
    return next(each for each in _from(rhythm, after, 1, working) if each > after)


def last_due(rhythm: Rhythm, until: datetime, working: WorkingDay) -> datetime:
    """The last instant it was due, `until` included: what was missed before it stays so."""
    return next(each for each in _from(rhythm, until, -1, working) if each <= until)


def _from(rhythm: Rhythm, near: datetime, step: int, working: WorkingDay) -> Iterator[datetime]:
    """The instants it is due, from the day of `near` on, or back."""
    today = business_date(near)
    for away in range(_FARTHEST + 1):
        day = today + step * away * _DAY
        if _is_due(rhythm, day, working):
            yield at(day, rhythm.minute)


def _is_due(rhythm: Rhythm, day: date, working: WorkingDay) -> bool:
    if not rhythm.not_on_holidays:
        return _is_named(rhythm, day)
    if not working(day):
        return False
    if _is_named(rhythm, day):
        return True
    before = day - _DAY
    while not working(before):  # put off from any of the days off just before
        if _is_named(rhythm, before):
            return True
        before -= _DAY
    return False


def _is_named(rhythm: Rhythm, day: date) -> bool:
    if rhythm.often == WEEKLY:
        return day.weekday() == rhythm.weekday
    if rhythm.often == MONTHLY:
        assert rhythm.day_of_month is not None
        last = calendar.monthrange(day.year, day.month)[1]
        return day.day == min(rhythm.day_of_month, last)
    return True
