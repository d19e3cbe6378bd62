"""Tariffs: what telephony costs, by versions that never change once they are in force (I16)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id, one_of


class Tariff(Base):
    """A tariff by name. Never deleted: calls were leased under it."""

    __tablename__ = "tariffs"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class TariffVersion(Base):
    """The terms of a tariff from a Japanese day on. Prices are in sen (1/100 yen), fees in yen."""

    __tablename__ = "tariff_versions"
    __table_args__ = (
        UniqueConstraint("tariff_id", "from_on"),
        CheckConstraint(
            one_of("kind", "metered", "per_call", "allowance", "unlimited"), name="kind"
        ),
        CheckConstraint(one_of("billed_by", "terminal", "booth", "id"), name="billed_by"),
        CheckConstraint(
            "basic_yen >= 0 AND seat_yen >= 0 AND fixed_sen >= 0 AND mobile_sen >= 0"
            " AND included_s >= 0",
            name="amounts",
        ),
        CheckConstraint("fixed_unit_s >= 1 AND mobile_unit_s >= 1", name="units"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariffs.id"))
    from_on: Mapped[date]
    kind: Mapped[str] = mapped_column(Code)
    billed_by: Mapped[str] = mapped_column(Code)
    basic_yen: Mapped[int]
    seat_yen: Mapped[int]
    fixed_sen: Mapped[int]
    fixed_unit_s: Mapped[int]
    mobile_sen: Mapped[int]
    mobile_unit_s: Mapped[int]
    included_s: Mapped[int]
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]
