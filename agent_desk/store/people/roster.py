"""Shifts: what somebody's week looks like from a day on, and the days that differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.models.working_time import RosterException, RosterShift


@dataclass(frozen=True)
class Shift:
    """Minutes from the day's 0:00 JST; an end above 1440 is on the next day."""

    start_minute: int
    end_minute: int
    break_minutes: int = 0

    @property
    def paid_minutes(self) -> int:
        """What is paid of it."""
        return max(0, self.end_minute - self.start_minute - self.break_minutes)


@dataclass(frozen=True)
class WeeklyRow:
    """One shift of one weekday (0 is Monday) within [valid_from, valid_until)."""

    user_id: int
    weekday: int
    shift: Shift
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True)
class ExceptionRow:
    """A day that is not as the week says; `shift` None: no work."""

    user_id: int
    day: date
    kind: str
    shift: Shift | None
    by: str


def weekly(session: Session, user_ids: Collection[int], first: date, last: date) -> list[WeeklyRow]:
    """The rows that hold on any of the days, both included."""
    query = (
        select(RosterShift)
        .where(
            RosterShift.user_id.in_(list(user_ids)),
            RosterShift.valid_from <= last,
            or_(RosterShift.valid_until.is_(None), RosterShift.valid_until > first),
        )
        .order_by(RosterShift.user_id, RosterShift.weekday, RosterShift.start_minute)
    )
    return [
        WeeklyRow(
            row.user_id,
            row.weekday,
            Shift(row.start_minute, row.end_minute, row.break_minutes),
            row.valid_from,
            row.valid_until,
        )
        for row in session.scalars(query)
    ]


def replace_week(
    session: Session,
    user_id: int,
    shifts: Iterable[tuple[int, Shift]],
    *,
    valid_from: date,
    by: str,
    at: datetime,
) -> None:
    """From a day on the week is this; what was before stays what it was."""
    ends = update(RosterShift).where(
        RosterShift.user_id == user_id,
        or_(RosterShift.valid_until.is_(None), RosterShift.valid_until > valid_from),
    )
    session.execute(ends.where(RosterShift.valid_from < valid_from).values(valid_until=valid_from))
    # One that was to begin later never does.
    session.execute(
        ends.where(RosterShift.valid_from >= valid_from).values(valid_until=RosterShift.valid_from)
    )
    for weekday, shift in shifts:
        session.execute(
            insert(RosterShift).values(
                user_id=user_id,
                weekday=weekday,
                start_minute=shift.start_minute,
                end_minute=shift.end_minute,
                break_minutes=shift.break_minutes,
                valid_from=valid_from,
                by=by,
                at=at,
            )
        )


def exceptions(
    session: Session, user_ids: Collection[int], first: date, last: date
) -> list[ExceptionRow]:
    """What holds on those of the days that differ: the newest row of each."""
    query = (
        select(RosterException)
        .where(
            RosterException.user_id.in_(list(user_ids)),
            RosterException.day >= first,
            RosterException.day <= last,
        )
        .order_by(RosterException.day, RosterException.id)
    )
    newest: dict[tuple[int, date], ExceptionRow] = {}
    for row in session.scalars(query):
        shift = None
        if row.start_minute is not None and row.end_minute is not None:
            shift = Shift(row.start_minute, row.end_minute, row.break_minutes)
        newest[row.user_id, row.day] = ExceptionRow(row.user_id, row.day, row.kind, shift, row.by)
    return [row for row in newest.values() if row.kind != "as_usual"]


def add_exception(session: Session, row: ExceptionRow, *, at: datetime) -> None:
    """One day is like this, whatever was said of it before; `as_usual` is like the week."""
    shift = row.shift
    session.execute(
        insert(RosterException).values(
            user_id=row.user_id,
            day=row.day,
            kind=row.kind,
            start_minute=shift and shift.start_minute,
            end_minute=shift and shift.end_minute,
            break_minutes=shift.break_minutes if shift else 0,
            by=row.by,
            at=at,
        )
    )
