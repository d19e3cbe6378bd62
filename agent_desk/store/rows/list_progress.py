"""Where a list entry goes after an attempt: back with a later `next_at`, or closed.

`dialer/selection.py` decides, the context's `arrange` moves its instant to one the rules allow;
here the answer is written. What the result of a call says replaces what its outcome said, unless
the entry has gone on already (a newer attempt, or a callback owed).

A callback puts the entry before all others until an operator has spoken with the customer; then
it is done, and the entry has its own priority again. While one is owed, an entry is not closed for
want of tries; only a customer who cannot be called any more is not called back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import holidays
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.dialer.outcomes import ROWS, Ladder, Outcome
from agent_desk.dialer.selection import (
    FIRST_PRIORITY,
    LADDERS,
    OF_STATUS,
    STATUS_LADDERS,
    BadLadder,
    Retry,
    Rungs,
    ladders_of,
    next_try,
)
from agent_desk.dialer.selection import after_result as retry_after_result
from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.models.campaigns import Status
from agent_desk.models.customers import Phone
from agent_desk.models.results import Callback, Promise, Result
from agent_desk.store import straight
from agent_desk.store.leasing import hours
from agent_desk.store.rows import barring, callbacks, entries
from agent_desk.store.rows.context import RowContext
from agent_desk.store.rows.entries import Owed

log = logging.getLogger(__name__)

_HOLIDAYS = holidays.country_holidays("JP")


def after_outcome(context: RowContext, event: events.CallFinished, tried: entries.Tried) -> None:
    """The outcome's ladder, one rung further if it is the same as last time."""
    session, entry, campaign = context.session, tried.entry, tried.terms
    owed = _take_note(session, event, tried)
    ladder = ROWS[Outcome(event.outcome)].retry
    ladders = campaign_ladders(campaign)
    times = entry.ladder_times + 1 if entry.ladder == ladder.value else 1
    retry = next_try(
        ladder,
        times=times,
        tries=entry.tries,
        now=event.at,
        max_tries=campaign.max_tries,
        ladders=ladders,
        holidays=_HOLIDAYS,
    )
    if retry.closes_number:
        retry = _close_number(session, event, ladder) or retry
    if entry.closed_reason is not None:
        # Called by hand although it was closed: it stays closed.
        retry = Retry("closed", None, entry.closed_reason, burns=retry.burns)
    if owed is not None:
        retry = _kept_for_callback(retry, owed, ladders=ladders, event=event)
    _write(
        context,
        entry,
        retry,
        campaign_id=campaign.id,
        at=event.at,
        ladder=ladder.value,
        ladder_times=times,
        last_outcome=event.outcome,
        last_at=event.at,
        tries=entry.tries + (1 if retry.burns else 0),
    )
    if owed is not None and owed.call_id == event.call_id:
        callbacks.keep_own(session, entry.id, owed, mode=campaign.mode)


def _take_note(session: Session, event: events.CallFinished, tried: entries.Tried) -> Owed | None:
    """Who was spoken with is owed no callback; at which hour people answer is learnt.

    Returns the callback that is owed then.
    """
    entry, owed = tried.entry, tried.owed
    if tried.bridged_at is not None:
        owed = callbacks.end(session, entry.id, at=event.at, but_of=event.call_id)
    if event.counts and ROWS[Outcome(event.outcome)].blame in ("customer", "none"):
        hours.learn(
            session,
            campaign_id=event.campaign_id,
            customer_id=entry.customer_id,
            tried_at=tried.leased_at,
            answered=event.live_answer,
        )
    return owed


def _kept_for_callback(
    retry: Retry, owed: Owed, *, ladders: Mapping[str, Rungs], event: events.CallFinished
) -> Retry:
    """A callback owed keeps an entry whose tries are used up, and is not called before its time.

    One that was asked for on this call is what comes next.
    """
    if owed.call_id == event.call_id:
        return _at_callback(owed, burns=retry.burns)
    if retry.state == "closed" and retry.reason == "tries":
        wait = next_try(retry.ladder, times=retry.times, tries=0, now=event.at, ladders=ladders)
        retry = replace(wait, burns=retry.burns)
    if retry.at is not None and owed.due_at > retry.at:
        retry = replace(retry, at=owed.due_at, shiftable=False)
    return retry


