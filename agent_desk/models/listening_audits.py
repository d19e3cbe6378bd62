"""Weekly audits of recordings: what is asked, what was drawn, and what listeners found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Hash, Id, one_of


class ListeningSetting(Base):
    """One version of how many are drawn and of the score sheet; weeks name theirs."""

    __tablename__ = "listening_settings"
    __table_args__ = (
        CheckConstraint("per_operator >= 1", name="per_operator"),
        CheckConstraint("second_percent BETWEEN 0 AND 100", name="second_percent"),
    )

    version: Mapped[int] = mapped_column(Id, primary_key=True)
    per_operator: Mapped[int]
    second_percent: Mapped[int]
    criteria: Mapped[list[Any]]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class ListeningWeek(Base):
    """One drawn week. Whoever has the seed and the calls can draw it again, and gets the same."""

    __tablename__ = "listening_weeks"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    monday: Mapped[date] = mapped_column(unique=True)
    seed: Mapped[str] = mapped_column(Hash)
    settings_version: Mapped[int] = mapped_column(ForeignKey("listening_settings.version"))
    operators: Mapped[int]  # who had calls that could be heard
    candidates: Mapped[int]  # those calls
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class ListeningSample(Base):
    """One drawn call. `gone_reason`: it cannot be heard any more; another may `replace` it.

    `stands`: which of two sheets counts, by a third person's decision; None: the mean of both.
    """

    __tablename__ = "listening_samples"
    __table_args__ = (
        UniqueConstraint("week_id", "operator_id", "place"),
        CheckConstraint("stands IN (1, 2)", name="stands"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    week_id: Mapped[int] = mapped_column(ForeignKey("listening_weeks.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    place: Mapped[int]  # in the drawn order of this operator's calls, from 1
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), unique=True)
    drawn_hash: Mapped[str] = mapped_column(Hash)  # the order goes by this
    second_wanted: Mapped[bool] = mapped_column(default=False, server_default=false())
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("listening_samples.id"))
    gone_reason: Mapped[str | None] = mapped_column(Code)
    gone_at: Mapped[datetime | None]
    stands: Mapped[int | None]
    decision_sealed: Mapped[bytes | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]


class ListeningScore(Base):
    """One listener's sheet; never changed. `permille` None: no criterion applied."""

    __tablename__ = "listening_scores"
    __table_args__ = (
        UniqueConstraint("sample_id", "position"),
        UniqueConstraint("sample_id", "listener_id"),
        CheckConstraint("position IN (1, 2)", name="position"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("listening_samples.id"))
    position: Mapped[int]
    listener_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    permille: Mapped[int | None]
    knocked_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    remark_sealed: Mapped[bytes | None]
    at: Mapped[datetime]


class ListeningAnswer(Base):
    """What a sheet says of one criterion."""

    __tablename__ = "listening_answers"
    __table_args__ = (
        CheckConstraint(one_of("level", "met", "partly", "missed", "not_applicable"), name="level"),
    )

    score_id: Mapped[int] = mapped_column(ForeignKey("listening_scores.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(Code, primary_key=True)
    level: Mapped[str] = mapped_column(Code)
