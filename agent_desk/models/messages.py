"""Messages for answering machines: the recordings that were approved, and where they were left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Hash, Id


class MessageApproval(Base):
    """A recording somebody approved for a campaign's answering machines, or withdrew.

    The newest row of a campaign holds; without a hash none may be left. Rows are never changed:
    they are the evidence of who let what be said when.
    """

    __tablename__ = "message_approvals"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    sha256: Mapped[str] = mapped_column(Hash)
    text: Mapped[str]
    duration_ms: Mapped[int]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class MessageFile(Base):
    """A recording somebody brought, kept as it came, with what is said in it.

    `kind` is "machine" (left on answering machines; `name` and `number` are who calls and where to
    call back, as they are said) or "abandoned" (R21). Rows are never changed; whether one is used
    is told by the approvals of its hash.
    """

    __tablename__ = "message_files"
    __table_args__ = (UniqueConstraint("campaign_id", "kind", "version"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    kind: Mapped[str] = mapped_column(Code)
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(Hash)
    octets: Mapped[bytes]
    text: Mapped[str]
    name: Mapped[str]
    number: Mapped[str]
    duration_ms: Mapped[int]
    lead_ms: Mapped[int]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class CallMessage(Base):
    """A message an operator had left on a call. `ended_at` None: what came of it nobody told."""

    __tablename__ = "call_messages"
    __table_args__ = (Index("ix_call_messages_customer_id_asked_at", "customer_id", "asked_at"),)

    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    sha256: Mapped[str] = mapped_column(Hash)
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    played_ms: Mapped[int] = mapped_column(default=0)
    whole: Mapped[bool] = mapped_column(default=False)
