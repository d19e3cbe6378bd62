"""Calls that come in: a customer calls the number we showed, or somebody nobody knows does.

The caller is told to us by the gateway while it rings there, with whatever the desk could look up
about them (`services/dialing/inbound.py`). From then on it is a call like the others: it takes the
longest-idle proven-ready seat of its campaign (the operator who knows the customer first), it is
bridged, and it ends in one outcome. What differs stands here:

* A bridge answers it. Is there no seat, it is answered all the same and hears music, for
  `WAIT_S` at most; then the gateway says that we shall call back, and the desk does (`missed`).
* Out of hours the caller hears so at once.
* A carrier may ring several gateways with one call: the first has it, the others are busy.
* Somebody who calls us is not called at the same moment: our own attempt that still rings there
  is taken back, and one that was leased in this instant does not leave (I2).

A gateway that is not linked is telling what happened without us: nothing is ordered then. It had
no answer from the desk, so it has told the caller itself, and the outcome is the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from agent_desk.dialer import effects, endings, gateway_facts
from agent_desk.dialer.calls import UNANSWERED
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.events import CallCameIn
from agent_desk.dialer.floor import Call, CallState, Seat
from agent_desk.dialer.reach import within_reach
from agent_desk.dialer.sharing import works_for

WAIT_S = 60.0  # with music, from the answer
TAKEN_BACK = "customer-calls"
TWICE = "on-the-line"
OUT_OF_HOURS = "out-of-hours"


def arrived(draft: Draft, fact: gateway_facts.CallArrived) -> None:
    """It rings at the gateway."""
    draft.campaign(fact.campaign_id)
    if draft.calls.get(fact.call_id) is not None:
        return
    if _calls_already(draft, fact):
        draft.do(effects.HangUp(fact.call_id, fact.gateway_id, TWICE))
        return
    at = min(fact.at, draft.now)
    call = Call(
        call_id=fact.call_id,
        campaign_id=fact.campaign_id,
        list_entry_id=fact.list_entry_id,
        customer_id=fact.customer_id,
        phone_id=fact.phone_id,
        number_key=fact.number_key,
        number_today=0,
        trunk_id=fact.trunk_id,
        gateway_id=fact.gateway_id,
        state=CallState.RINGING,
        since=at,
        not_after=at,
        place_asked_at=at,
        rang_at=at,
        offered_at=at,
        inbound=True,
        out_of_hours=fact.out_of_hours,
        known_to=fact.known_to,
        call_back=fact.call_back,
    )
    draft.put_call(call)
    draft.emit(
        CallCameIn(
            call_id=call.call_id,
            campaign_id=call.campaign_id,
            list_entry_id=call.list_entry_id,
            customer_id=call.customer_id,
            phone_id=call.phone_id,
            number=fact.number,
            number_key=call.number_key,
            trunk_id=call.trunk_id,
            gateway_id=call.gateway_id,
            desk_epoch=fact.desk_epoch,
            at=at,
        )
    )
    for other in draft.calls.values():
        if other.state in UNANSWERED and not other.inbound and same_caller(call, other):
            endings.ask_to_end(draft, other, TAKEN_BACK, prompt=None)


def _calls_already(draft: Draft, fact: gateway_facts.CallArrived) -> bool:
    """Whether it is another end of a call we have: a carrier rings every gateway that has
    registered for an account, and the first one that answers has the call.

    One gateway tells such calls apart itself, and of one out of reach nobody knows.
    """
    others = {each.gateway_id for each in draft.gateways.values() if each.linked}
    others.discard(fact.gateway_id)
    return fact.number_key != "" and any(
        other.inbound
        and other.state is not CallState.ENDED
        and other.number_key == fact.number_key
        and other.gateway_id in others
        for other in draft.calls.rows.values()
    )


def same_caller(call: Call, other: Call) -> bool:
    """Whether two calls are with the same person, or the same telephone."""
    same_person = call.customer_id is not None and call.customer_id == other.customer_id
    return same_person or (call.number_key != "" and call.number_key == other.number_key)


def on_the_line(draft: Draft, call: Call) -> bool:
    """Whether the person we are about to call is calling us."""
    return any(
        other.inbound and other.state is not CallState.ENDED and same_caller(call, other)
        for other in draft.calls.rows.values()
    )


def awaits_seat(call: Call) -> bool:
    """Whether a seat may be reserved for this call in the state it is in."""
    if call.state is not CallState.WAITING and not (
        call.inbound and call.state is CallState.RINGING
    ):
        return False  # so with nearly all, each time anything is decided
    return call.bridge_asked_at is None and call.ending_at is None


def in_time(draft: Draft, call: Call) -> bool:
    """Whether the gateway still has the caller waiting."""
    return call.answered_at is None or draft.now <= call.answered_at + timedelta(seconds=WAIT_S)


def turn_away(draft: Draft, call: Call) -> bool:
    """Tell a caller out of hours so; False when it is not."""
    if call.out_of_hours:
        endings.ask_to_end(draft, call, OUT_OF_HOURS, prompt="closed")
    return call.out_of_hours


def known_seat(draft: Draft, call: Call) -> Seat | None:
    """The seat of the operator who talked with the caller last, if it may take the call now."""
    seat = draft.seats.get(call.known_to)
    if (
        seat is None
        or not works_for(seat, call.campaign_id)
        or not within_reach(draft, call, seat)
        or not seat.proven_ready(draft.now)
    ):
        return None
    return seat


def let_wait(draft: Draft, call: Call) -> None:
    """Nobody is free: have it answered, once."""
    if call.inbound and call.state is CallState.RINGING and call.answer_asked_at is None:
        draft.put_call(replace(call, answer_asked_at=draft.now))
        draft.do(effects.AnswerCall(call.call_id, call.gateway_id, WAIT_S))
