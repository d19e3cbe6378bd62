"""What a gateway says of one call, and what it means.

Old news (a call that is unknown, ended, or past the point the fact tells of) changes nothing and
is not an error: gateways repeat themselves after a lost link. What cannot be true raises.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from agent_desk.dialer import calls, endings, gateway_facts, link_health, offering
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import IllegalMove
from agent_desk.dialer.events import CallerIdShown, CallPromptPlayed, CallRerouted, LineFreed
from agent_desk.dialer.floor import Call, CallState
from agent_desk.dialer.ids import CallId

CLOSING_PROMPTS = frozenset({"safe_harbour", "apology", "closed", "all_busy"})
CALL_GONE = "call_unknown"  # a gateway's refusal of an order about a call that is over


def _current(draft: Draft, call_id: CallId, event: str) -> Call | None:
    """The call this fact is news for, or None."""
    call = draft.calls.get(call_id)
    return None if call is None or calls.is_late(call.state, event) else call


def placed(draft: Draft, fact: gateway_facts.CallPlaced) -> None:
    """The INVITE left."""
    call = _current(draft, fact.call_id, "CallPlaced")
    if call is not None:
        shown = replace(call, placed_at=fact.at, caller_id=fact.caller_id)
        draft.move_call(shown, "CallPlaced", fact.at)
        draft.emit(CallerIdShown(call.call_id, fact.caller_id))


def not_placed(draft: Draft, fact: gateway_facts.CallNotPlaced) -> None:
    """The INVITE never left: released."""
    call = _current(draft, fact.call_id, "CallNotPlaced")
    if call is not None:
        ending = endings.never_placed(fact.at, fact.error_id)
        endings.finish(draft, call, ending, event="CallNotPlaced")


def rerouted(draft: Draft, fact: gateway_facts.CallRerouted) -> None:
    """Another trunk has it now: the line it holds is that one's."""
    call = draft.calls.get(fact.call_id)
    if call is None or call.state is CallState.ENDED or call.trunk_id == fact.trunk_id:
        return
    draft.put_call(replace(call, trunk_id=fact.trunk_id, caller_id=fact.caller_id))
    draft.emit(CallRerouted(call.call_id, fact.trunk_id, fact.sip_code, fact.at))
    draft.emit(CallerIdShown(call.call_id, fact.caller_id))


def ringing(draft: Draft, fact: gateway_facts.CallRinging) -> None:
    """First 18x: from here the attempt counts, whatever comes."""
    call = _current(draft, fact.call_id, "CallRinging")
    if call is not None:
        draft.move_call(replace(call, rang_at=fact.at), "CallRinging", fact.at)


def answered(draft: Draft, fact: gateway_facts.CallAnswered) -> None:
    """200 OK; unless screening is off, what answered is listened to first.

    Of a call that came in it is our own answer, and who called is no machine.
    """
    call = _current(draft, fact.call_id, "CallAnswered")
    if call is None:
        return
    call = draft.move_call(replace(call, answered_at=fact.at), "CallAnswered", fact.at)
    if call.inbound:
        draft.move_call(call, "CallOffered", fact.at)
    elif draft.campaign(call.campaign_id).screening != "off":
        draft.move_call(call, "ScreeningBegan", fact.at)


def screened(draft: Draft, fact: gateway_facts.CallScreened) -> None:
    """A verdict; offered, the customer now waits for a seat."""
    known = draft.calls.get(fact.call_id)
    event = "CallScreened"
    if fact.offered and known is not None and not calls.is_late(known.state, "CallOffered"):
        event = "CallOffered"
    call = _current(draft, fact.call_id, event)
    if call is None or (event == "CallScreened" and call.verdict == fact.verdict):
        return
    answered_at = call.answered_at or fact.at
    greeting_end_at = call.greeting_end_at
    if fact.greeting_end_ms is not None:
        greeting_end_at = answered_at + timedelta(milliseconds=fact.greeting_end_ms)
    call = replace(
        call,
        verdict=fact.verdict,
        answered_at=answered_at,
        greeting_end_at=greeting_end_at,
        offered_at=fact.at if event == "CallOffered" else call.offered_at,
    )
    draft.move_call(
        call,
        event,
        fact.at,
        verdict=fact.verdict,
        greeting_end_ms=fact.greeting_end_ms,
        evidence=fact.evidence,
    )


