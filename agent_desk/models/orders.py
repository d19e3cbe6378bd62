"""Orders (申込) taken on sales calls, with what cooling-off is counted from (R39)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Id


class Order(Base):
    """One order. Its days of cooling-off are those promised when it was entered."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("cooling_off_days >= 8", name="cooling_off_days"),
        Index("ix_orders_customer_id", "customer_id"),
        Index("ix_orders_campaign_id", "campaign_id"),
        Index("ix_orders_cooling_off_until", "cooling_off_until"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    ordered_on: Mapped[date]
    cooling_off_days: Mapped[int]
    documents_on: Mapped[date | None]  # when the statutory documents were received
    document_id: Mapped[str | None]
    cooling_off_until: Mapped[date | None]  # None: does not run out
    cancelled_on: Mapped[date | None]  # when the notice was sent
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
