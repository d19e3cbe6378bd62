"""Paid time: what the roster says, as far as it is over, and approved corrections.

A shift belongs to the day it begins. Of one that still runs as much is paid as has passed, its
break shared out evenly; nobody knows when the break is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.store.people import corrections, roster
from agent_desk.store.people.roster import ExceptionRow, Shift, WeeklyRow
from agent_desk.store.reports.operator_rows import OperatorRow
from agent_desk.store.unit_of_work import Session


@dataclass(frozen=True)
class PaidTime:
    """Seconds of one person over some days; `work_s` is added to what the desk measured."""

    paid_s: float
    work_s: float


def paid_times(
    session: Session, user_ids: Collection[int], first: date, last: date, *, now: datetime
) -> dict[int, PaidTime]:
    """By person, over days (JST, both included); who has neither shift nor correction is left
    out."""
    weekly = roster.weekly(session, user_ids, first, last)
    differing = {
        (row.user_id, row.day): row for row in roster.exceptions(session, user_ids, first, last)
    }
    minutes = corrections.approved_minutes(session, user_ids, first, last)
    found: dict[int, PaidTime] = {}
    for user_id in user_ids:
        theirs = [row for row in weekly if row.user_id == user_id]
        shifts = _shifts(user_id, theirs, differing, first, last)
        paid = 60 * minutes.get((user_id, "paid"), 0)
        work = 60 * minutes.get((user_id, "work"), 0)
        if shifts or paid or work:
            rostered = sum(paid_so_far(shift, day, now) for day, shift in shifts)
            found[user_id] = PaidTime(max(0.0, rostered + paid), float(work))
    return found


def with_paid_time(
    session: Session, rows: Sequence[OperatorRow], first: date, last: date, *, now: datetime
) -> list[OperatorRow]:
    """The rows of a report with the paid time of those days, where a roster or correction says."""
    found = paid_times(session, [row.user_id for row in rows], first, last, now=now)
    return [
        replace(row, paid_s=paid.paid_s, paid_work_s=max(0.0, row.work_s + paid.work_s))
        if (paid := found.get(row.user_id)) is not None
        else row
        for row in rows
    ]


def shifts_of(
    weekly: Collection[WeeklyRow], differing: ExceptionRow | None, day: date
) -> list[Shift]:
    """The shifts of one person on one day."""
    if differing is not None:
        return [differing.shift] if differing.shift is not None else []
    return [
        row.shift
        for row in weekly
        if row.weekday == day.weekday()
        and row.valid_from <= day
        and (row.valid_until is None or day < row.valid_until)
    ]


def paid_so_far(shift: Shift, day: date, now: datetime) -> float:
    """Paid seconds of a shift that began on a day."""
    start, end = instant_of(day, shift.start_minute), instant_of(day, shift.end_minute)
    passed = (min(now, end) - start) / (end - start)
    return max(0.0, passed) * shift.paid_minutes * 60


def _shifts(
    user_id: int,
    weekly: Collection[WeeklyRow],
    differing: Mapping[tuple[int, date], ExceptionRow],
    first: date,
    last: date,
) -> list[tuple[date, Shift]]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        (day, shift)
        for day in days
        for shift in shifts_of(weekly, differing.get((user_id, day)), day)
    ]
