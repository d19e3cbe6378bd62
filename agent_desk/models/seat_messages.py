"""What leads write to operators, and who has taken note of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id, one_of


class SeatMessage(Base):
    """One message: to a seat, a team, a campaign's seats (`scope_id`), or all in the lead's scope.

    The words stand here and nowhere else.
    """

    __tablename__ = "seat_messages"
    __table_args__ = (
        CheckConstraint(one_of("scope", "seat", "team", "campaign", "all"), name="scope"),
        CheckConstraint("(scope = 'all') = (scope_id IS NULL)", name="whom"),
        Index("ix_seat_messages_sent_at", "sent_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    scope: Mapped[str] = mapped_column(Code)
    scope_id: Mapped[int | None] = mapped_column(Id)
    text: Mapped[str]
    sent_at: Mapped[datetime]


class SeatMessageRecipient(Base):
    """One person it is for: when it came to their page, was brought to mind again, and was read."""

    __tablename__ = "seat_message_recipients"

    message_id: Mapped[str] = mapped_column(
        String(64), ForeignKey("seat_messages.id"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    delivered_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
