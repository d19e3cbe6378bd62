"""When people are to work, what of it is paid, and what they are to reach: rows, never edits."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id, one_of

_A_SHIFT = "start_minute >= 0 AND start_minute < end_minute AND end_minute <= 2160"


class RosterShift(Base):
    """One shift of somebody's week, from a day on. Minutes count from the day's 0:00 JST; an end
    above 1440 is on the next day. A later change ends the row: what was paid stays as it was."""

    __tablename__ = "roster_shifts"
    __table_args__ = (
        CheckConstraint("weekday >= 0 AND weekday <= 6", name="weekday"),
        CheckConstraint(_A_SHIFT, name="minutes"),
        CheckConstraint("break_minutes >= 0", name="break"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    weekday: Mapped[int]  # 0 is Monday
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    break_minutes: Mapped[int]  # not paid
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]  # the first day it does not hold any more
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class RosterException(Base):
    """One day of one person that is not as their week says; the newest row of a day holds."""

    __tablename__ = "roster_exceptions"
    __table_args__ = (
        CheckConstraint(f"start_minute IS NULL OR ({_A_SHIFT})", name="minutes"),
        Index("ix_roster_exceptions_user_id_day", "user_id", "day"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(Code)
    start_minute: Mapped[int | None]  # None: no shift that day
    end_minute: Mapped[int | None]
    break_minutes: Mapped[int]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class TimeCorrection(Base):
    """Minutes to be added to (or, below 0, taken from) a day's paid time or time at work.

    What the desk measured is never changed: this row stands beside it, with its reason, and counts
    once somebody else has said yes.
    """

    __tablename__ = "time_corrections"
    __table_args__ = (
        CheckConstraint(one_of("kind", "paid", "work"), name="kind"),
        CheckConstraint("minutes <> 0", name="minutes"),
        Index("ix_time_corrections_user_id_day", "user_id", "day"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(Code)
    minutes: Mapped[int]
    reason: Mapped[str]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class CorrectionDecision(Base):
    """Somebody else's yes or no to a correction."""

    __tablename__ = "correction_decisions"

    correction_id: Mapped[int] = mapped_column(ForeignKey("time_corrections.id"), primary_key=True)
    approved: Mapped[bool]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class DailyTarget(Base):
    """What somebody, or everybody of a team, is to reach in a day, from a day on; all None: no
    target any more. The newest row of the person or the team holds."""

    __tablename__ = "daily_targets"
    __table_args__ = (CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name="whose"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    calls: Mapped[int | None]
    contacts: Mapped[int | None]
    valid_calls: Mapped[int | None]
    payment_dates: Mapped[int | None]
    valid_from: Mapped[date]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
