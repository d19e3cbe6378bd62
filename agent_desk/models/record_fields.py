"""Which fields of the customer's file a campaign's caller record shows, and what changed there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Id, one_of


class RecordField(Base):
    """A field of a campaign's caller record. Fields of the file without a row are shown, locked."""

    __tablename__ = "record_fields"
    __table_args__ = (
        UniqueConstraint("campaign_id", "name"),
        CheckConstraint(one_of("access", "editable", "locked", "hidden"), name="access"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    name: Mapped[str]  # of the column in the customer's file
    access: Mapped[str] = mapped_column(Code)
    required: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]


class FieldEdit(Base):
    """A field changed on a call. Never changed itself: the newest one is what holds."""

    __tablename__ = "field_edits"
    __table_args__ = (Index("ix_field_edits_customer_id_at", "customer_id", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    call_id: Mapped[str | None] = mapped_column(CallKey)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    before_sealed: Mapped[bytes | None]
    after_sealed: Mapped[bytes]
    at: Mapped[datetime]
