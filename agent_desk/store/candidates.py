"""Which list entries are next, in the order of calling, found without looking at the others.

The order is (priority, next_at, id) over the ready entries of the lists a running campaign has
enabled. One index holds exactly the ready entries in that order, but within one priority the
entries whose time has not come stand behind those whose has, and a plain scan in order would wade
through them before it reached the next priority. So the priorities that exist are found first,
by jumping from one to the next in the index, and each is asked for its first due entries. The
work depends on how many are asked for, not on how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from agent_desk.models.campaigns import Campaign, CampaignList
from agent_desk.models.lists import ListEntry

Level = tuple[int, int]  # priority, list id


@dataclass(frozen=True)
class EntryRow:
    """A list entry that may be leased now, as far as its own row says."""

    list_entry_id: int
    list_id: int
    customer_id: int
    priority: int
    next_at: datetime
    tries: int


def candidates(session: Session, campaign_id: int, now: datetime, limit: int) -> list[EntryRow]:
    """Up to `limit` due entries in the order of calling; [] when the campaign is not running.

    On PostgreSQL the rows are locked for this transaction and rows locked by others are skipped.
    """
    found: list[EntryRow] = []
    levels = _levels(session, campaign_id)
    for priority, group in groupby(levels, key=itemgetter(0)):
        wanted = limit - len(found)
        due: list[EntryRow] = []
        for _, list_id in group:
            due += _due(session, (priority, list_id), now, wanted)
        due.sort(key=lambda entry: (entry.next_at, entry.list_entry_id))
        found += due[:wanted]
        if len(found) >= limit:
            break
    return found


def next_due(session: Session, campaign_id: int) -> datetime | None:
    """When the first ready entry of the campaign becomes due; None when there is none."""
    found = [
        session.scalar(select(func.min(ListEntry.next_at)).where(*_of(level)))
        for level in _levels(session, campaign_id)
    ]
    return min((instant for instant in found if instant is not None), default=None)


def entries_in_flight(session: Session, campaign_id: int) -> bool:
    """Whether any entry of the campaign's enabled lists is neither ready nor closed."""
    query = (
        select(ListEntry.id)
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .where(
            CampaignList.campaign_id == campaign_id,
            CampaignList.enabled,
            ListEntry.state == "leased",
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def _levels(session: Session, campaign_id: int) -> Sequence[Level]:
    """The priorities that exist per enabled list, lowest (first called) first."""
    lists = (
        select(CampaignList.list_id)
        .join(Campaign, Campaign.id == CampaignList.campaign_id)
        .where(
            CampaignList.campaign_id == campaign_id,
            CampaignList.enabled,
            Campaign.running == "running",
        )
    ).subquery()
    levels = select(lists.c.list_id, _lowest(lists.c.list_id).label("priority")).cte(
        "levels", recursive=True
    )
    levels = levels.union_all(
        select(levels.c.list_id, _lowest(levels.c.list_id, above=levels.c.priority)).where(
            levels.c.priority.is_not(None)
        )
    )
    query = select(levels.c.priority, levels.c.list_id).where(levels.c.priority.is_not(None))
    return sorted((int(row[0]), int(row[1])) for row in session.execute(query))


def _lowest(
    list_id: ColumnElement[int], *, above: ColumnElement[int] | None = None
) -> ColumnElement[int]:
    """The lowest priority among a list's ready entries, beyond `above` if given."""
    entry = aliased(ListEntry)
    query = select(func.min(entry.priority)).where(entry.state == "ready", entry.list_id == list_id)
    if above is not None:
        query = query.where(entry.priority > above)
    return query.scalar_subquery()


def _of(level: Level) -> tuple[ColumnElement[bool], ...]:
    priority, list_id = level
    return (
        ListEntry.state == "ready",
        ListEntry.list_id == list_id,
        ListEntry.priority == priority,
    )


def _due(session: Session, level: Level, now: datetime, limit: int) -> list[EntryRow]:
    query = (
        select(
            ListEntry.id,
            ListEntry.list_id,
            ListEntry.customer_id,
            ListEntry.priority,
            ListEntry.next_at,
            ListEntry.tries,
        )
        .where(*_of(level), ListEntry.next_at <= now)
        .order_by(ListEntry.next_at, ListEntry.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [EntryRow(*row) for row in session.execute(query)]
