"""List entries as they are looked at and put on their way, several for each call that ends.

Read and written past the session, by statements built once: an object for each would cost the desk
more than everything the database does about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, Update, and_, bindparam, func, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.dialer.selection import FIRST_PRIORITY
from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Callback
from agent_desk.store import straight

# Put forward twice, the entry still remembers where it came from.
FIRST: Mapping[str, Any] = {
    "own_priority": func.coalesce(ListEntry.own_priority, ListEntry.priority),
    "priority": FIRST_PRIORITY,
}


class Entry(NamedTuple):
    """What says how a list entry goes on."""

    id: int
    customer_id: int
    state: str
    tries: int
    ladder: str | None
    ladder_times: int
    result_ladder: str | None
    result_times: int
    closed_reason: str | None


class Terms(NamedTuple):
    """A campaign's, for trying again."""

    id: int
    mode: str
    max_tries: int
    retry: Mapping[str, Any]


def entry_of(session: Session, list_entry_id: int | None) -> Entry | None:
    """The entry as it is now; None when there is none."""
    found = straight.first(session, _ENTRY, {"entry_id": list_entry_id})
    return None if found is None else Entry(*found)


def terms_of(session: Session, campaign_id: int) -> Terms | None:
    """The campaign's; None when there is none."""
    found = straight.first(session, _TERMS, {"campaign_id": campaign_id})
    return None if found is None else Terms(*found)


class Owed(NamedTuple):
    """A callback that is still to be made."""

    call_id: str | None
    due_at: datetime
    user_id: int | None  # of the operator whose own it is


class Tried(NamedTuple):
    """What an attempt that ends is about, all in one answer."""

    entry: Entry
    terms: Terms
    leased_at: datetime
    bridged_at: datetime | None
    owed: Owed | None  # the open callback that is due first
    to_work: bool  # an operator called a place of work, to collect


def tried(session: Session, event: events.CallFinished) -> Tried:
    """Of the call that ends by this event; LookupError without its entry or campaign."""
    values = {
        "call_id": event.call_id,
        "entry_id": event.list_entry_id,
        "campaign_id": event.campaign_id,
    }
    found = straight.first(session, _TRIED, values)
    if found is None:
        raise LookupError(f"call {event.call_id} has no list entry or campaign")
    entry, rest = found[: len(Entry._fields)], found[len(Entry._fields) :]
    terms, rest = rest[: len(Terms._fields)], rest[len(Terms._fields) :]
    leased_at, bridged_at, seat_id, phone, kind, *callback = rest
    return Tried(
        Entry(*entry),
        Terms(*terms),
        leased_at,
        bridged_at,
        Owed(*callback[1:]) if callback[0] is not None else None,
        to_work=seat_id is not None and phone == "work" and kind == "collections",
    )


def both(session: Session, event: Any) -> tuple[Entry, Terms]:
    """The entry and the terms of the campaign of an event on a call; LookupError without them."""
    entry, terms = entry_of(session, event.list_entry_id), terms_of(session, event.campaign_id)
    if entry is None or terms is None:
        raise LookupError(f"call {event.call_id} has no list entry or campaign")
    return entry, terms


def put(session: Session, list_entry_id: int, values: Mapping[str, Any], *, first: bool) -> None:
    """Write columns of an entry; `first`: and put it before all others."""
    statement = _statement(tuple(sorted(values)), first=first)
    named = {f"new_{name}": value for name, value in values.items()}
    straight.write(session, statement, {"entry_id": list_entry_id, **named})


@cache
def _statement(names: tuple[str, ...], *, first: bool) -> Update:
    """Built once for each way an entry goes on."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    if first:
        values |= FIRST
    return update(ListEntry).where(ListEntry.id == bindparam("entry_id")).values(**values)


# Built once, and run past the session, which has no objects of these: every attempt that ends asks.
_OPEN = and_(Callback.list_entry_id == ListEntry.id, Callback.state == "open")
_TRIED: Select[*tuple[Any, ...]] = (
    select(
        *(getattr(ListEntry, name) for name in Entry._fields),
        *(getattr(Campaign, name) for name in Terms._fields),
        Call.leased_at,
        Call.bridged_at,
        Attempt.seat_id,
        Phone.kind,
        Campaign.kind,
        Callback.id,
        Callback.call_id,
        Callback.due_at,
        Callback.user_id,
    )
    .select_from(Attempt)
    .join(Call, Call.id == Attempt.id)
    .join(ListEntry, ListEntry.id == bindparam("entry_id"))
    .join(Campaign, Campaign.id == bindparam("campaign_id"))
    .outerjoin(Phone, Phone.id == Attempt.phone_id)
    .outerjoin(Callback, _OPEN)
    .where(Attempt.id == bindparam("call_id"))
    .order_by(Callback.due_at)
    .limit(1)
)
_ENTRY = select(*(getattr(ListEntry, name) for name in Entry._fields)).where(
    ListEntry.id == bindparam("entry_id")
)
_TERMS = select(*(getattr(Campaign, name) for name in Terms._fields)).where(
    Campaign.id == bindparam("campaign_id")
)
