"""Where a list entry goes after an attempt: back with a later `next_at`, or closed.

`dialer/selection.py` decides; here its answer is written. What the result of a call says replaces
what its outcome said, unless the entry has gone on already (a newer attempt, or a callback owed).

A callback puts the entry before all others until an operator has spoken with the customer; then
it is done, and the entry has its own priority again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import holidays
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.dialer.outcomes import ROWS, Ladder, Outcome
from agent_desk.dialer.selection import (
    FIRST_PRIORITY,
    LADDERS,
    STATUS_LADDERS,
    NextDay,
    Retry,
    Rungs,
    next_try,
)
from agent_desk.dialer.selection import after_result as retry_after_result
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign, Status
from agent_desk.models.customers import Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Callback, Promise
from agent_desk.store.row_context import RowContext

_HOLIDAYS = holidays.country_holidays("JP")
# Put forward twice, the entry still remembers where it came from.
_FIRST: Mapping[str, Any] = {
    "own_priority": func.coalesce(ListEntry.own_priority, ListEntry.priority),
    "priority": FIRST_PRIORITY,
}


def after_outcome(context: RowContext, event: events.CallFinished) -> None:
    """The outcome's ladder, one rung further if it is the same as last time."""
    session = context.session
    entry = session.get(ListEntry, event.list_entry_id, populate_existing=True)
    campaign = session.get(Campaign, event.campaign_id, populate_existing=True)
    if entry is None or campaign is None:
        raise LookupError(f"attempt {event.call_id} has no list entry or campaign")
    if session.scalar(select(Call.bridged_at).where(Call.id == event.call_id)) is not None:
        _end_callbacks(session, entry.id, at=event.at)
    ladder = ROWS[Outcome(event.outcome)].retry
    times = entry.ladder_times + 1 if entry.ladder == ladder.value else 1
    retry = next_try(
        ladder,
        times=times,
        tries=entry.tries,
        now=event.at,
        max_tries=campaign.max_tries,
        ladders=campaign_ladders(campaign.retry),
        holidays=_HOLIDAYS,
    )
    if retry.closes_number:
        retry = _close_number(session, event, ladder) or retry
    _write(
        session,
        entry,
        retry,
        ladder=ladder.value,
        ladder_times=times,
        last_outcome=event.outcome,
        last_at=event.at,
        tries=entry.tries + (1 if retry.burns else 0),
    )


def after_inbound(context: RowContext, event: events.CallFinished, *, bridged: bool) -> None:
    """The customer called us: one who was spoken to need not be called so soon.

    It is none of the entry's tries, and neither reopens a closed entry nor touches one that our
    own attempt still holds; that attempt's end comes after it, and so does the callback of a caller
    we lost.
    """
    session = context.session
    entry = session.get(ListEntry, event.list_entry_id, populate_existing=True)
    if entry is None or not bridged:
        return
    _end_callbacks(session, entry.id, at=event.at)
    if entry.state == "ready":
        retry = next_try(Ladder.TALKED, times=1, tries=0, now=event.at)
        _write(session, entry, retry, ladder=Ladder.TALKED.value, ladder_times=1)


def after_result(context: RowContext, event: events.ResultRecorded) -> None:
    """What was agreed with the customer replaces what the outcome said.

    A call that came in reopens a closed entry only by a promise.
    """
    if event.list_entry_id is None:
        return
    session = context.session
    entry = session.get(ListEntry, event.list_entry_id, populate_existing=True)
    campaign = session.get(Campaign, event.campaign_id, populate_existing=True)
    if entry is None or campaign is None:
        raise LookupError(f"result of call {event.call_id} has no list entry or campaign")
    ended = session.execute(
        select(AttemptOutcome.outcome, Attempt.inbound)
        .join(Attempt, Attempt.id == AttemptOutcome.attempt_id)
        .where(AttemptOutcome.attempt_id == event.call_id)
    ).first()
    if entry.state == "leased" or ended is None or _callback_owed(session, entry.id):
        return
    outcome, inbound = ended
    burnt = LADDERS[ROWS[Outcome(outcome)].retry].burns
    due = session.scalar(
        select(Promise.due_on).where(Promise.call_id == event.call_id, Promise.state == "open")
    )
    if inbound and entry.state == "closed" and due is None:
        return
    retry = retry_after_result(
        event.codes,
        promise_due=due,
        tries=max(0, entry.tries - burnt),
        now=event.at,
        status_ladders=_status_ladders(session, event.campaign_id),
        max_tries=campaign.max_tries,
    )
    _write(session, entry, retry)


