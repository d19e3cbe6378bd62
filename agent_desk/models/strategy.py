"""Strategy by delinquency class, who is in which, whom only some may call, the hours of answers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id, one_of


class StrategyVersion(Base):
    """One edition of the strategy table. Never changed: an edit is the next version."""

    __tablename__ = "strategy_versions"

    version: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]


class StrategyClass(Base):
    """What one version says of one class of delinquency."""

    __tablename__ = "strategy_classes"
    __table_args__ = (
        CheckConstraint(one_of("delinquency", "d1_30", "d31_90", "d91"), name="delinquency"),
        CheckConstraint("weekly_calls >= 0 AND weekly_calls <= 21", name="weekly_calls"),
        CheckConstraint("ai_percent >= 0 AND ai_percent <= 100", name="ai_percent"),
    )

    version: Mapped[int] = mapped_column(
        ForeignKey("strategy_versions.version"), primary_key=True, autoincrement=False
    )
    delinquency: Mapped[str] = mapped_column(Code, primary_key=True)
    weekly_calls: Mapped[int]
    ai_percent: Mapped[int]


class StrategyPaymentRule(Base):
    """In one version: so many payments on time in succession, so many attempts a week less."""

    __tablename__ = "strategy_payment_rules"

    version: Mapped[int] = mapped_column(
        ForeignKey("strategy_versions.version"), primary_key=True, autoincrement=False
    )
    on_time: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fewer: Mapped[int]


class DelinquencyChange(Base):
    """A customer moved from one class to another: on which day by the debts, and when it was seen.

    None is no class: nothing is overdue.
    """

    __tablename__ = "delinquency_changes"
    __table_args__ = (Index("ix_delinquency_changes_customer_id_on", "customer_id", "on"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    from_class: Mapped[str | None] = mapped_column(Code)
    to_class: Mapped[str | None] = mapped_column(Code)
    on: Mapped[date]
    at: Mapped[datetime]


class ClassDay(Base):
    """The nightly review of classes on one business day, and how far it has come."""

    __tablename__ = "class_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    upto_customer_id: Mapped[int] = mapped_column(Id, default=0)
    changed: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class VipOperator(Base):
    """Who is shown a campaign's VIP customers."""

    __tablename__ = "vip_operators"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)


class ReservedEntry(Base):
    """A list entry only some seats may take, from `due_at` on; its own `next_at` is for the others.

    With a user it is that operator's own callback, without one a VIP's.
    """

    __tablename__ = "reserved_entries"
    __table_args__ = (Index("ix_reserved_entries_list_id_due_at", "list_id", "due_at"),)

    list_entry_id: Mapped[int] = mapped_column(
        ForeignKey("list_entries.id", ondelete="CASCADE"), primary_key=True
    )
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    due_at: Mapped[datetime]


class CampaignHour(Base):
    """How often a campaign's calls were answered in one hour of one weekday (JST, Monday is 0).

    Both fade as newer attempts come, so that the table follows the season.
    """

    __tablename__ = "campaign_hours"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tries: Mapped[float]
    answers: Mapped[float]


class CustomerHour(Base):
    """How often one customer answered in one hour of one weekday (JST, Monday is 0)."""

    __tablename__ = "customer_hours"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tries: Mapped[int]
    answers: Mapped[int]