def bridged(draft: Draft, fact: gateway_facts.CallBridged) -> None:
    """Two-way audio runs: the seat is talking."""
    call = _current(draft, fact.call_id, "CallBridged")
    if call is None or (call.ending_at is not None and call.seat_id is None):
        return  # taken back while the bridge was being made; its end is on the way
    seat = draft.seats.get(call.seat_id)
    if call.bridge_asked_at is None or seat is None or seat.seat_id != fact.seat_id:
        raise IllegalMove("call", call.state, "CallBridged", call.call_id)
    offering.begin_talk(draft, call, seat, fact.at)


def bridge_refused(draft: Draft, fact: gateway_facts.BridgeRefused) -> None:
    """The seat's leg is not what we took it for: the customer goes to the next seat at once.

    The seat is no capacity until its leg is reported alive again. In preview nobody else may take
    the customer; the deadline of the bridge ends that call.
    """
    call = draft.calls.get(fact.call_id)
    if call is None or call.bridge_asked_at is None or call.seat_id != fact.seat_id:
        return
    if call.state not in (CallState.RINGING, CallState.WAITING) or call.preview:
        return
    if fact.error_id == CALL_GONE:  # the customer hung up in this very moment: the end is coming
        call = endings.unreserve(draft, call)
        draft.put_call(replace(call, ending_at=call.ending_at or draft.now))
        return
    seat = draft.seats.get(fact.seat_id)
    if seat is not None:
        draft.put_seat(link_health.with_media(seat, up=False, at=draft.now))
    endings.unreserve(draft, call)


def treated(draft: Draft, fact: gateway_facts.CallTreated) -> None:
    """A recording began; after a closing one nobody is bridged any more."""
    call = _current(draft, fact.call_id, "CallTreated")
    if call is None or _told_before(call, fact):
        return
    calls.target(call.state, "CallTreated", call.call_id)
    draft.emit(CallPromptPlayed(call.call_id, fact.prompt, fact.at, fact.recording))
    call = replace(call, prompt_at=fact.at, prompt=fact.prompt)
    draft.put_call(call)
    if fact.prompt in CLOSING_PROMPTS and call.state is not CallState.BRIDGED:
        call = endings.unreserve(draft, call)
        draft.put_call(replace(call, ending_at=call.ending_at or draft.now))


def _told_before(call: Call, fact: gateway_facts.CallTreated) -> bool:
    if call.prompt_at is None:
        return False
    return fact.at < call.prompt_at or (fact.at == call.prompt_at and fact.prompt == call.prompt)


def seat_silent(draft: Draft, fact: gateway_facts.SeatSilent) -> None:
    """The seat's audio stopped or came back; the gateway plays what the customer must hear."""
    seat = draft.seats.get(fact.seat_id)
    if seat is not None and seat.call_id == fact.call_id:
        link = replace(seat.link, media_up=not fact.silent, media_at=min(fact.at, draft.now))
        draft.put_seat(replace(seat, link=link))


def ended(draft: Draft, fact: gateway_facts.CallEnded) -> None:
    """The gateway's final word; of a call that is over already it says when its line was free."""
    call = draft.calls.get(fact.call_id)
    if call is not None and call.state is not CallState.ENDED:
        endings.finish(draft, call, endings.reported(call, fact))
    elif call is None or call.ended_at is None or fact.at > call.ended_at:
        draft.emit(LineFreed(fact.call_id, fact.at))
