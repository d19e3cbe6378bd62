"""Callbacks: customers who are called again before all others, by whom, and until when.

One is owed when we lost a customer (`call_back`) or when the customer asked for it (`ASKED`). An
operator's own callback is kept for him for a while, where operators see whom they call; then
anybody may take it. It ends when an operator has spoken with the customer.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import String, bindparam, select, update
from sqlalchemy.orm import Session

from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Callback
from agent_desk.store import straight
from agent_desk.store.leasing import reserved
from agent_desk.store.rows.entries import FIRST, Owed

# How long an operator's own callback is kept for him before anybody may take it.
OWN_FOR = timedelta(minutes=30)
ASKED = "asked"  # the cause of a callback a customer asked for


def owed(session: Session, list_entry_id: int) -> Owed | None:
    """The open callback that is due first."""
    found = straight.first(session, _OWED, {"entry_id": list_entry_id})
    return None if found is None else Owed(*found)


def asked_on(session: Session, call_ids: Collection[str]) -> dict[str, tuple[datetime, bool]]:
    """What was asked for on these calls: when, and whether by the same operator."""
    query = select(Callback.call_id, Callback.due_at, Callback.user_id).where(
        Callback.call_id.in_(call_ids), Callback.cause == ASKED, Callback.state == "open"
    )
    rows = session.execute(query).all()
    return {str(call_id): (due_at, user_id is not None) for call_id, due_at, user_id in rows}


def end(session: Session, list_entry_id: int, *, at: datetime, but_of: str) -> Owed | None:
    """The customer was spoken with; one that was asked for on this very call stands."""
    ended = {"entry_id": list_entry_id, "but_of": but_of, "at": at}
    straight.write(session, _END, ended)
    return put_back(session, list_entry_id)


def put_back(session: Session, list_entry_id: int) -> Owed | None:
    """The entry's own priority again, unless another callback is owed, which is returned."""
    other = owed(session, list_entry_id)
    if other is None:
        reserved.release(session, [list_entry_id])
        straight.write(session, _PUT_BACK, {"entry_id": list_entry_id})
    return other


def cancel(session: Session, list_entry_ids: Collection[int], *, at: datetime) -> None:
    """The customers of these entries cannot be called any more: nor are they kept for anybody."""
    straight.write(session, _CANCEL, {"entry_ids": list(list_entry_ids), "at": at})
    reserved.release(session, list_entry_ids)


def withdraw(session: Session, call_id: str, *, at: datetime) -> None:
    """What was asked for on this call is not any more."""
    where = (Callback.call_id == call_id, Callback.state == "open", Callback.cause == ASKED)
    entries = list(session.scalars(select(Callback.list_entry_id).where(*where)))
    session.execute(update(Callback).where(*where).values(state="cancelled", ended_at=at))
    for list_entry_id in entries:
        put_back(session, list_entry_id)


def keep_own(session: Session, list_entry_id: int, callback: Owed, *, mode: str) -> None:
    """An operator's own callback is his alone for a while, where operators see whom they call."""
    if callback.user_id is None or mode != "preview":
        return
    this = ListEntry.id == list_entry_id
    list_id, next_at = session.execute(
        select(ListEntry.list_id, ListEntry.next_at).where(this)
    ).one()
    reserved.keep_for(session, list_entry_id, list_id, user_id=callback.user_id, due_at=next_at)
    session.execute(update(ListEntry).where(this).values(next_at=next_at + OWN_FOR))


def call_back(session: Session, list_entry_id: int, *, due_at: datetime) -> None:
    """Call this entry before all others, from `due_at` on."""
    session.execute(
        update(ListEntry)
        .where(ListEntry.id == list_entry_id)
        .values(state="ready", next_at=due_at, own_next_at=None, closed_reason=None, **FIRST)
    )


# Built once, and run past the session, which has no objects of these: every attempt that ends asks.
_OPEN = (Callback.list_entry_id == bindparam("entry_id"), Callback.state == "open")
_OWED = (
    select(Callback.call_id, Callback.due_at, Callback.user_id)
    .where(*_OPEN)
    .order_by(Callback.due_at)
    .limit(1)
)
_END = (
    update(Callback)
    .where(*_OPEN, Callback.call_id.is_distinct_from(bindparam("but_of", type_=String())))
    .values(state="done", ended_at=bindparam("at"))
)
_PUT_BACK = (
    update(ListEntry)
    .where(ListEntry.id == bindparam("entry_id"), ListEntry.own_priority.is_not(None))
    .values(priority=ListEntry.own_priority, own_priority=None)
)
_CANCEL = (
    update(Callback)
    .where(
        Callback.list_entry_id.in_(bindparam("entry_ids", expanding=True)), Callback.state == "open"
    )
    .values(state="cancelled", ended_at=bindparam("at"))
)
