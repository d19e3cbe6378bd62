"""Who was at work when: people logged in at once, and their hours by band of the day (A06–A08).

Pure. A stay is one person logged in without a break; stays of one person do not overlap, because
the seat's moves they are read from follow each other (I10). Practice is no work here, as in every
other figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import at, business_date

MICROSECOND = timedelta(microseconds=1)
HOUR = 60
# From which minute of the Japanese day what band begins. 22:00-5:00 is 深夜 (労働基準法37条4項);
# 18:00-22:00 is the evening that houses pay extra for of their own accord.
_BANDS = ((0, "night"), (5 * HOUR, "day"), (18 * HOUR, "evening"), (22 * HOUR, "night"))
BANDS = ("day", "evening", "night")


@dataclass(frozen=True)
class Stay:
    """One person logged in over [began, ended)."""

    user_id: int
    began: datetime
    ended: datetime


@dataclass(frozen=True)
class Hours:
    """Time of one kind: the day it is of, its band, and whether the day is a holiday."""

    day: date
    band: str
    holiday: bool
    time: timedelta


@dataclass(frozen=True)
class DayStaff:
    """One Japanese day. `peak` people at once at most, `operators` in all, `dials` attempts
    placed.

    `logged_in` is their time added up, `staffed` the time in which at least one was there.
    """

    day: date
    peak: int
    operators: int
    logged_in: timedelta
    staffed: timedelta
    dials: int = 0

    @property
    def mean(self) -> float | None:
        """People at once on average: time logged in ÷ time in which somebody was (A06)."""
        return self.logged_in / self.staffed if self.staffed else None

    @property
    def dials_each(self) -> float | None:
        """Attempts per person and day (A08)."""
        return self.dials / self.operators if self.operators else None


def staff_by_day(
    stays: Sequence[Stay], days: Iterable[date], dials: Mapping[date, int]
) -> list[DayStaff]:
    """Each day with who was there; `dials` are attempts placed by day."""
    pieces: dict[date, list[Stay]] = defaultdict(list)
    for stay in stays:
        for piece in _by_midnight(stay):
            pieces[business_date(piece.began)].append(piece)
    return [_day(day, pieces.get(day, []), dials.get(day, 0)) for day in days]


def operator_days(days: Iterable[DayStaff]) -> int:
    """Days of work: each person once for each day they logged in on."""
    return sum(day.operators for day in days)


def hours(stays: Iterable[Stay], holidays: Collection[date]) -> list[Hours]:
    """Time logged in, by day and band, in order; nothing is lost and nothing counted twice."""
    spent: dict[tuple[date, str], timedelta] = defaultdict(timedelta)
    for stay in stays:
        for day, band, time in _by_band(stay):
            spent[day, band] += time
    return [Hours(day, band, day in holidays, time) for (day, band), time in sorted(spent.items())]


def _by_midnight(stay: Stay) -> Iterator[Stay]:
    began = stay.began
    while began < stay.ended:
        ended = min(stay.ended, at(business_date(began), 24 * HOUR))
        yield Stay(stay.user_id, began, ended)
        began = ended


def _by_band(stay: Stay) -> Iterator[tuple[date, str, timedelta]]:
    for piece in _by_midnight(stay):
        day = business_date(piece.began)
        ends = [at(day, minute) for minute, _ in _BANDS[1:]] + [at(day, 24 * HOUR)]
        for (minute, band), end in zip(_BANDS, ends, strict=True):
            time = min(piece.ended, end) - max(piece.began, at(day, minute))
            if time > timedelta():
                yield day, band, time


def _day(day: date, stays: Sequence[Stay], dials: int) -> DayStaff:
    # Who leaves at an instant is gone before the next one comes in: logging in again is no second
    # person.
    moves = sorted([(s.began, 1) for s in stays] + [(s.ended, -1) for s in stays])
    there = peak = 0
    staffed, since = timedelta(), None
    for instant, step in moves:
        if there and since is not None:
            staffed += instant - since
        there, since = there + step, instant
        peak = max(peak, there)
    return DayStaff(
        day=day,
        peak=peak,
        operators=len({stay.user_id for stay in stays}),
        logged_in=sum((stay.ended - stay.began for stay in stays), timedelta()),
        staffed=staffed,
        dials=dials,
    )
