"""Months that were closed: the figures as they were told, each version written once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Hash, Id, one_of


class ClosedMonth(Base):
    """One version of a month's figures; the newest one holds, every other stays beside it.

    `known` says how far the rows went that the figures were made of. `digest` covers this row and
    its figures, and stands in the audit trail too.
    """

    __tablename__ = "closed_months"
    __table_args__ = (
        UniqueConstraint("month", "version"),
        CheckConstraint(one_of("kind", "closed", "restated", "returned"), name="kind"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month: Mapped[str] = mapped_column(Code)  # 2026-10
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(Code)
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]
    reason: Mapped[str]
    as_of: Mapped[datetime]
    definitions: Mapped[dict[str, Any]]
    known: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(Hash)


class ClosedFigures(Base):
    """The figures of one campaign in one version of a month; campaign 0: of all together."""

    __tablename__ = "closed_figures"

    closed_month_id: Mapped[int] = mapped_column(
        ForeignKey("closed_months.id"), primary_key=True, autoincrement=False
    )
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    figures: Mapped[bytes]


class MonthClosingSetting(Base):
    """On which day of a month the one before is closed by itself; 0: on none."""

    __tablename__ = "month_closing_settings"
    __table_args__ = (CheckConstraint("day >= 0 AND day <= 28", name="day"),)

    version: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    day: Mapped[int]
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]