def _at_callback(owed: Owed, *, burns: bool = False) -> Retry:
    return Retry("ready", owed.due_at, "callback", priority=FIRST_PRIORITY, burns=burns)


def callback_asked(context: RowContext, event: events.CallbackAsked) -> None:
    """The customer asked on this call to be called again; an earlier wish of the call is replaced.

    While the call is up its list entry waits for the end; afterwards it goes on at once.
    """
    session = context.session
    callbacks.withdraw(session, event.call_id, at=event.at)
    if event.due_at is None:
        return
    owed = Owed(event.call_id, event.due_at, event.user_id if event.own else None)
    session.execute(
        insert(Callback).values(
            customer_id=event.customer_id,
            list_entry_id=event.list_entry_id,
            campaign_id=event.campaign_id,
            call_id=owed.call_id,
            user_id=owed.user_id,
            cause=callbacks.ASKED,
            due_at=owed.due_at,
            state="open",
            made_at=event.at,
        )
    )
    entry, campaign = entries.both(session, event)
    if entry.state != "leased":
        _write(context, entry, _at_callback(owed), campaign_id=campaign.id, at=event.at)
        callbacks.keep_own(session, entry.id, owed, mode=campaign.mode)


def after_inbound(context: RowContext, event: events.CallFinished, *, bridged: bool) -> None:
    """The customer called us: one who was spoken to need not be called so soon.

    It is none of the entry's tries, and neither reopens a closed entry nor touches one that our
    own attempt still holds; that attempt's end comes after it, and so does the callback of a caller
    we lost.
    """
    session = context.session
    if not bridged or entries.entry_of(session, event.list_entry_id) is None:
        return
    entry, campaign = entries.both(session, event)
    callbacks.end(session, entry.id, at=event.at, but_of=event.call_id)
    if entry.state == "ready":
        retry = next_try(
            Ladder.TALKED,
            times=1,
            tries=0,
            now=event.at,
            ladders=campaign_ladders(campaign),
            holidays=_HOLIDAYS,
        )
        _write(
            context,
            entry,
            retry,
            campaign_id=campaign.id,
            at=event.at,
            ladder=Ladder.TALKED.value,
            ladder_times=1,
        )


def after_result(context: RowContext, event: events.ResultRecorded) -> None:
    """What was agreed with the customer replaces what the outcome said.

    A call that came in reopens a closed entry only by a promise.
    """
    if event.list_entry_id is None:
        return
    session = context.session
    call = {"call_id": event.call_id}
    entry, campaign = entries.both(session, event)
    ended = straight.first(session, _ENDED, call)
    if entry.state == "leased" or ended is None or callbacks.owed(session, entry.id) is not None:
        return
    outcome, inbound = ended
    burnt = LADDERS[ROWS[Outcome(outcome)].retry].burns
    ladders = campaign_ladders(campaign)
    due = straight.scalar(session, _PROMISED, call)
    if inbound and entry.state == "closed" and due is None:
        return
    retry = retry_after_result(
        event.codes,
        promise_due=due,
        tries=max(0, entry.tries - burnt),
        now=event.at,
        before=_before(session, event.call_id, entry),
        status_ladders=_status_ladders(session, event.campaign_id, ladders),
        max_tries=campaign.max_tries,
        ladders=ladders,
        holidays=_HOLIDAYS,
    )
    if barring.bars_number(session, event.campaign_id, event.codes):
        retry = _other_number(session, entry.customer_id, event.at, barring.WRONG_NUMBER)
    _write(
        context,
        entry,
        retry,
        campaign_id=campaign.id,
        at=event.at,
        result_ladder=retry.ladder,
        result_times=retry.times,
    )


