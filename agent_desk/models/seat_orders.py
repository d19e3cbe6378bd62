"""What leads ordered for operators' seats: what, by whom, when, and how it ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code


class SeatOrder(Base):
    """One order, from the lead's word to its end; `call_id` is the call it waited for.

    `note` is why, in the lead's words. At most one of a seat is open.
    """

    __tablename__ = "seat_orders"
    __table_args__ = (
        Index("ix_seat_orders_seat_user_id", "seat_user_id", "ordered_at"),
        Index(
            "uq_seat_orders_open",
            "seat_user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seat_user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    call_id: Mapped[str | None] = mapped_column(CallKey, ForeignKey("calls.id"), index=True)
    what: Mapped[str] = mapped_column(Code)
    reason: Mapped[str | None] = mapped_column(Code)
    campaigns: Mapped[Any] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text)
    ordered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    how: Mapped[str | None] = mapped_column(Code)
