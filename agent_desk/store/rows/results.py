"""Rows of what operators record on a call: marks, 本人確認, promise, note, result."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from agent_desk.dialer import events
from agent_desk.models.calls import Call
from agent_desk.models.customers import Note
from agent_desk.models.results import (
    IdentityCheck,
    NoteDraft,
    Promise,
    PromisePart,
    Result,
    StatusMark,
)
from agent_desk.store import audit, straight
from agent_desk.store.rows import barring, list_progress
from agent_desk.store.rows.context import RowContext


def status_marked(context: RowContext, event: events.StatusMarked) -> None:
    """The new mark is current; the one before stays as history."""
    session = context.session
    straight.write(session, _NOT_CURRENT, {"of_call": event.call_id, "of_code": event.code})
    straight.write(
        session,
        _MARK,
        {
            "call_id": event.call_id,
            "user_id": event.user_id,
            "campaign_id": event.campaign_id,
            "code": event.code,
            "marked": event.on,
            "at": event.at,
        },
    )
    barring.status_marked(context, event)


def identity_recorded(context: RowContext, event: events.IdentityRecorded) -> None:
    """The try is kept and the call knows its newest state."""
    context.session.execute(
        insert(IdentityCheck).values(
            call_id=event.call_id,
            user_id=event.user_id,
            factor=event.factor,
            state=event.state,
            at=event.at,
        )
    )
    if event.state != "matched":
        context.session.execute(
            update(Call)
            .where(Call.id == event.call_id)
            .values(identity=event.state, identity_factor=event.factor)
        )
    audit.append(
        context.session,
        at=event.at,
        actor=context.seat_of(event.user_id),
        action="call.identity.recorded",
        subject=f"call:{event.call_id}",
        details={"state": event.state, "factor": event.factor},
    )


def promise_made(context: RowContext, event: events.PromiseMade) -> None:
    """The call's earlier promise, if any, is replaced."""
    end_promise(context, event.call_id, "replaced", at=event.at)
    add_promise(context, event)
    _audit(context, "call.promise.made", event)


def add_promise(context: RowContext, event: events.PromiseMade) -> None:
    """A promise with its parts: those of its plan, or the one it is paid in."""
    promise = insert(Promise).values(
        call_id=event.call_id,
        customer_id=event.customer_id,
        user_id=event.user_id,
        due_on=event.due_on,
        amount_yen=event.amount_yen,
        method=event.method,
        state="open",
        made_at=event.at,
    )
    promise_id = context.session.execute(promise).inserted_primary_key[0]  # type: ignore[attr-defined]
    parts = [(part.due_on, part.amount_yen) for part in event.parts]
    for position, (due_on, amount_yen) in enumerate(
        parts or [(event.due_on, event.amount_yen)], start=1
    ):
        context.session.execute(
            insert(PromisePart).values(
                promise_id=promise_id,
                position=position,
                due_on=due_on,
                amount_yen=amount_yen,
                state="open",
            )
        )


def promise_withdrawn(context: RowContext, event: events.PromiseWithdrawn) -> None:
    """The call's promise stays as history."""
    end_promise(context, event.call_id, "withdrawn", at=event.at)
    _audit(context, "call.promise.withdrawn", event)


def callback_asked(context: RowContext, event: events.CallbackAsked) -> None:
    """What was asked for before on this call is replaced, or taken back."""
    list_progress.callback_asked(context, event)
    _audit(context, f"call.callback.{'asked' if event.due_at else 'withdrawn'}", event)


def note_drafted(context: RowContext, event: events.NoteDrafted) -> None:
    """The newest draft replaces the last."""
    draft = {
        "of_call": event.call_id,
        "user": event.user_id,
        "text": context.sealer.seal(event.text),
        "drafted": event.at,
    }
    if straight.changed(context.session, _REDRAFT, draft) == 0:
        straight.write(context.session, _DRAFT, draft)


def result_recorded(context: RowContext, event: events.ResultRecorded) -> None:
    """The next version of the call's result. An unrecorded one leaves the draft where it is."""
    session = context.session
    call = {"call_id": event.call_id}
    draft = straight.scalar(session, _DRAFTED, call)
    text = event.note
    if text is None and draft is not None:
        text = context.sealer.open(draft)
    note_id = None
    if event.recorded and text:
        note = insert(Note).values(
            customer_id=event.customer_id,
            call_id=event.call_id,
            user_id=event.user_id,
            text_sealed=context.sealer.seal(text),
            at=event.at,
        )
        note_id = session.execute(note).inserted_primary_key[0]  # type: ignore[attr-defined]
    if event.recorded and draft is not None:
        session.execute(delete(NoteDraft).where(NoteDraft.call_id == event.call_id))
    straight.write(
        session,
        _RESULT,
        {
            **call,
            "version": (straight.scalar(session, _LATEST, call) or 0) + 1,
            "customer_id": event.customer_id,
            "campaign_id": event.campaign_id,
            "user_id": event.user_id,
            "codes": sorted(event.codes),
            "note_id": note_id,
            "recorded": event.recorded,
            "counterpart": event.counterpart,
            "at": event.at,
        },
    )
    list_progress.after_result(context, event)
    barring.result_recorded(context, event)
    _audit(context, "call.result.recorded", event)


def end_promise(context: RowContext, call_id: str, state: str, *, at: datetime) -> None:
    """The open promise of a call, if any, is `replaced` or `withdrawn`."""
    context.session.execute(
        update(Promise)
        .where(Promise.call_id == call_id, Promise.state == "open")
        .values(state=state, ended_at=at)
    )


def _audit(
    context: RowContext,
    action: str,
    event: events.PromiseMade
    | events.PromiseWithdrawn
    | events.CallbackAsked
    | events.ResultRecorded,
) -> None:
    audit.append(
        context.session,
        at=event.at,
        actor=context.seat_of(event.user_id),
        action=action,
        subject=f"call:{event.call_id}",
    )


# Built once, and run past the session, which has no objects of these: every call has several.
_NOT_CURRENT = (
    update(StatusMark)
    .where(
        StatusMark.call_id == bindparam("of_call"),
        StatusMark.code == bindparam("of_code"),
        StatusMark.current,
    )
    .values(current=False)
)
_MARK = insert(StatusMark).values(current=True)
_REDRAFT = (
    update(NoteDraft)
    .where(NoteDraft.call_id == bindparam("of_call"))
    .values(user_id=bindparam("user"), text_sealed=bindparam("text"), at=bindparam("drafted"))
)
_DRAFT = insert(NoteDraft).values(
    call_id=bindparam("of_call"),
    user_id=bindparam("user"),
    text_sealed=bindparam("text"),
    at=bindparam("drafted"),
)
_DRAFTED = select(NoteDraft.text_sealed).where(NoteDraft.call_id == bindparam("call_id"))
_LATEST = select(func.max(Result.version)).where(Result.call_id == bindparam("call_id"))
_RESULT = insert(Result)
