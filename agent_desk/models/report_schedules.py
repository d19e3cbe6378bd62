"""Saved reports that are sent by mail on a schedule, and what became of each mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id, one_of


class ReportSchedule(Base):
    """When a saved report is sent, as what and to whom. `minute` counts from midnight, JST;
    `weekday` from Monday, 0. `recipients` are ids of users. Without `next_due_at` it is paused."""

    __tablename__ = "report_schedules"
    __table_args__ = (
        CheckConstraint(one_of("often", "daily", "weekly", "monthly"), name="often"),
        CheckConstraint(
            "(often = 'weekly') = (weekday IS NOT NULL) AND COALESCE(weekday, 0) BETWEEN 0 AND 6",
            name="weekday",
        ),
        CheckConstraint(
            "(often = 'monthly') = (day_of_month IS NOT NULL)"
            " AND COALESCE(day_of_month, 1) BETWEEN 1 AND 31",
            name="day_of_month",
        ),
        CheckConstraint("minute BETWEEN 0 AND 1439", name="minute"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    saved_id: Mapped[int] = mapped_column(ForeignKey("saved_reports.id"), index=True)
    often: Mapped[str] = mapped_column(Code)
    weekday: Mapped[int | None]
    day_of_month: Mapped[int | None]
    minute: Mapped[int]
    not_on_holidays: Mapped[bool]
    form: Mapped[str] = mapped_column(Code)
    recipients: Mapped[list[Any]]
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ReportDelivery(Base):
    """One mail to one person. `reason` says why it was not sent, or not yet; the address is
    looked up when it is, and kept nowhere else."""

    __tablename__ = "report_deliveries"
    __table_args__ = (
        CheckConstraint(one_of("state", "waiting", "sent", "failed", "skipped"), name="state"),
        CheckConstraint("(state = 'waiting') = (next_try_at IS NOT NULL)", name="next_try"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        UniqueConstraint("schedule_id", "due_at", "user_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("report_schedules.id"))
    due_at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    message_id: Mapped[str]
    state: Mapped[str] = mapped_column(Code)
    reason: Mapped[str | None] = mapped_column(Code)
    smtp_code: Mapped[int | None]
    tries: Mapped[int]
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
