"""Which list entries are next, in the order of calling, found without looking at the others.

The order is (priority, next_at, id) over the ready entries of the lists a running campaign has
enabled and nobody has paused. Lists have a rank among each other, which comes before the entries'
own priorities, but for those that are first of all; lists of one rank may have shares of the calls
(`list_order.py`). One index holds exactly the ready entries in that order, but within one priority
the entries whose time has not come stand behind those whose has, and a plain scan in order would
wade through them before it reached the next priority. So the priorities that exist are found first,
by jumping from one to the next in the index, and each is asked for its first due entries. The
work depends on how many are asked for, not on how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from agent_desk.models.campaigns import Campaign, CampaignList
from agent_desk.models.customers import Customer
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.models.strategy import ReservedEntry
from agent_desk.store import straight
from agent_desk.store.leasing.list_order import Level, shared

# Written into the statement, not bound: SQLite uses a partial index only when it can see that the
# condition is the index's own.
READY: ColumnElement[str] = literal_column("'ready'")
LEASED: ColumnElement[str] = literal_column("'leased'")


@dataclass(frozen=True)
class EntryRow:
    """A list entry that may be leased now, as far as its own row says.

    `vip` and `delinquency` are the customer's; `reserved`: some seats may take it before others;
    `called_back`: a callback put it before its own place.
    """

    list_entry_id: int
    list_id: int
    customer_id: int
    priority: int
    next_at: datetime
    tries: int
    vip: bool = False
    delinquency: str | None = None
    reserved: bool = False
    called_back: bool = False


def candidates(session: Session, campaign_id: int, now: datetime, limit: int) -> list[EntryRow]:
    """Up to `limit` due entries in the order of calling; [] when the campaign is not running.

    On PostgreSQL the rows are locked for this transaction and rows locked by others are skipped.
    """
    found: list[EntryRow] = []
    levels = _levels(session, campaign_id)
    for _, group in groupby(levels, key=attrgetter("turn")):
        wanted = limit - len(found)
        due = [(level, _due(session, level, now, wanted)) for level in group]
        found += shared(due, wanted, now=now)
        if len(found) >= limit:
            break
    return found


def reserved_for(
    session: Session, campaign_id: int, user_id: int, now: datetime, *, vips: bool, limit: int
) -> list[EntryRow]:
    """Entries due that are kept for this operator, the one due longest first.

    His own callbacks, and with `vips` the VIP customers of the campaign's lists.
    """
    kept_for = ReservedEntry.user_id == user_id
    if vips:
        kept_for = kept_for | ReservedEntry.user_id.is_(None)
    query = (
        _entries()
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .join(Campaign, Campaign.id == CampaignList.campaign_id)
        .join(CustomerList, CustomerList.id == ListEntry.list_id)
        .where(
            CampaignList.campaign_id == campaign_id,
            CampaignList.enabled,
            CustomerList.paused.is_(False),
            Campaign.running == "running",
            ListEntry.state == READY,
            ReservedEntry.due_at <= now,
            kept_for,
        )
        .order_by(ReservedEntry.due_at, ListEntry.id)
        .limit(limit)
        .with_for_update(of=ListEntry, skip_locked=True)
    )
    return [EntryRow(*row) for row in session.execute(query)]


def entry_row(session: Session, list_entry_id: int) -> EntryRow | None:
    """One entry whatever its state, as a lease would see it."""
    row = straight.first(session, _ENTRY, {"list_entry_id": list_entry_id})
    return None if row is None else EntryRow(*row)


def next_due(session: Session, campaign_id: int, *, also_stopped: bool = False) -> datetime | None:
    """When the first ready entry of the campaign becomes due; None when there is none.

    Nor is there one of a campaign that does not run, unless it is asked for.
    """
    found = [
        straight.scalar(session, _NEXT_DUE, {"priority": level.priority, "list_id": level.list_id})
        for level in _levels(session, campaign_id, also_stopped=also_stopped)
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
            ListEntry.state == LEASED,
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def _levels(session: Session, campaign_id: int, *, also_stopped: bool = False) -> Sequence[Level]:
    """The priorities that exist per enabled list, in the order they are called."""
    statement = _LEVELS_OF_ALL if also_stopped else _LEVELS
    rows = straight.rows(session, statement, {"campaign_id": campaign_id})
    return sorted((Level(*row) for row in rows), key=attrgetter("turn", "list_id"))


def _due(session: Session, level: Level, now: datetime, limit: int) -> list[EntryRow]:
    values = {"priority": level.priority, "list_id": level.list_id, "now": now, "limit": limit}
    return [EntryRow(*row) for row in straight.rows(session, _DUE, values)]


# The statements are built once: making a recursive one anew costs more than running it.


def _levels_statement(*, also_stopped: bool) -> Select[Any]:
    of_campaign = (
        select(CampaignList.list_id)
        .join(Campaign, Campaign.id == CampaignList.campaign_id)
        .join(CustomerList, CustomerList.id == CampaignList.list_id)
        .where(
            CampaignList.campaign_id == bindparam("campaign_id"),
            CampaignList.enabled,
            CustomerList.paused.is_(False),
        )
    )
    if not also_stopped:
        of_campaign = of_campaign.where(Campaign.running == "running")
    lists = of_campaign.subquery()
    levels = select(lists.c.list_id, _lowest(lists.c.list_id).label("priority")).cte(
        "levels", recursive=True
    )
    levels = levels.union_all(
        select(levels.c.list_id, _lowest(levels.c.list_id, above=levels.c.priority)).where(
            levels.c.priority.is_not(None)
        )
    )
    return (
        select(levels.c.priority, levels.c.list_id, CustomerList.priority, CustomerList.mix)
        .join(CustomerList, CustomerList.id == levels.c.list_id)
        .where(levels.c.priority.is_not(None))
    )


def _lowest(
    list_id: ColumnElement[int], *, above: ColumnElement[int] | None = None
) -> ColumnElement[int]:
    """The lowest priority among a list's ready entries, beyond `above` if given."""
    entry = aliased(ListEntry)
    query = select(func.min(entry.priority)).where(entry.state == READY, entry.list_id == list_id)
    if above is not None:
        query = query.where(entry.priority > above)
    return query.scalar_subquery()


def _entries() -> Select[*tuple[Any, ...]]:
    """The columns of `EntryRow`."""
    return (
        select(
            ListEntry.id,
            ListEntry.list_id,
            ListEntry.customer_id,
            ListEntry.priority,
            ListEntry.next_at,
            ListEntry.tries,
            Customer.vip,
            Customer.delinquency,
            ReservedEntry.list_entry_id.is_not(None),
            ListEntry.own_priority.is_not(None),
        )
        .join(Customer, Customer.id == ListEntry.customer_id)
        .outerjoin(ReservedEntry, ReservedEntry.list_entry_id == ListEntry.id)
    )


_OF_LEVEL = (
    ListEntry.state == READY,
    ListEntry.list_id == bindparam("list_id"),
    ListEntry.priority == bindparam("priority"),
)
_LEVELS = _levels_statement(also_stopped=False)
_LEVELS_OF_ALL = _levels_statement(also_stopped=True)
_NEXT_DUE = select(func.min(ListEntry.next_at)).where(*_OF_LEVEL)
_DUE = (
    _entries()
    .where(*_OF_LEVEL, ListEntry.next_at <= bindparam("now"))
    .order_by(ListEntry.next_at, ListEntry.id)
    .limit(bindparam("limit"))
    .with_for_update(of=ListEntry, skip_locked=True)
)
_ENTRY = _entries().where(ListEntry.id == bindparam("list_entry_id"))
