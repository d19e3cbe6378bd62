"""What operators record on calls: status marks, results, promises, callbacks, drafts, 本人確認."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Id, one_of


class StatusMark(Base):
    """A status button pressed or released. The newest row per call and code is `current`."""

    __tablename__ = "status_marks"
    __table_args__ = (
        Index(
            "uq_status_marks_current",
            "call_id",
            "code",
            unique=True,
            sqlite_where=text("current = 1"),
            postgresql_where=text("current"),
        ),
        Index("ix_status_marks_user_id_at", "user_id", "at"),
        Index("ix_status_marks_campaign_id_at", "campaign_id", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    code: Mapped[str] = mapped_column(Code)
    marked: Mapped[bool]
    current: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime]


class Result(Base):
    """What was saved at the end of wrap-up. A correction is the next version."""

    __tablename__ = "results"
    __table_args__ = (
        UniqueConstraint("call_id", "version"),
        Index("ix_results_customer_id_at", "customer_id", "at"),
        Index("ix_results_campaign_id_at", "campaign_id", "at"),
        Index(
            "ix_results_corrections",
            "at",
            sqlite_where=text("version > 1"),
            postgresql_where=text("version > 1"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"))
    version: Mapped[int]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    codes: Mapped[list[Any]]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("notes.id"))
    recorded: Mapped[bool]  # false: the wrap-up deadline passed first
    counterpart: Mapped[str | None] = mapped_column(Code)  # who was spoken to (R50)
    reason_sealed: Mapped[bytes | None]  # why a lead corrected it
    at: Mapped[datetime]


class Promise(Base):
    """A dated promise to pay (入金約束). One open promise per call."""

    __tablename__ = "promises"
    __table_args__ = (
        CheckConstraint(
            one_of("state", "open", "withdrawn", "replaced", "kept", "broken"), name="state"
        ),
        Index(
            "uq_promises_open_call",
            "call_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_promises_customer_id_made_at", "customer_id", "made_at"),
        Index("ix_promises_user_id_made_at", "user_id", "made_at"),
        Index("ix_promises_state_due_on", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str | None] = mapped_column(CallKey, ForeignKey("calls.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    due_on: Mapped[date]
    amount_yen: Mapped[int | None] = mapped_column(BigInteger)
    method: Mapped[str | None] = mapped_column(Code)  # how they will pay
    state: Mapped[str] = mapped_column(Code, default="open")
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


class PromisePart(Base):
    """What is to be paid by one date. A promise has one part, or those of its instalments."""

    __tablename__ = "promise_parts"
    __table_args__ = (
        UniqueConstraint("promise_id", "position"),
        CheckConstraint(one_of("state", "open", "kept", "broken"), name="state"),
        Index("ix_promise_parts_state_due_on", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    promise_id: Mapped[int] = mapped_column(ForeignKey("promises.id", ondelete="CASCADE"))
    position: Mapped[int]  # from 1
    due_on: Mapped[date]
    amount_yen: Mapped[int | None] = mapped_column(BigInteger)  # None: how much was left open
    state: Mapped[str] = mapped_column(Code, default="open")


class Callback(Base):
    """A customer to be called again at a time, before others."""

    __tablename__ = "callbacks"
    __table_args__ = (
        CheckConstraint(one_of("state", "open", "done", "cancelled"), name="state"),
        Index("ix_callbacks_list_entry_id_state", "list_entry_id", "state"),
        Index("ix_callbacks_state_due_at", "state", "due_at"),
        Index("ix_callbacks_customer_id", "customer_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    list_entry_id: Mapped[int] = mapped_column(ForeignKey("list_entries.id", ondelete="CASCADE"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    call_id: Mapped[str | None] = mapped_column(CallKey)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    cause: Mapped[str] = mapped_column(Code)
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Code, default="open")
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None]  # why a lead cancelled it


class NoteDraft(Base):
    """The note of a call as typed so far."""

    __tablename__ = "note_drafts"

    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text_sealed: Mapped[bytes]
    at: Mapped[datetime]


class IdentityCheck(Base):
    """One try at 本人確認 and what it came to; never what was typed."""

    __tablename__ = "identity_checks"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    factor: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