def _before(session: Session, call_id: str, entry: entries.Entry) -> tuple[str | None, int]:
    """The ladder of the entry's last result; a correction stands on the rung it corrects."""
    corrected = (straight.scalar(session, _SAVED, {"call_id": call_id}) or 0) > 1
    return entry.result_ladder, entry.result_times - corrected


def campaign_ladders(campaign: entries.Terms) -> dict[str, Rungs]:
    """The ladders of a campaign; those of the core when its own cannot be read.

    Its outcomes must be kept in any case: what they are is not the ladder's affair.
    """
    try:
        return ladders_of(campaign.retry)
    except BadLadder:
        log.exception("campaign %d has ladders nobody can climb; the usual ones hold", campaign.id)
        return dict(LADDERS)


def _status_ladders(
    session: Session, campaign_id: int, ladders: Mapping[str, Rungs]
) -> dict[str, str]:
    """The campaign's own statuses, most decisive (last on the page) first, then the built-in.

    A status has a ladder of its own, one of the named ones, or what the core says of it.
    """
    own: dict[str, str] = {}
    for code, named in straight.rows(session, _LADDERS, {"campaign_id": campaign_id}):
        if f"{OF_STATUS}{code}" in ladders:
            own[code] = f"{OF_STATUS}{code}"
        elif named is not None and named in ladders:
            own[code] = named
    return own | {code: name for code, name in STATUS_LADDERS.items() if code not in own}


def _close_number(session: Session, event: events.CallFinished, ladder: Ladder) -> Retry | None:
    """Strike the number out; with another number left the entry goes on with that one."""
    phone_id = session.scalar(select(Attempt.phone_id).where(Attempt.id == event.call_id))
    session.execute(update(Phone).where(Phone.id == phone_id).values(unusable_reason=ladder.value))
    retry = _other_number(session, event.customer_id, event.at, ladder.value)
    return retry if retry.state == "ready" else None


def _other_number(session: Session, customer_id: int | None, now: datetime, reason: str) -> Retry:
    """The entry goes on with another number at once, or is closed for want of one."""
    other = select(Phone.id).where(
        Phone.customer_id == customer_id, Phone.unusable_reason.is_(None)
    )
    if session.scalar(other.limit(1)) is None:
        return Retry("closed", None, reason, ladder=reason)
    return Retry("ready", now, reason, ladder=reason)


def _write(
    context: RowContext,
    entry: entries.Entry,
    retry: Retry,
    *,
    campaign_id: int,
    at: datetime,
    **values: Any,
) -> None:
    session = context.session
    if retry.state == "ready" and retry.at is not None:
        arranged = context.arrange(
            session,
            campaign_id=campaign_id,
            list_entry_id=entry.id,
            due_at=retry.at,
            shiftable=retry.shiftable,
        )
        values |= {"state": "ready", "next_at": arranged.at, "closed_reason": None}
        values["own_next_at"] = retry.at if arranged.put_off else None
    else:
        values |= {"state": "closed", "closed_reason": retry.reason}
        callbacks.cancel(session, [entry.id], at=at)
    entries.put(session, entry.id, values, first=retry.priority == FIRST_PRIORITY)


# Built once, and run past the session, which has no objects of these: every attempt that ends asks.
_ENDED = (
    select(AttemptOutcome.outcome, Attempt.inbound)
    .join(Attempt, Attempt.id == AttemptOutcome.attempt_id)
    .where(AttemptOutcome.attempt_id == bindparam("call_id"))
)
_PROMISED = select(Promise.due_on).where(
    Promise.call_id == bindparam("call_id"), Promise.state == "open"
)
_SAVED = select(func.count()).where(Result.call_id == bindparam("call_id"))
_LADDERS = (
    select(Status.code, Status.retry)
    .where(Status.campaign_id == bindparam("campaign_id"))
    .order_by(Status.position.desc())
)
