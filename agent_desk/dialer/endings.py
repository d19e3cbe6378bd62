"""The one way a call ends, whoever ended it, once.

Every path leads to `finish`: the gateway's final word, a gateway that died, an INVITE that never
left, a preview that was passed over, a call nobody answers for any more. The first one writes the
outcome (invariant I6); a call that is ended or has left the floor does not end again.

Asking is not ending: `ask_to_end` sends the gateway an order and marks the call `ending_at`. What
really became of it, the gateway says. Only when it stays silent (`deadlines.py`) or cannot be
asked does the desk write the end itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from agent_desk.dialer import abandonment, calls, effects, leaving, supervisors
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.events import CallbackDue, CallFinished
from agent_desk.dialer.floor import Call, CallState, Seat, SeatState, wrap_up_until
from agent_desk.dialer.gateway_facts import CallEnded
from agent_desk.dialer.outcomes import (
    PERSON,
    ROWS,
    Outcome,
    OutcomeRow,
    classify,
    of_inbound,
)
from agent_desk.dialer.seats import IN_CALL

Prompt = Literal["safe_harbour", "apology", "closed", "all_busy"]

CALLBACK_OUTCOMES = frozenset({Outcome.SEAT_LOST, Outcome.SYSTEM_FAILURE})
# Of somebody who called us and got no operator.
LOST_CALLERS = frozenset({Outcome.MISSED, Outcome.GAVE_UP, Outcome.SYSTEM_FAILURE})


@dataclass(frozen=True)
class Ending:
    """How a call ended; `at` is when, at the source."""

    row: OutcomeRow
    by: str
    at: datetime
    answered: bool
    cause: str
    abandoned: bool = False
    sip_code: int | None = None
    q850: int | None = None
    evidence: str = ""


def reported(call: Call, fact: CallEnded) -> Ending:
    """The gateway's final word.

    A status the operator marked is a better witness than screening, which takes a company's
    greeting for a machine's.
    """
    if call.bridged_at is not None and (call.codes or call.promise_due is not None):
        fact = replace(fact, verdict="human")
    row = classify(fact, bridged=call.bridged_at is not None)
    return Ending(
        row=row,
        by=fact.by,
        at=fact.at,
        answered=fact.answered,
        cause=fact.cause,
        abandoned=row.outcome is Outcome.ABANDONED,
        sip_code=fact.sip_code,
        q850=fact.q850,
        evidence="" if fact.answered else fact.early_media,
    )


def failed(call: Call, at: datetime, cause: str) -> Ending:
    """The gateway cannot tell any more: counted if the INVITE may have left (I5).

    A person who was waiting for a seat at that moment was abandoned (I3).
    """
    waiting = call.state is CallState.WAITING
    row = replace(
        ROWS[Outcome.SYSTEM_FAILURE],
        counts=call.may_exist,
        live_answer=waiting or call.bridged_at is not None,
    )
    answered = call.answered_at is not None
    return Ending(row, "gateway", at, answered, cause, abandoned=waiting)


def never_placed(at: datetime, cause: str, *, outcome: Outcome = Outcome.NOT_PLACED) -> Ending:
    """The INVITE did not leave: the attempt is released."""
    return Ending(ROWS[outcome], "desk", at, answered=False, cause=cause)


def handed_on(at: datetime) -> Ending:
    """The customer talks on with a number outside: for us the call is over."""
    return Ending(ROWS[Outcome.HUMAN], "desk", at, answered=True, cause="handed-on")


def unheard(call: Call, at: datetime, cause: str) -> Ending:
    """The desk ends a call without the gateway's word."""
    if call.bridged_at is not None:
        return Ending(ROWS[Outcome.HUMAN], "desk", at, answered=True, cause=cause)
    if call.state is CallState.WAITING or call.verdict in PERSON:
        return Ending(ROWS[Outcome.ABANDONED], "desk", at, True, cause, abandoned=True)
    return failed(call, at, cause)


def _of_caller(call: Call, ending: Ending) -> Ending:
    """The end of a call that came in."""
    bridged = call.bridged_at is not None
    row = of_inbound(ending.row, by=ending.by, bridged=bridged, prompt=call.prompt)
    return replace(ending, row=row, abandoned=False)


def ask_to_end(draft: Draft, call: Call, cause: str, *, prompt: Prompt | None) -> None:
    """Order a call's end, once; a prompt is for a customer who has answered and is not bridged.

    A call that came in is answered for the prompt's sake.
    """
    if call.ending_at is not None or call.state is CallState.ENDED:
        return
    if not call.may_exist:
        finish(draft, call, never_placed(draft.now, cause))
    elif not draft.linked(call.gateway_id):
        finish(draft, call, unheard(call, draft.now, cause))
    else:
        if prompt is None:
            draft.do(effects.HangUp(call.call_id, call.gateway_id, cause))
        else:
            draft.do(effects.EndWithPrompt(call.call_id, call.gateway_id, prompt, cause))
        draft.put_call(replace(call, ending_at=draft.now))


