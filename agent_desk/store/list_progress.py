"""Where a list entry goes after an attempt: back with a later `next_at`, or closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.models.calls import Call
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Callback
from agent_desk.store.row_context import RowContext

FIRST = 0  # the priority of a customer who is owed a call


def after_outcome(context: RowContext, event: events.CallFinished) -> None:
    """A call nobody heard is tried again by its outcome; a bridged one awaits its result."""
    session = context.session
    entry = ListEntry.id == event.list_entry_id
    tries = ListEntry.tries + (1 if event.counts else 0)
    session.execute(
        update(ListEntry)
        .where(entry)
        .values(tries=tries, last_outcome=event.outcome, last_at=event.at)
    )
    bridged = session.scalar(select(Call.bridged_at).where(Call.id == event.call_id))
    if bridged is None:
        _put_back(session, event.list_entry_id, event.at + timedelta(hours=3))


def after_result(context: RowContext, event: events.ResultRecorded) -> None:
    """What was agreed with the customer decides; a callback that is owed stands."""
    session = context.session
    owed = select(Callback.id).where(
        Callback.list_entry_id == event.list_entry_id, Callback.state == "open"
    )
    if session.scalar(owed) is None:
        session.execute(
            update(ListEntry)
            .where(ListEntry.id == event.list_entry_id)
            .values(state="closed", closed_reason="talked")
        )


def call_back(session: Session, list_entry_id: int, *, due_at: datetime) -> None:
    """Call this entry before all others, from `due_at` on."""
    session.execute(
        update(ListEntry)
        .where(ListEntry.id == list_entry_id)
        .values(state="ready", priority=FIRST, next_at=due_at, closed_reason=None)
    )


def _put_back(session: Session, list_entry_id: int, next_at: datetime) -> None:
    session.execute(
        update(ListEntry)
        .where(ListEntry.id == list_entry_id)
        .values(state="ready", next_at=next_at)
    )