def call_back(session: Session, list_entry_id: int, *, due_at: datetime) -> None:
    """Call this entry before all others, from `due_at` on."""
    session.execute(
        update(ListEntry)
        .where(ListEntry.id == list_entry_id)
        .values(state="ready", next_at=due_at, own_next_at=None, closed_reason=None, **_FIRST)
    )


def campaign_ladders(own: Mapping[str, Any]) -> dict[Ladder, Rungs]:
    """The ladders of a campaign: its own waits, everything else as in the core."""
    ladders = dict(LADDERS)
    for name, waits in own.items():
        known = LADDERS[Ladder(name)]
        rungs = tuple(
            NextDay() if wait == "next_day" else timedelta(minutes=wait) for wait in waits
        )
        ladders[Ladder(name)] = Rungs(rungs, known.burns, known.closes_number_after, known.first)
    return ladders


def _status_ladders(session: Session, campaign_id: int) -> dict[str, Ladder]:
    """The campaign's own statuses, most decisive (last on the page) first, then the built-in."""
    query = (
        select(Status.code, Status.retry)
        .where(Status.campaign_id == campaign_id, Status.retry.is_not(None))
        .order_by(Status.position.desc())
    )
    own = {code: Ladder(retry) for code, retry in session.execute(query) if retry}
    return own | {code: name for code, name in STATUS_LADDERS.items() if code not in own}


def _close_number(session: Session, event: events.CallFinished, ladder: Ladder) -> Retry | None:
    """Strike the number out; with another number left the entry goes on with that one."""
    phone_id = session.scalar(select(Attempt.phone_id).where(Attempt.id == event.call_id))
    session.execute(update(Phone).where(Phone.id == phone_id).values(unusable_reason=ladder.value))
    other = select(Phone.id).where(
        Phone.customer_id == event.customer_id, Phone.unusable_reason.is_(None)
    )
    if session.scalar(other.limit(1)) is None:
        return None
    return Retry("ready", event.at, ladder.value)


def _callback_owed(session: Session, list_entry_id: int) -> bool:
    query = select(Callback.id).where(
        Callback.list_entry_id == list_entry_id, Callback.state == "open"
    )
    return session.scalar(query.limit(1)) is not None


def _end_callbacks(session: Session, list_entry_id: int, *, at: datetime) -> None:
    session.execute(
        update(Callback)
        .where(Callback.list_entry_id == list_entry_id, Callback.state == "open")
        .values(state="done", ended_at=at)
    )
    session.execute(
        update(ListEntry)
        .where(ListEntry.id == list_entry_id, ListEntry.own_priority.is_not(None))
        .values(priority=ListEntry.own_priority, own_priority=None)
    )


def _write(session: Session, entry: ListEntry, retry: Retry, **values: Any) -> None:
    if retry.state == "ready" and retry.at is not None:
        values |= {"state": "ready", "next_at": retry.at}
        values |= {"own_next_at": None, "closed_reason": None}
    else:
        values |= {"state": "closed", "closed_reason": retry.reason}
    if retry.priority == FIRST_PRIORITY:
        values |= _FIRST
    session.execute(update(ListEntry).where(ListEntry.id == entry.id).values(**values))
