"""What the calling rules rest on beyond the rows of calls: settings, holds, consents, overrides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Hash, Id, one_of


class CampaignRule(Base):
    """A campaign's own limits beside the columns of `campaigns`; None: as its kind has them.

    No row is the same as a row of Nones. `dialer/calling_rules.py` holds what no setting widens.
    """

    __tablename__ = "campaign_rules"
    __table_args__ = (
        CheckConstraint("spacing_minutes >= 15 AND spacing_minutes <= 10080", name="spacing"),
        CheckConstraint("total_cap >= 1 AND total_cap <= 6", name="total_cap"),
        CheckConstraint("total_days >= 30 AND total_days <= 90", name="total_days"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    spacing_minutes: Mapped[int | None]  # R12: between two attempts on a person
    total_cap: Mapped[int | None]  # R14: attempts per list …
    total_days: Mapped[int | None]  # … within so many days
    # R11: attempts on a person a week, where that is fewer than their class has. Without a CHECK:
    # SQLite adds none to a table that is there.
    weekly_cap: Mapped[int | None]
    closed_on_holidays: Mapped[bool] = mapped_column(default=False, server_default=false())  # R05
    reg_f: Mapped[bool] = mapped_column(default=False, server_default=false())  # R15
    changed_at: Mapped[datetime]


class CustomerHold(Base):
    """Why a person is not called until an instant (R06, R36, R60); 9999 means for good.

    Several may stand on one person. Released ones stay as evidence.
    """

    __tablename__ = "customer_holds"
    __table_args__ = (
        CheckConstraint(
            one_of(
                "reason",
                "bereavement",
                "hospital",
                "disaster",
                "complaint",
                "lawyer_notice",
                "bankruptcy",
            ),
            name="reason",
        ),
        Index("ix_customer_holds_customer_id_until", "customer_id", "until"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(Code)
    until: Mapped[datetime]
    document: Mapped[str] = mapped_column(default="")  # id of the lawyer's or court's paper
    ticket_due_at: Mapped[datetime | None]  # complaint: by when somebody must have answered
    actor: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = mapped_column(Code)


class AreaHold(Base):
    """Nobody there is called until an instant (R06): a disaster, a holiday of a region."""

    __tablename__ = "area_holds"
    __table_args__ = (
        CheckConstraint(
            one_of("kind", "prefecture", "city", "postcode", "number_prefix"), name="kind"
        ),
        Index("ix_area_holds_until", "until"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Code)
    value: Mapped[str]  # as people write it; a number prefix in E.164
    area_key: Mapped[str] = mapped_column(Hash)  # what `customers.…_key` is compared with
    reason: Mapped[str] = mapped_column(Code)
    until: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = mapped_column(Code)


class Consent(Base):
    """A person agreed to something the rules otherwise forbid; the evidence for an override."""

    __tablename__ = "consents"
    __table_args__ = (CheckConstraint(one_of("kind", "after_hours", "workplace"), name="kind"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(Code)
    evidence: Mapped[str]  # id of the call or document it was given in
    actor: Mapped[str] = mapped_column(Code)
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Override(Base):
    """A rule lifted for one person, number, campaign or area until an instant, by whom and why."""

    __tablename__ = "overrides"
    __table_args__ = (
        CheckConstraint(
            " + ".join(
                f"CASE WHEN {column} IS NULL THEN 0 ELSE 1 END"
                for column in ("customer_id", "number_key", "campaign_id", "area_key")
            )
            + " = 1",
            name="subject",
        ),
        Index("ix_overrides_until", "until"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rule_id: Mapped[str] = mapped_column(Code)
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    number_key: Mapped[str | None] = mapped_column(Hash, index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    area_key: Mapped[str | None] = mapped_column(Hash)
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consents.id"))
    role: Mapped[str] = mapped_column(Code)
    actor: Mapped[str] = mapped_column(Code)
    reason: Mapped[str]
    manual_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
