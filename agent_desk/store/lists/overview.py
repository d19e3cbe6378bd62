"""Every list with what it is about, who calls it and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, CampaignList, CampaignTeam, Product
from agent_desk.models.lists import CustomerList, ListEntry


@dataclass(frozen=True)
class ListRow:
    """One list. Entries are `ready` (due now), `waiting` (later, or under way) or `closed`."""

    list_id: int
    name: str
    product: str
    campaign_id: int | None
    campaign: str | None
    ready: int
    waiting: int
    closed: int


def lists(session: Session, now: datetime) -> list[ListRow]:
    """Every list, newest first."""
    due = and_(ListEntry.state == "ready", ListEntry.next_at <= now)
    counts = (
        select(
            ListEntry.list_id,
            func.sum(case((due, 1), else_=0)).label("ready"),
            func.sum(case((ListEntry.state == "closed", 1), else_=0)).label("closed"),
            func.count().label("total"),
        )
        .group_by(ListEntry.list_id)
        .subquery()
    )
    query = (
        select(
            CustomerList.id,
            CustomerList.name,
            Product.name,
            Campaign.id,
            Campaign.name,
            func.coalesce(counts.c.ready, 0),
            func.coalesce(counts.c.closed, 0),
            func.coalesce(counts.c.total, 0),
        )
        .join(Product, Product.id == CustomerList.product_id)
        .outerjoin(
            CampaignList, and_(CampaignList.list_id == CustomerList.id, CampaignList.enabled)
        )
        .outerjoin(Campaign, Campaign.id == CampaignList.campaign_id)
        .outerjoin(counts, counts.c.list_id == CustomerList.id)
        .order_by(CustomerList.id.desc())
    )
    return [
        ListRow(*known, ready=ready, waiting=total - ready - closed, closed=closed)  # type: ignore[misc]
        for *known, ready, closed, total in session.execute(query)
    ]


def campaign_of(session: Session, list_id: int) -> int | None:
    """The campaign that calls a list."""
    return session.scalar(
        select(CampaignList.campaign_id).where(
            CampaignList.list_id == list_id, CampaignList.enabled
        )
    )


def teams_of(session: Session, list_id: int) -> frozenset[int]:
    """The teams that work on the campaigns that call a list."""
    query = (
        select(CampaignTeam.team_id)
        .join(CampaignList, CampaignList.campaign_id == CampaignTeam.campaign_id)
        .where(CampaignList.list_id == list_id, CampaignList.enabled)
    )
    return frozenset(session.scalars(query))
