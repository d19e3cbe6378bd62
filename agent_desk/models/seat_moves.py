"""The history of every seat: the one source of all state seconds (I10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Id


class SeatMove(Base):
    """A seat left one state for another. Never updated, never deleted."""

    __tablename__ = "seat_moves"
    __table_args__ = (
        Index("ix_seat_moves_user_id_at_id", "user_id", "at", "id"),
        Index("ix_seat_moves_call_id", "call_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    seat_id: Mapped[str] = mapped_column(Code)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    from_state: Mapped[str] = mapped_column(Code)
    to_state: Mapped[str] = mapped_column(Code)
    reason: Mapped[str | None] = mapped_column(Code)
    cause: Mapped[str] = mapped_column(Code)
    call_id: Mapped[str | None] = mapped_column(CallKey)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    at: Mapped[datetime]


class WrapUpExtension(Base):
    """The wrap-up deadline of a call moved; the newest row holds."""

    __tablename__ = "wrap_up_extensions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    deadline: Mapped[datetime]
    at: Mapped[datetime]


class QueuedAway(Base):
    """離席 asked for during a call, to begin after its wrap-up. The newest row of a call holds."""

    __tablename__ = "queued_aways"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str | None] = mapped_column(Code)  # None: taken back
    at: Mapped[datetime]


class Departure(Base):
    """Somebody who may not go on: the seat is closed when the call in hand is over (F34)."""

    __tablename__ = "departures"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    at: Mapped[datetime]


class Mute(Base):
    """The operator's microphone closed or opened on a call. The newest row of a call holds."""

    __tablename__ = "mutes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    muted: Mapped[bool]
    at: Mapped[datetime]
