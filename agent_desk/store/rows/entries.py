"""List entries as they are looked at and put on their way, several for each call that ends.

Read and written past the session, by statements built once: an object for each would cost the desk
more than everything the database does about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Update, bindparam, func, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer.selection import FIRST_PRIORITY
from agent_desk.models.campaigns import Campaign
from agent_desk.models.lists import ListEntry
from agent_desk.store.kept_plans import kept

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
    found = session.connection().execute(_ENTRY, {"entry_id": list_entry_id}).first()
    return None if found is None else Entry(*found)


def terms_of(session: Session, campaign_id: int) -> Terms | None:
    """The campaign's; None when there is none."""
    found = session.connection().execute(_TERMS, {"campaign_id": campaign_id}).first()
    return None if found is None else Terms(*found)


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
    session.connection().execute(statement, {"entry_id": list_entry_id, **named})


@cache
def _statement(names: tuple[str, ...], *, first: bool) -> Update:
    """Built once for each way an entry goes on."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    if first:
        values |= FIRST
    return kept(update(ListEntry).where(ListEntry.id == bindparam("entry_id")).values(**values))


# Built once, and run past the session, which has no objects of these: every attempt that ends asks.
_ENTRY = kept(
    select(*(getattr(ListEntry, name) for name in Entry._fields)).where(
        ListEntry.id == bindparam("entry_id")
    )
)
_TERMS = kept(
    select(*(getattr(Campaign, name) for name in Terms._fields)).where(
        Campaign.id == bindparam("campaign_id")
    )
)
