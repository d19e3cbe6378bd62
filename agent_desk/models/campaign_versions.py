"""How campaigns were set at each time, what is prepared, and when they start by themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id


class CampaignVersion(Base):
    """A campaign's settings from an instant on. Never changed: calls were leased under them."""

    __tablename__ = "campaign_versions"
    __table_args__ = (
        UniqueConstraint("campaign_id", "version"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    version: Mapped[int]
    settings: Mapped[dict[str, Any]]
    rolled_back_to: Mapped[int | None]  # the version whose settings these are again
    by: Mapped[str] = mapped_column(Code)  # a username
    at: Mapped[datetime]


class CampaignDraft(Base):
    """What somebody prepares: the settings that will differ from the version in use."""

    __tablename__ = "campaign_drafts"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    settings: Mapped[dict[str, Any]]
    based_on: Mapped[int]  # version
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class CampaignSchedule(Base):
    """When a campaign starts and ends by itself. Minutes count from 0:00 JST.

    21:00-8:00 is closed by law (R01, R03); the rules of calling hold besides.
    """

    __tablename__ = "campaign_schedules"
    __table_args__ = (
        CheckConstraint(
            "start_minute >= 480 AND end_minute <= 1260 AND start_minute < end_minute",
            name="minutes",
        ),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    weekdays: Mapped[list[Any]]  # 0 is Monday
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    # The last start or end that was seen to, and up to which whatever was planned is over.
    seen_to: Mapped[datetime]
