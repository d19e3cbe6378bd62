"""The clock's part: every state that could last for ever has an end.

Asked for several times a second (`Tick`). Gateways keep their own deadlines, law's deadlines
first; those here are the desk's second lock, so that neither a lost message nor a silent process
leaves a seat, a customer or a line hanging.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from agent_desk.dialer import effects, endings, inbound, offering, supervisors, wrap_up
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.floor import PULSE_LOST_S, Call, CallState, Seat, SeatState

BRIDGE_S = 3.0  # from the order to bridge to two-way audio
ORDER_S = 10.0  # from the order to call to the gateway's first word
RING_SLACK_S = 30.0  # beyond the ring limit, which the gateway keeps
SCREENING_S = 30.0  # answered, and no verdict
ENDING_S = 3.0  # from the order to hang up to the end
PROMPT_S = 20.0  # the same, with a recording of at most 10 s before it
ARRIVAL_S = 10.0  # a call that came in, from its arrival to an answer
CALLER_SLACK_S = 5.0  # beyond the time a caller waits, which the gateway keeps
PREVIEW_S = 600.0  # a customer on screen, from being shown to the call or being passed over
# An unanswered call cannot live longer in a gateway out of reach: CANCEL comes within 120 s.
OUT_OF_REACH_S = 150.0

LAGGED = "lagged"  # reason of away when the page was not heard for 30 s


def tick(draft: Draft) -> None:
    """Look at every deadline once."""
    offering.offer_waiting(draft)
    for call in draft.calls.values():
        if call.state is not CallState.ENDED:
            _look_at_call(draft, call)
    lagged_before = draft.now - timedelta(seconds=PULSE_LOST_S)
    for seat in draft.seats.values():
        if seat.state is SeatState.WRAP_UP:
            if seat.deadline is not None and draft.now >= seat.deadline:
                wrap_up.expire(draft, seat)
        elif (
            seat.state is SeatState.AVAILABLE or seat.state is SeatState.STARTING
        ) and seat.link.heard_at < lagged_before:
            _lag(draft, seat)
    supervisors.look(draft)


def _lag(draft: Draft, seat: Seat) -> None:
    """The instant is the page's: nobody waited while the machine, or the desk, was asleep."""
    lost_at = seat.link.heard_at + timedelta(seconds=PULSE_LOST_S)
    draft.move_seat(seat, "PageLost", at=lost_at, reason=LAGGED)
    draft.do(effects.TellLeads("seat-lagged", seat.seat_id, seat.campaign_id))


def _passed(draft: Draft, since: datetime | None, limit_s: float) -> bool:
    return since is not None and (draft.now - since).total_seconds() > limit_s


def _look_at_call(draft: Draft, call: Call) -> None:
    if not call.may_exist:
        _look_at_preview(draft, call)
        return
    gateway = draft.gateways.get(call.gateway_id)
    if gateway is None or not gateway.linked:
        _look_out_of_reach(draft, call, (gateway and gateway.lost_at) or call.since)
    elif call.ending_at is not None:
        _look_at_ending(draft, call)
    elif call.inbound and call.state is not CallState.BRIDGED:
        _look_at_caller(draft, call)
    elif call.state is CallState.WAITING:
        _look_at_waiting(draft, call)
    elif call.state is not CallState.BRIDGED:
        _look_at_progress(draft, call)


def _look_at_preview(draft: Draft, call: Call) -> None:
    """Nobody else calls a customer whom somebody has on screen: he must be there, and decide."""
    seat = draft.seats.get(call.seat_id)
    if seat is None or seat.link.pulse_age_s(draft.now) > PULSE_LOST_S:
        cause = "page-lost"
    elif _passed(draft, call.since, PREVIEW_S):
        cause = "preview-overdue"
        draft.do(effects.TellSeat("preview-overdue", seat.seat_id))
    else:
        return
    endings.finish(draft, call, endings.never_placed(draft.now, cause))


def _look_out_of_reach(draft: Draft, call: Call, lost_at: datetime) -> None:
    """No orders reach it and no news comes; a talk goes on while somebody can be in it.

    Nobody waits for the end of a call that has no seat: what became of it can still be heard.
    """
    if call.seat_id is not None and _ending_overdue(draft, call):
        endings.finish(draft, call, endings.unheard(call, draft.now, "overdue"))
    elif _passed(draft, lost_at, OUT_OF_REACH_S) and not (
        call.state is CallState.BRIDGED and _may_talk(draft, call)
    ):
        endings.finish(draft, call, endings.failed(call, draft.now, "gateway-lost"))


def _may_talk(draft: Draft, call: Call) -> bool:
    """Whether the operator's leg may be alive: its page is, and its last word was not the end.

    The gateway's reports on the leg are lost with the link, but the leg cannot outlive the page.
    """
    lead = draft.supervisors.get(call.taken_by)
    if lead is not None:
        return lead.page_gone_at is None
    seat = draft.seats.get(call.seat_id)
    if seat is None or seat.link.pulse_age_s(draft.now) > PULSE_LOST_S:
        return False
    return seat.link.media_up or seat.link.media_at is None


def _ending_overdue(draft: Draft, call: Call) -> bool:
    prompt_possible = call.answered_at is not None and call.bridged_at is None
    return _passed(draft, call.ending_at, PROMPT_S if prompt_possible else ENDING_S)


def _look_at_ending(draft: Draft, call: Call) -> None:
    if _ending_overdue(draft, call):
        draft.do(effects.HangUp(call.call_id, call.gateway_id, "overdue"))
        endings.finish(draft, call, endings.unheard(call, draft.now, "overdue"))


def _look_at_waiting(draft: Draft, call: Call) -> None:
    within_s = draft.terms(call).bridge_within_s
    bridge_by = call.bridge_by(within_s)
    if call.bridge_asked_at is not None:
        if not _passed(draft, call.bridge_asked_at, BRIDGE_S):
            return
        cause = "bridge-timeout"
    elif bridge_by is not None and draft.now > bridge_by:
        cause = "no-seat"
    else:
        return
    call = endings.unreserve(draft, call)
    endings.ask_to_end(draft, call, cause, prompt="safe_harbour")


def _look_at_caller(draft: Draft, call: Call) -> None:
    """Somebody who called us and has no operator yet."""
    if _passed(draft, call.bridge_asked_at, BRIDGE_S):
        cause = "bridge-timeout"
    elif _passed(draft, call.answered_at, inbound.WAIT_S + CALLER_SLACK_S):
        cause = "no-seat"
    elif call.answered_at is None and _passed(draft, call.since, ARRIVAL_S):
        cause = "answer-overdue"
    else:
        return
    call = endings.unreserve(draft, call)
    endings.ask_to_end(draft, call, cause, prompt="all_busy")


def _look_at_progress(draft: Draft, call: Call) -> None:
    """Calls before an answer, and answered ones nobody has heard a verdict on."""
    if call.state is CallState.LEASED:
        if _passed(draft, call.place_asked_at or call.since, ORDER_S):
            endings.ask_to_end(draft, call, "order-overdue", prompt=None)
    elif call.state in (CallState.PLACED, CallState.RINGING):
        limit = draft.terms(call).ring_limit_s + RING_SLACK_S
        if _passed(draft, call.placed_at or call.since, limit):
            endings.ask_to_end(draft, call, "ring-overdue", prompt=None)
    elif call.state in (CallState.ANSWERED, CallState.SCREENING) and _passed(
        draft, call.answered_at, SCREENING_S
    ):
        endings.ask_to_end(draft, call, "screening-overdue", prompt="safe_harbour")
