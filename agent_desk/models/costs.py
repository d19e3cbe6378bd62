"""What people type for the reports on money: rows, never edits; a change is the next version."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id


class CostRates(Base):
    """Wage, premiums and further monthly costs from a day on; of one day the newest holds."""

    __tablename__ = "cost_rates"
    __table_args__ = (
        CheckConstraint("wage_yen >= 0 AND monthly_yen >= 0", name="amounts"),
        CheckConstraint(
            "evening_percent >= 0 AND night_percent >= 0 AND holiday_percent >= 0", name="premiums"
        ),
        CheckConstraint("holiday_weekdays >= 0 AND holiday_weekdays <= 127", name="weekdays"),
    )

    version: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    from_on: Mapped[date]
    wage_yen: Mapped[int]  # for an hour
    evening_percent: Mapped[int]
    night_percent: Mapped[int]
    holiday_percent: Mapped[int]
    holiday_weekdays: Mapped[int]  # bit 0 is Monday
    national_holidays: Mapped[bool]
    monthly_yen: Mapped[int]
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]


class ServiceContract(Base):
    """A contract with a supplier: its set-up fee, minimum term, and what leaving early costs."""

    __tablename__ = "service_contracts"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        CheckConstraint("setup_yen >= 0 AND monthly_yen >= 0", name="amounts"),
        CheckConstraint("term_months >= 0", name="term"),
        CheckConstraint("early_percent >= 0", name="early"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    version: Mapped[int]
    begun_on: Mapped[date]
    term_months: Mapped[int]
    setup_yen: Mapped[int]
    monthly_yen: Mapped[int]
    early_percent: Mapped[int]  # of the monthly fees that are left
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]


class RoiPlan(Base):
    """A plan of investment and benefit by name."""

    __tablename__ = "roi_plans"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class RoiPlanVersion(Base):
    """What a plan says. `items` is a list of the fields of `services/reports/roi.py`'s `Item`; the
    two periods are those measured items are taken from."""

    __tablename__ = "roi_plan_versions"

    plan_id: Mapped[int] = mapped_column(ForeignKey("roi_plans.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    items: Mapped[list[Any]]
    before_from: Mapped[date | None]
    before_to: Mapped[date | None]
    after_from: Mapped[date | None]
    after_to: Mapped[date | None]
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]
