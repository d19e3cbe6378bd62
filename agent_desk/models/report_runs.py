"""Who had which report made: one row for each, written when it is over (of a job also before)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code


class ReportRun(Base):
    """One report that was asked for. `params` are those of the address; days, ids and words."""

    __tablename__ = "report_runs"
    __table_args__ = (Index("ix_report_runs_asked_at", "asked_at"),)

    id: Mapped[str] = mapped_column(Code, primary_key=True)
    username: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Code)
    params: Mapped[dict[str, Any]]
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    form: Mapped[str] = mapped_column(Code)
    lane: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code)
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    as_of: Mapped[datetime | None]
    rows: Mapped[int]
    error_id: Mapped[str | None] = mapped_column(Code)
