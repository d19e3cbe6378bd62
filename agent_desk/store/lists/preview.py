"""The entries of one list by id, for whoever wants to know who of it can be called now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import CampaignList, CampaignTeam
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.store.leasing.candidates import EntryRow


@dataclass(frozen=True)
class ListedEntry:
    """One entry that is not closed. `put_off`: a rule of calling put it off, not the ladder."""

    row: EntryRow
    leased: bool
    put_off: bool


def campaign_of(session: Session, list_id: int) -> tuple[int, frozenset[int]] | None:
    """The campaign that calls a list, and the teams that work on it; None when none does."""
    query = select(CampaignList.campaign_id).where(
        CampaignList.list_id == list_id, CampaignList.enabled
    )
    campaign_id = session.scalar(query)
    if campaign_id is None:
        return None
    teams = select(CampaignTeam.team_id).where(CampaignTeam.campaign_id == campaign_id)
    return campaign_id, frozenset(session.scalars(teams))


def named(session: Session, name: str) -> int | None:
    """The id of the list of this name."""
    return session.scalar(select(CustomerList.id).where(CustomerList.name == name))


def entries(session: Session, list_id: int, *, after: int, limit: int) -> list[ListedEntry]:
    """Entries with ids above `after` that are not closed."""
    query = (
        select(
            ListEntry.id,
            ListEntry.list_id,
            ListEntry.customer_id,
            ListEntry.priority,
            ListEntry.next_at,
            ListEntry.tries,
            ListEntry.state,
            ListEntry.own_next_at,
        )
        .where(ListEntry.list_id == list_id, ListEntry.id > after, ListEntry.state != "closed")
        .order_by(ListEntry.id)
        .limit(limit)
    )
    return [
        ListedEntry(EntryRow(*row[:6]), leased=row[6] == "leased", put_off=row[7] is not None)
        for row in session.execute(query)
    ]
