"""Rows of attempts and the calls they became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, String, bindparam, func, insert, type_coerce, update

from agent_desk.dialer import events
from agent_desk.models.calls import Attempt, AttemptOutcome, Call, CallPrompt
from agent_desk.models.results import Callback
from agent_desk.store import audit, straight
from agent_desk.store.rows import callbacks, entries, gateway_events, list_progress
from agent_desk.store.rows import inbound as inbound_rows
from agent_desk.store.rows.context import RowContext
from agent_desk.store.rules import overrides

# A fact may skip states (a 200 OK without any 18x); these instants hold at the latest by then.
_REACHED = {
    "ringing": ("rang_at",),
    "answered": ("answered_at",),
    "screening": ("answered_at",),
    "waiting": ("answered_at", "offered_at"),
    "bridged": ("answered_at", "offered_at", "bridged_at"),
}
_NOT_REACHED: Mapping[str, None] = dict.fromkeys(
    ("rang_at", "answered_at", "offered_at", "bridged_at")
)


def call_moved(context: RowContext, event: events.CallMoved) -> None:
    """The call's new state and seat, and the instants that belong to it unless they are known."""
    call: dict[str, Any] = {"call_id": event.call_id}
    straight.write(
        context.session,
        _MOVED,
        {
            **call,
            "to": event.to_state,
            "seat": None if event.seat_id is None else context.user_of(event.seat_id),
            "moved": event.at if event.to_state != event.from_state else None,
            **_NOT_REACHED,
            **dict.fromkeys(_REACHED.get(event.to_state, ()), event.at),
            "heard": event.verdict,
            "told": event.evidence,
        },
    )
    if event.greeting_end_ms is not None:
        greeting_end = {**call, "microseconds": event.greeting_end_ms * 1000}
        straight.write(context.session, _GREETED, greeting_end)
    if event.from_state == "leased" and event.to_state not in ("leased", "ended"):
        straight.write(context.session, _PLACED, {**call, "at": event.at})


def call_finished(context: RowContext, event: events.CallFinished) -> None:
    """The one outcome; customer and number are free again; the list entry goes on its way."""
    session = context.session
    tried = None if event.inbound else entries.tried(session, event)
    straight.write(
        session,
        _OUTCOME,
        {
            "attempt_id": event.call_id,
            "campaign_id": event.campaign_id,
            "outcome": event.outcome,
            "blame": event.blame,
            "by": event.by,
            "counts": event.counts,
            "answered": event.answered,
            "live_answer": event.live_answer,
            "abandoned": event.abandoned,
            "sip_code": event.sip_code,
            "q850": event.q850,
            "cause": event.cause,
            "at": event.at,
        },
    )
    call = {"call_id": event.call_id}
    straight.write(session, _OVER, {**call, "counted": event.counts})
    ended = {"ended": event.at, "ender": event.by, "told": event.evidence or None}
    straight.write(session, _ENDED, {**call, **ended})
    if tried is None:
        inbound_rows.finished(context, event)
        return
    list_progress.after_outcome(context, event, tried)
    if tried.to_work and event.counts:
        _use_up(context, event)


def _use_up(context: RowContext, event: events.CallFinished) -> None:
    """An override that was for one call is none any more."""
    for override_id in overrides.use_up(context.session, event.call_id, at=event.at):
        audit.append(
            context.session,
            at=event.at,
            actor="dialer",
            action="override.used",
            subject=f"override:{override_id}",
            details={"call": event.call_id},
        )


def prompt_played(context: RowContext, event: events.CallPromptPlayed) -> None:
    """Evidence of what the customer heard."""
    context.session.execute(
        insert(CallPrompt).values(
            call_id=event.call_id, prompt=event.prompt, at=event.at, recording=event.recording
        )
    )


def rerouted(context: RowContext, event: events.CallRerouted) -> None:
    """The attempt belongs to the trunk that carries it in the end."""
    context.session.execute(
        update(Attempt).where(Attempt.id == event.call_id).values(trunk_id=event.trunk_id)
    )


def caller_id_shown(context: RowContext, event: events.CallerIdShown) -> None:
    """What the customer saw is the attempt's."""
    values = {"call_id": event.call_id, "shown": event.caller_id}
    straight.write(context.session, _SHOWN, values)


def callback_due(context: RowContext, event: events.CallbackDue) -> None:
    """The customer is called again before all others."""
    context.session.execute(
        insert(Callback).values(
            customer_id=event.customer_id,
            list_entry_id=event.list_entry_id,
            campaign_id=event.campaign_id,
            call_id=event.call_id,
            cause=event.cause,
            due_at=event.at,
            state="open",
            made_at=event.at,
        )
    )
    callbacks.call_back(context.session, event.list_entry_id, due_at=event.at)


def gateway_booted(context: RowContext, event: events.GatewayBooted) -> None:
    """Its events are numbered anew."""
    gateway_events.remember_boot(context.session, event.gateway_id, event.boot_id, at=event.at)


def _known_first(column: Any) -> Any:
    """What is there already, else what is bound under the column's name."""
    return func.coalesce(column, bindparam(column.key, type_=column.type))


def _new_first(name: str, column: Any) -> Any:
    """What is bound, else what is there already."""
    return func.coalesce(bindparam(name, type_=column.type), column)


# Built once, and run past the session, which has no objects of these: each attempt goes this way.
_MOVED = (
    update(Call)
    .where(Call.id == bindparam("call_id"))
    .values(
        state=bindparam("to"),
        seat_user_id=bindparam("seat"),
        since=_new_first("moved", Call.since),
        rang_at=_known_first(Call.rang_at),
        answered_at=_known_first(Call.answered_at),
        offered_at=_known_first(Call.offered_at),
        bridged_at=_known_first(Call.bridged_at),
        verdict=_new_first("heard", Call.verdict),
        evidence=_new_first("told", Call.evidence),
    )
)
_GREETED = (
    update(Call)
    .where(Call.id == bindparam("call_id"))
    .values(
        greeting_end_at=type_coerce(Call.answered_at, BigInteger)
        + bindparam("microseconds", type_=BigInteger())
    )
)
_PLACED = (
    update(Attempt)
    .where(
        Attempt.id == bindparam("call_id"),
        Attempt.placed_at.is_(None),
        Attempt.inbound.is_(False),
    )
    .values(placed_at=bindparam("at"))
)
_OUTCOME = insert(AttemptOutcome)
_SHOWN = (
    update(Attempt)
    .where(Attempt.id == bindparam("call_id"))
    .values(caller_id=bindparam("shown", type_=String()))
)
_OVER = (
    update(Attempt)
    .where(Attempt.id == bindparam("call_id"))
    .values(open=False, counts=bindparam("counted"))
)
_ENDED = (
    update(Call)
    .where(Call.id == bindparam("call_id"))
    .values(
        state="ended",
        live=False,
        since=bindparam("ended"),
        ended_at=bindparam("ended"),
        ended_by=bindparam("ender"),
        evidence=func.coalesce(bindparam("told", type_=String()), Call.evidence),
    )
)
