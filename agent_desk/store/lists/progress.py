"""How far the lists of campaigns have come, counted from their entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from agent_desk.dialer.ids import CampaignId
from agent_desk.models.campaigns import CampaignList
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.store.bulk_rows import Aside


@dataclass(frozen=True)
class CalledList:
    """A list some campaign calls. `tried` of its entries were attempted at least once, `finished`
    are closed, `due` may be called as far as their own time says, `under_way` have an attempt or
    await its result; `next_at` is when the first one that is ready becomes due."""

    campaign_id: CampaignId
    list_id: int
    name: str
    paused: bool
    entries: int
    tried: int
    finished: int
    due: int
    under_way: int
    next_at: datetime | None


def called_lists(session: Session, now: datetime, aside: Aside) -> list[CalledList]:
    """Every list a campaign calls, by campaign and rank.

    The entries are gone through: `aside` is where SQLite does it while others have their turn.
    """
    lists = session.execute(
        select(
            CampaignList.campaign_id,
            CustomerList.id,
            CustomerList.name,
            CustomerList.paused,
        )
        .join(CustomerList, CustomerList.id == CampaignList.list_id)
        .where(CampaignList.enabled)
        .order_by(CampaignList.campaign_id, CustomerList.priority, CustomerList.id)
    ).all()
    counted = _counted(session, [row[1] for row in lists], now, aside)
    nothing = (0, 0, 0, 0, 0, None)
    return [
        CalledList(CampaignId(campaign_id), list_id, name, paused, *counted.get(list_id, nothing))
        for campaign_id, list_id, name, paused in lists
    ]


_Counts = tuple[int, int, int, int, int, datetime | None]


def _counted(
    session: Session, list_ids: list[int], now: datetime, aside: Aside
) -> dict[int, _Counts]:
    ready = ListEntry.state == "ready"
    query = (
        select(
            ListEntry.list_id,
            func.count(),
            func.count(ListEntry.last_at),
            func.sum(case((ListEntry.state == "closed", 1), else_=0)),
            func.sum(case((and_(ready, ListEntry.next_at <= now), 1), else_=0)),
            func.sum(case((ListEntry.state == "leased", 1), else_=0)),
            func.min(case((ready, ListEntry.next_at))),
        )
        .where(ListEntry.list_id.in_(list_ids))
        .group_by(ListEntry.list_id)
    )
    connection = session.connection()
    # PostgreSQL's driver waits green by itself, and only where the loop is.
    on_sqlite = connection.dialect.name == "sqlite"
    result: Any = aside(connection.execute, query) if on_sqlite else connection.execute(query)
    counts: dict[int, _Counts] = {}
    for list_id, entries, tried, finished, due, under_way, next_at in result:
        counts[list_id] = (entries, tried, int(finished), int(due), int(under_way), next_at)
    return counts
