"""The clock's part: every state that could last for ever has an end.

Asked for several times a second (`Tick`). Gateways keep their own deadlines, law's deadlines
first; those here are the desk's second lock, so that neither a lost message nor a silent process
leaves a seat, a customer or a line hanging.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from agent_desk.dialer import effects, endings, offering, wrap_up
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.floor import PULSE_LOST_S, Call, CallState, Seat, SeatState

BRIDGE_S = 3.0  # from the order to bridge to two-way audio
ORDER_S = 10.0  # from the order to call to the gateway's first word
RING_SLACK_S = 30.0  # beyond the ring limit, which the gateway keeps
SCREENING_S = 30.0  # answered, and no verdict
ENDING_S = 3.0  # from the order to hang up to the end
PROMPT_S = 20.0  # the same, with a recording of at most 10 s before it
OUT_OF_REACH_S = 150.0  # an unanswered call cannot live longer: CANCEL comes within 120 s

LAGGED = "lagged"  # reason of away when the page was not heard for 30 s


def tick(draft: Draft) -> None:
    """Look at every deadline once."""
    offering.offer_waiting(draft)
    for call in draft.calls.values():
        talking = call.state is CallState.BRIDGED and call.ending_at is None
        if not talking and call.state is not CallState.ENDED:
            _look_at_call(draft, call)
    lagged_before = draft.now - timedelta(seconds=PULSE_LOST_S)
    for seat in draft.seats.values():
        if seat.state is SeatState.WRAP_UP:
            if seat.deadline is not None and draft.now >= seat.deadline:
                wrap_up.expire(draft, seat)
        elif (seat.state is SeatState.AVAILABLE or seat.state is SeatState.STARTING) and (
            seat.link.pulse_at or seat.link.opened_at
        ) < lagged_before:
            _lag(draft, seat)


def _lag(draft: Draft, seat: Seat) -> None:
    draft.move_seat(seat, "PageLost", reason=LAGGED)
    draft.do(effects.TellLeads("seat-lagged", seat.seat_id, seat.campaign_id))


def _passed(draft: Draft, since: datetime | None, limit_s: float) -> bool:
    return since is not None and (draft.now - since).total_seconds() > limit_s


def _look_at_call(draft: Draft, call: Call) -> None:
    gateway = draft.gateways.get(call.gateway_id)
    if gateway is None or not gateway.linked:
        lost_at = (gateway.lost_at if gateway is not None else None) or call.since
        unbridged = call.may_exist and call.bridged_at is None
        if unbridged and _passed(draft, lost_at, OUT_OF_REACH_S):
            endings.finish(draft, call, endings.failed(call, draft.now, "gateway-lost"))
    elif call.ending_at is not None:
        _look_at_ending(draft, call)
    elif call.state is CallState.WAITING:
        _look_at_waiting(draft, call)
    else:
        _look_at_progress(draft, call)


def _look_at_ending(draft: Draft, call: Call) -> None:
    prompt_possible = call.answered_at is not None and call.bridged_at is None
    if _passed(draft, call.ending_at, PROMPT_S if prompt_possible else ENDING_S):
        draft.do(effects.HangUp(call.call_id, call.gateway_id, "overdue"))
        endings.finish(draft, call, endings.unheard(call, draft.now, "overdue"))


def _look_at_waiting(draft: Draft, call: Call) -> None:
    within_s = draft.campaign(call.campaign_id).bridge_within_s
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


def _look_at_progress(draft: Draft, call: Call) -> None:
    """Calls before an answer, and answered ones nobody has heard a verdict on."""
    if call.state is CallState.LEASED:
        if call.may_exist and _passed(draft, call.place_asked_at or call.since, ORDER_S):
            endings.ask_to_end(draft, call, "order-overdue", prompt=None)
    elif call.state in (CallState.PLACED, CallState.RINGING):
        limit = draft.campaign(call.campaign_id).ring_limit_s + RING_SLACK_S
        if _passed(draft, call.placed_at or call.since, limit):
            endings.ask_to_end(draft, call, "ring-overdue", prompt=None)
    elif call.state in (CallState.ANSWERED, CallState.SCREENING) and _passed(
        draft, call.answered_at, SCREENING_S
    ):
        endings.ask_to_end(draft, call, "screening-overdue", prompt="safe_harbour")
