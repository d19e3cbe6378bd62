"""What is set about a list: rank, share, pause; and entries that may be tried anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, CampaignList, CampaignTeam
from agent_desk.models.customers import Debt
from agent_desk.models.filters import DynamicList, SavedFilter
from agent_desk.models.lists import CustomerList, ListEntry

TRIED_OUT = "tries"  # why an entry is closed that used up its tries


@dataclass(frozen=True)
class ListSettings:
    """One list as it is steered. `teams`: of the campaigns that call it and of its filter."""

    list_id: int
    name: str
    product_id: int
    priority: int
    mix: int | None
    paused: bool
    filter_name: str | None
    refreshed_at: datetime | None
    teams: frozenset[int]


def settings(session: Session, list_id: int) -> ListSettings | None:
    """What is set about one list."""
    return every(session, only=[list_id]).get(list_id)


def every(session: Session, *, only: Collection[int] | None = None) -> dict[int, ListSettings]:
    """What is set about each list, by id."""
    query = (
        select(
            CustomerList.id,
            CustomerList.name,
            CustomerList.product_id,
            CustomerList.priority,
            CustomerList.mix,
            CustomerList.paused,
            SavedFilter.name,
            DynamicList.refreshed_at,
            SavedFilter.teams,
        )
        .outerjoin(DynamicList, DynamicList.list_id == CustomerList.id)
        .outerjoin(SavedFilter, SavedFilter.id == DynamicList.filter_id)
    )
    called = (
        select(CampaignList.list_id, CampaignTeam.team_id)
        .join(CampaignTeam, CampaignTeam.campaign_id == CampaignList.campaign_id)
        .where(CampaignList.enabled)
    )
    if only is not None:
        query = query.where(CustomerList.id.in_(only))
        called = called.where(CampaignList.list_id.in_(only))
    teams: dict[int, set[int]] = {}
    for list_id, team_id in session.execute(called):
        teams.setdefault(list_id, set()).add(team_id)
    return {
        row[0]: ListSettings(
            *row[:8],  # type: ignore[call-arg]
            frozenset({*teams.get(row[0], ()), *(row[8] or ())}),
        )
        for row in session.execute(query)
    }


def change(session: Session, list_id: int, *, priority: int, mix: int | None, paused: bool) -> None:
    """Set all three."""
    where = CustomerList.id == list_id
    values = {"priority": priority, "mix": mix, "paused": paused}
    session.execute(update(CustomerList).where(where).values(**values))


def create(
    session: Session, name: str, product_id: int, *, source: str, basis: str, at: datetime
) -> int | None:
    """An empty list nobody calls yet; None when there is one of this name."""
    if session.scalar(select(CustomerList.id).where(CustomerList.name == name)) is not None:
        return None
    row = insert(CustomerList).values(
        name=name, product_id=product_id, source=source, lawful_basis=basis, created_at=at
    )
    return int(session.execute(row).inserted_primary_key[0])  # type: ignore[attr-defined]


def product_of_campaign(session: Session, campaign_id: int) -> int:
    """The product a campaign is about."""
    return session.scalars(select(Campaign.product_id).where(Campaign.id == campaign_id)).one()


def tried_out(session: Session, list_id: int) -> list[tuple[str, int]]:
    """How many entries used up their tries, by the outcome of the last one, most first."""
    query = (
        select(func.coalesce(ListEntry.last_outcome, ""), func.count())
        .where(
            ListEntry.list_id == list_id,
            ListEntry.state == "closed",
            ListEntry.closed_reason == TRIED_OUT,
        )
        .group_by(ListEntry.last_outcome)
        .order_by(func.count().desc())
    )
    return [(outcome, count) for outcome, count in session.execute(query)]


def recycle(
    session: Session, list_id: int, outcomes: Sequence[str], *, after: int, limit: int, at: datetime
) -> tuple[int, int | None]:
    """Let up to `limit` entries that used up their tries be tried anew; how many, where to go on.

    Who has paid since is left where they are. The caps on attempts go on counting what was.
    """
    ids = list(
        session.scalars(
            select(ListEntry.id)
            .where(
                ListEntry.list_id == list_id,
                ListEntry.id > after,
                ListEntry.state == "closed",
                ListEntry.closed_reason == TRIED_OUT,
                func.coalesce(ListEntry.last_outcome, "").in_(outcomes),
            )
            .order_by(ListEntry.id)
            .limit(limit)
        )
    )
    if not ids:
        return 0, None
    owes = (
        exists()
        .where(Debt.customer_id == ListEntry.customer_id, Debt.closed_at.is_(None))
        .correlate(ListEntry)
    )
    owed = exists().where(Debt.customer_id == ListEntry.customer_id).correlate(ListEntry)
    done = session.execute(
        update(ListEntry)
        .where(ListEntry.id.in_(ids), ListEntry.state == "closed", owes | ~owed)
        .values(
            state="ready",
            closed_reason=None,
            next_at=at,
            own_next_at=None,
            tries=0,
            ladder=None,
            ladder_times=0,
            result_ladder=None,
            result_times=0,
        )
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount), ids[-1]  # type: ignore[attr-defined]
