"""Messages on answering machines: the operator presses a key and is free, the gateway says it.

Screening lets some machines through, and what it cannot tell apart it treats as a person. An
operator who hears one leaves the recording that was approved for the campaign: for the floor the
call is over at that instant, with the outcome `machine`, and it counts against the customer's caps
like every call that was answered. What the machine was told of it the gateway reports later, of a
call that has left the floor, perhaps; so nothing here asks for the call then.
"""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer import commands, effects, endings, events, gateway_facts, seats
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.floor import Call, CallState
from agent_desk.dialer.outcomes import ROWS, Outcome

CAUSE = "message-left"


def leave(draft: Draft, command: commands.LeaveMessage) -> None:
    """Order it and let the operator go; whether the rules allow it the service has looked up."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "LeaveMessage", seat.seat_id)
    call = draft.calls.get(seat.call_id)
    if call is None or call.state is not CallState.BRIDGED or call.ending_at is not None:
        raise Refused(ErrorId.NO_CALL)
    recording = _recording(draft, call)
    draft.emit(
        events.MessageAsked(
            call_id=call.call_id,
            customer_id=call.customer_id,
            campaign_id=call.campaign_id,
            user_id=seat.user_id,
            recording=recording,
            at=draft.now,
        )
    )
    draft.do(effects.LeaveMessage(call.call_id, call.gateway_id, recording))
    call = replace(call, message="leaving")
    draft.put_call(call)
    ending = endings.Ending(ROWS[Outcome.MACHINE], "desk", draft.now, answered=True, cause=CAUSE)
    endings.finish(draft, call, ending)


def _recording(draft: Draft, call: Call) -> str:
    """The hash of what may be left there; raises Refused."""
    approved = draft.campaign(call.campaign_id).message
    if call.inbound or not approved:
        raise Refused(ErrorId.NO_MESSAGE)
    if call.party is not None:
        raise Refused(ErrorId.PARTY_PRESENT)
    if call.identity != "unknown" or call.codes:
        raise Refused(ErrorId.PERSON_ON_LINE)
    gateway = draft.gateways.get(call.gateway_id)
    if gateway is None or not gateway.linked:
        raise Refused(ErrorId.GATEWAY_DOWN)
    if approved not in gateway.messages:
        raise Refused(ErrorId.NO_MESSAGE)
    return approved


def left(draft: Draft, fact: gateway_facts.MessageLeft) -> None:
    """What the machine was told."""
    draft.emit(events.MessageLeft(fact.call_id, fact.played_ms, fact.whole, fact.at))
    call = draft.calls.get(fact.call_id)
    if call is not None and call.message:
        draft.put_call(replace(call, message="left" if fact.whole else "cut_off"))


def refused(draft: Draft, fact: gateway_facts.MessageRefused) -> None:
    """The gateway would not: nothing was said, and nobody is left on the line."""
    left(draft, gateway_facts.MessageLeft(fact.call_id, fact.at, 0, whole=False))
    draft.do(effects.HangUp(fact.call_id, fact.gateway_id, "message-refused"))


def approve(draft: Draft, command: commands.ApproveMessage) -> None:
    """From here on this recording may be left; no hash: none may."""
    campaign = draft.campaign(command.campaign_id)
    draft.campaigns.put(campaign.campaign_id, replace(campaign, message=command.sha256))
    draft.emit(
        events.MessageApproved(
            campaign.campaign_id,
            command.sha256,
            command.text,
            command.duration_ms,
            command.by,
            draft.now,
        )
    )
