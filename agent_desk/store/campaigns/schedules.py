"""When campaigns start and end by themselves, and up to when that has been seen to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaign_versions import CampaignSchedule
from agent_desk.models.campaigns import Campaign
from agent_desk.models.rules import CampaignRule


@dataclass(frozen=True)
class ScheduleRow:
    """Minutes count from 0:00 JST; the days named are included; 0 is Monday."""

    campaign_id: int
    weekdays: frozenset[int]
    start_minute: int
    end_minute: int
    first_on: date | None
    last_on: date | None
    seen_to: datetime
    closed_on_holidays: bool


def all_planned(session: Session) -> list[ScheduleRow]:
    """The schedules of campaigns that can be started, in id order."""
    query = (
        select(CampaignSchedule, func.coalesce(CampaignRule.closed_on_holidays, False))
        .join(Campaign, Campaign.id == CampaignSchedule.campaign_id)
        .outerjoin(CampaignRule, CampaignRule.campaign_id == CampaignSchedule.campaign_id)
        .where(Campaign.unpublished.is_(False))
        .order_by(CampaignSchedule.campaign_id)
    )
    return [
        ScheduleRow(
            campaign_id=row.campaign_id,
            weekdays=frozenset(row.weekdays),
            start_minute=row.start_minute,
            end_minute=row.end_minute,
            first_on=row.first_on,
            last_on=row.last_on,
            seen_to=row.seen_to,
            closed_on_holidays=bool(closed),
        )
        for row, closed in session.execute(query)
    ]


def see_to(session: Session, campaign_id: int, planned: datetime) -> None:
    """The start or end planned for then is done."""
    session.execute(
        update(CampaignSchedule)
        .where(CampaignSchedule.campaign_id == campaign_id)
        .values(seen_to=planned)
    )