def finish(draft: Draft, call: Call, ending: Ending, *, event: str = "CallEnded") -> None:
    """End a call and free or turn to wrap-up the seat it was for."""
    if call.state is CallState.ENDED:
        return
    call = leaving.party_leaves(draft, call, state="gone", cause="call-ended")
    if call.inbound:
        ending = _of_caller(call, ending)
    at = max(ending.at, call.since)
    supervisors.call_over(draft, call, at)
    ending = _judged(draft, call, ending, at)
    from_seat = call.seat_id if call.bridged_at is not None or call.preview else None
    moved = _ended(call, event, at, ending)
    draft.emit(
        CallFinished(
            call_id=call.call_id,
            list_entry_id=call.list_entry_id,
            customer_id=call.customer_id,
            campaign_id=call.campaign_id,
            outcome=ending.row.outcome.value,
            blame=ending.row.blame,
            by=ending.by,
            counts=ending.row.counts,
            answered=ending.answered or call.answered_at is not None,
            live_answer=ending.row.live_answer,
            abandoned=ending.abandoned,
            sip_code=ending.sip_code,
            q850=ending.q850,
            cause=ending.cause,
            seat_id=from_seat,
            at=at,
            inbound=call.inbound,
            evidence=ending.evidence,
        )
    )
    _owe(draft, call, ending.row.outcome, at)
    if call.preview and call.may_exist and call.bridged_at is None and call.seat_id is not None:
        # Who chose the customer is told what became of the call nobody was joined to.
        draft.do(effects.TellSeat(f"previewed-{ending.row.outcome.value}", call.seat_id))
    _leave_seat(draft, moved, at)


def _judged(draft: Draft, call: Call, ending: Ending, at: datetime) -> Ending:
    """Whether a live answer was abandoned, by the instants of what happened, and counted as such.

    Whoever hung up before screening had its word had answered all the same: kept waiting for
    longer than the law allows, that is a person nobody took.
    """
    campaign = draft.campaigns.get(call.campaign_id)
    if campaign is None or call.inbound:
        return ending
    within_s = campaign.bridge_within_s
    at_once = ending.row.outcome is Outcome.HUNG_UP_AT_ONCE
    if at_once or ending.row.live_answer:
        late = abandonment.waited_too_long(call, ended_at=at, within_s=within_s)
        if late and at_once:
            ending = replace(ending, row=replace(ROWS[Outcome.ABANDONED], counts=ending.row.counts))
        ending = replace(ending, abandoned=ending.abandoned or late)
    if ending.row.live_answer:
        answers = abandonment.counted(campaign.answers, abandoned=ending.abandoned)
        draft.campaigns.put(campaign.campaign_id, replace(campaign, answers=answers))
    return ending


def _owe(draft: Draft, call: Call, outcome: Outcome, at: datetime) -> None:
    """A customer we lost is called first; of a caller we lost the leads hear.

    One who hung up while it still rang here wanted nothing of us that we could know of.
    """
    if call.bridged_at is not None:
        owed = outcome in CALLBACK_OUTCOMES
    else:
        owed = call.inbound and outcome in LOST_CALLERS and call.answered_at is not None
        if owed:
            draft.do(effects.TellLeads("caller-missed", None, call.campaign_id))
        owed = owed and call.call_back
    if owed and call.customer_id is not None and call.list_entry_id is not None:
        draft.emit(
            CallbackDue(
                call_id=call.call_id,
                customer_id=call.customer_id,
                list_entry_id=call.list_entry_id,
                campaign_id=call.campaign_id,
                cause=outcome.value,
                at=at,
            )
        )


def _ended(call: Call, event: str, at: datetime, ending: Ending) -> Call:
    # The row of this move is CallFinished, so `draft.move_call` is not used.
    moved = calls.move(call, event, at)
    return replace(moved, ended_at=at, outcome=ending.row.outcome.value, ended_by=ending.by)


def _leave_seat(draft: Draft, call: Call, at: datetime) -> None:
    """An ended call stays on the floor only for the operator who must write its result."""
    seat = draft.seats.get(call.seat_id)
    if seat is None or seat.call_id != call.call_id:
        draft.calls.remove(call.call_id)
    elif seat.state in IN_CALL:
        draft.put_call(call)
        _begin_wrap_up(draft, seat, call, at)
    elif seat.state is SeatState.WRAP_UP:  # a lead had taken it over
        draft.put_call(call)
    else:
        draft.calls.remove(call.call_id)
        if seat.state is SeatState.RESERVED:
            release(draft, seat, at=at)


def _begin_wrap_up(draft: Draft, seat: Seat, call: Call, at: datetime) -> None:
    # Whoever is there has the whole time from when they hear of it.
    begin = at if seat.link.health(draft.now) == "lost" else draft.now
    deadline = wrap_up_until(draft.terms(call), begin)
    if seat.muted:
        draft.do(effects.Mute(seat.seat_id, seat.gateway_id or call.gateway_id, on=False))
    draft.move_seat(seat, "CallEnded", at=at, deadline=deadline)


def release(draft: Draft, seat: Seat, *, at: datetime | None = None) -> None:
    """A reserved seat whose call did not come: available again, or away if that was queued."""
    if seat.queued_away is None:
        draft.move_seat(seat, "ReservationReleased", at=at)
    else:
        draft.move_seat(seat, "ReservationReleasedToAway", at=at, reason=seat.queued_away)


def unreserve(draft: Draft, call: Call) -> Call:
    """Take the reserved seat away from a call that goes on without it."""
    seat = draft.seats.get(call.seat_id)
    if seat is not None and seat.state is SeatState.RESERVED and seat.call_id == call.call_id:
        release(draft, seat)
    if call.seat_id is None:
        return call
    call = replace(call, seat_id=None, bridge_asked_at=None)
    return draft.move_call(call, "SeatReleased", draft.now)
