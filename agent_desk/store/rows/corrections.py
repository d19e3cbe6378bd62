"""Rows of a corrected result: the next version, and marks, promise and blocks that follow it.

All of it counts on the day of the call, so that a report of that day says what holds now; the
audit says when it was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update

from agent_desk.dialer import events
from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, ListEntryId, UserId
from agent_desk.dialer.promises import Promised
from agent_desk.dialer.results import PAYMENT_DATE
from agent_desk.models.customers import Note
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.store import audit
from agent_desk.store.records.saved_results import PAST, SavedResult
from agent_desk.store.rows import barring, list_progress, results
from agent_desk.store.rows.context import RowContext


@dataclass(frozen=True)
class Corrected:
    """What a result says from now on. `note` None: as before; `promised` None: as before."""

    codes: frozenset[str]
    note: str | None
    counterpart: str
    promised: Promised | None
    reason: str  # a lead's; "" for one's own


def write(
    context: RowContext, before: SavedResult, now: Corrected, *, user_id: int, at: datetime
) -> None:
    """The next version of the result; the versions before stay as they are."""
    for code in sorted(before.codes - now.codes):
        _mark(context, before, code, on=False, user_id=user_id, at=at)
    for code in sorted(now.codes - before.codes):
        _mark(context, before, code, on=True, user_id=user_id, at=at)
    promise = _promise(context, before, now, at=at)
    reason = context.sealer.seal(now.reason) if now.reason else None
    context.session.execute(
        insert(Result).values(
            call_id=before.call_id,
            version=before.version + 1,
            customer_id=before.customer_id,
            campaign_id=before.campaign_id,
            user_id=user_id,
            codes=sorted(now.codes),
            note_id=_note(context, before, now, user_id=user_id, at=at),
            recorded=True,
            counterpart=now.counterpart,
            reason_sealed=reason,
            at=at,
        )
    )
    saved = _event(before, now, user_id=user_id, at=at)
    list_progress.after_result(context, saved)
    barring.result_recorded(context, saved)
    audit.append(
        context.session,
        at=at,
        actor=context.seat_of(user_id),
        action="call.result.corrected",
        subject=f"call:{before.call_id}",
        details={
            "version": before.version + 1,
            "added": sorted(now.codes - before.codes),
            "taken": sorted(before.codes - now.codes),
            "own": user_id == before.owner_id,
            "note": now.note is not None,
            "promise": promise,
        },
    )


def _mark(
    context: RowContext, before: SavedResult, code: str, *, on: bool, user_id: int, at: datetime
) -> None:
    """The mark stays that of whose call it was."""
    session = context.session
    this = (StatusMark.call_id == before.call_id, StatusMark.code == code, StatusMark.current)
    session.execute(update(StatusMark).where(*this).values(current=False))
    row = {"call_id": before.call_id, "campaign_id": before.campaign_id, "code": code}
    mine = {"user_id": before.owner_id, "marked": on, "current": True, "at": before.first_at}
    session.execute(insert(StatusMark).values(**row, **mine))
    marked = events.StatusMarked(
        call_id=CallId(before.call_id),
        seat_id=context.seat_of(before.owner_id),  # type: ignore[arg-type]
        user_id=UserId(user_id),
        campaign_id=CampaignId(before.campaign_id),
        code=code,
        on=on,
        at=at,
    )
    barring.status_marked(context, marked)


def _promise(context: RowContext, before: SavedResult, now: Corrected, *, at: datetime) -> str:
    """What becomes of the call's promise, in a word for the audit.

    One that is said anew replaces also what was kept or broken: only the newest counts.
    """
    had = before.promise is not None
    if PAYMENT_DATE not in now.codes:
        results.end_promise(context, before.call_id, "withdrawn", at=at)
        return "withdrawn" if had else "none"
    if now.promised is not None and before.customer_id is not None:
        context.session.execute(
            update(Promise)
            .where(Promise.call_id == before.call_id, Promise.state.not_in(PAST))
            .values(state="replaced", ended_at=at)
        )
        made = events.PromiseMade(
            call_id=CallId(before.call_id),
            customer_id=CustomerId(before.customer_id),
            user_id=UserId(before.owner_id),
            due_on=now.promised.due_on,
            amount_yen=now.promised.amount_yen,
            at=before.first_at,
            method=now.promised.method,
            parts=now.promised.parts,
        )
        results.add_promise(context, made)
        return "replaced" if had else "made"
    return "unchanged" if had else "none"


def _note(
    context: RowContext, before: SavedResult, now: Corrected, *, user_id: int, at: datetime
) -> int | None:
    """The note that holds: a new one, the one before, or none when it was emptied."""
    if now.note is None:
        return before.note_id
    if not now.note:
        return None
    note = insert(Note).values(
        customer_id=before.customer_id,
        call_id=before.call_id,
        user_id=user_id,
        text_sealed=context.sealer.seal(now.note),
        at=at,
    )
    return int(context.session.execute(note).inserted_primary_key[0])  # type: ignore[attr-defined]


def _event(
    before: SavedResult, now: Corrected, *, user_id: int, at: datetime
) -> events.ResultRecorded:
    customer_id, entry_id = before.customer_id, before.list_entry_id
    return events.ResultRecorded(
        call_id=CallId(before.call_id),
        customer_id=None if customer_id is None else CustomerId(customer_id),
        list_entry_id=None if entry_id is None else ListEntryId(entry_id),
        campaign_id=CampaignId(before.campaign_id),
        user_id=UserId(user_id),
        codes=tuple(sorted(now.codes)),
        note=None,
        recorded=True,
        at=at,
        counterpart=now.counterpart,
    )
