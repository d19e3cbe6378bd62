"""Leads in operators' calls: who, whom, which call, how, from when to when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code


class Supervision(Base):
    """One mode of one use, from asking to its end.

    One that never began has no `began_at`: refused, or taken back. `followed`: the lead had asked
    for the operator's next calls as well. `cause` says how it ended.
    """

    __tablename__ = "supervisions"
    __table_args__ = (
        Index("ix_supervisions_call_id", "call_id"),
        Index("ix_supervisions_asked_at", "asked_at"),
        Index("ix_supervisions_seat_user_id", "seat_user_id", "asked_at"),
        Index(
            "ix_supervisions_open",
            "id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # the lead
    seat_user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # the operator
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    mode: Mapped[str] = mapped_column(Code)
    followed: Mapped[bool]
    asked_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[str | None] = mapped_column(Code)
