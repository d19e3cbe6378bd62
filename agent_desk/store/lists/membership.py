"""Who is on a list that follows a filter: what to change within a span of customers, and doing it.

Nobody is put on twice, and nobody who was taken off for another reason than the filter comes back:
who refused, paid or was tried to the end stays off. An entry that comes back keeps its tries, so
caps go on counting. Entries with a call under way or a promised callback are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import CampaignList
from agent_desk.models.filters import DynamicList
from agent_desk.models.lists import CustomerList, ListEntry

LEFT = "left-filter"


@dataclass(frozen=True)
class Followed:
    """One list that follows a filter."""

    list_id: int
    filter_id: int
    refreshed_at: datetime | None


@dataclass(frozen=True)
class Changes:
    """Customers to put on, entries to take off and entries to open again."""

    add: tuple[int, ...] = ()
    withdraw: tuple[int, ...] = ()
    reopen: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.add or self.withdraw or self.reopen)


def followed(session: Session) -> list[Followed]:
    """Every list that follows a filter and is not paused."""
    query = (
        select(DynamicList.list_id, DynamicList.filter_id, DynamicList.refreshed_at)
        .join(CustomerList, CustomerList.id == DynamicList.list_id)
        .where(CustomerList.paused.is_(False))
        .order_by(DynamicList.list_id)
    )
    return [Followed(*row) for row in session.execute(query)]


def follow(session: Session, list_id: int, filter_id: int) -> None:
    """From now on the list's members are those the filter finds."""
    session.execute(delete(DynamicList).where(DynamicList.list_id == list_id))
    session.execute(insert(DynamicList).values(list_id=list_id, filter_id=filter_id))


def note_refreshed(session: Session, list_id: int, *, at: datetime) -> None:
    """Every customer was looked at."""
    where = DynamicList.list_id == list_id
    session.execute(update(DynamicList).where(where).values(refreshed_at=at))


def changes(
    session: Session, list_id: int, fitting: Sequence[int], *, after: int, upto: int
) -> Changes:
    """What is to be done about the customers with ids above `after` up to `upto`.

    `fitting` are those of them whom the filter finds.
    """
    span = (ListEntry.customer_id > after, ListEntry.customer_id <= upto)
    held = session.execute(
        select(
            ListEntry.customer_id,
            ListEntry.id,
            ListEntry.state,
            ListEntry.closed_reason,
            ListEntry.own_priority,
        ).where(ListEntry.list_id == list_id, *span)
    ).all()
    fits, on_list = set(fitting), {row.customer_id for row in held}
    fresh = fits - on_list
    return Changes(
        add=tuple(sorted(fresh - _on_sister_lists(session, list_id, after, upto))) if fresh else (),
        withdraw=tuple(
            row.id
            for row in held
            if row.state == "ready" and row.own_priority is None and row.customer_id not in fits
        ),
        reopen=tuple(
            row.id
            for row in held
            if row.state == "closed" and row.closed_reason == LEFT and row.customer_id in fits
        ),
    )


def apply(session: Session, list_id: int, changed: Changes, *, at: datetime) -> None:
    """Do it; rows that moved meanwhile are left as they are."""
    if changed.add:
        known = set(
            session.scalars(
                select(ListEntry.customer_id).where(
                    ListEntry.list_id == list_id, ListEntry.customer_id.in_(changed.add)
                )
            )
        )
        rows = [
            {"list_id": list_id, "customer_id": each, "next_at": at, "created_at": at}
            for each in changed.add
            if each not in known
        ]
        if rows:
            session.execute(insert(ListEntry), rows)
    if changed.withdraw:
        mine = (ListEntry.id.in_(changed.withdraw), ListEntry.state == "ready")
        leaving = update(ListEntry).where(*mine, ListEntry.own_priority.is_(None))
        session.execute(leaving.values(state="closed", closed_reason=LEFT, own_next_at=None))
    if changed.reopen:
        gone = (ListEntry.state == "closed", ListEntry.closed_reason == LEFT)
        back = update(ListEntry).where(ListEntry.id.in_(changed.reopen), *gone)
        session.execute(back.values(state="ready", closed_reason=None))


def _on_sister_lists(session: Session, list_id: int, after: int, upto: int) -> set[int]:
    """Who is to be called from another list of the same campaign already."""
    campaign = select(CampaignList.campaign_id).where(
        CampaignList.list_id == list_id, CampaignList.enabled
    )
    sisters = select(CampaignList.list_id).where(
        CampaignList.campaign_id.in_(campaign),
        CampaignList.list_id != list_id,
        CampaignList.enabled,
    )
    query = select(ListEntry.customer_id).where(
        ListEntry.customer_id > after,
        ListEntry.customer_id <= upto,
        ListEntry.list_id.in_(sisters),
        ListEntry.state != "closed",
    )
    return set(session.scalars(query))
