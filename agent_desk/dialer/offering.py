"""Who gets the customer that waits: the longest-idle seat that is proven ready, at once.

`offer_waiting` runs at the end of every decision, so it does not matter what made a match
possible: a call that was offered, a seat that became free, a heartbeat that came back. A seat is
offered a call only when its page was heard within 3 s, its microphone is live and unmuted and its
audio leg is alive *at this instant* (invariant I11), and only a call of a campaign it serves, whose
audio can be brought to it (`reach.py`). Who has waited longest chooses first, of whatever campaign;
of seats that serve different ones (`sharing.py`) one is taken that no other line needs more. A
customer who has waited longer than the campaign allows is not bridged any more: the gateway is
already playing the recording.

Who was called and picked up goes before who called us: the former may wait two seconds by law, the
latter hears music (`inbound.py`).

In preview the seat was chosen before the call; nobody else takes it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent_desk.dialer import abandonment, endings, inbound, supervisors
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.effects import Bridge, ShowCallerRecord
from agent_desk.dialer.floor import Call, CallState, Seat, SeatState
from agent_desk.dialer.reach import nearer, within_reach
from agent_desk.dialer.sharing import Serves, campaigns_of, least_missed

_WAITING = CallState.WAITING  # a look-up in an enumeration takes as long as all the rest


def offer_waiting(draft: Draft) -> None:
    """Reserve seats for waiting calls, the call that was offered first choosing first."""
    waiting = [
        call
        for call in draft.calls.rows.values()
        # Asked of every call at every decision, so what says no to nearly all is asked here.
        if (call.state is _WAITING or call.inbound) and inbound.awaits_seat(call)
    ]
    if not waiting:
        return
    waiting.sort(key=lambda call: (call.inbound, call.offered_at or call.since, call.call_id))
    for call in waiting:
        if (
            draft.linked(call.gateway_id)
            and not inbound.turn_away(draft, call)
            and _in_time(draft, call)
        ):
            _offer(draft, call)


def _in_time(draft: Draft, call: Call) -> bool:
    if call.inbound:
        return inbound.in_time(draft, call)
    within_s = draft.terms(call).bridge_within_s
    bridge_by = call.bridge_by(abandonment.serve_within(within_s))
    return bridge_by is None or draft.now <= bridge_by


def _offer(draft: Draft, call: Call) -> None:
    seat = draft.seats.get(call.seat_id)
    if seat is not None and seat.call_id == call.call_id:
        if seat.link.proven(draft.now):
            ask_bridge(draft, call, seat)
            return
        if call.preview:
            return
        # The desk was restarted between the reservation and the bridge, and the page is not back.
        call = endings.unreserve(draft, call)
    chosen = inbound.known_seat(draft, call) or longest_idle(draft, call)
    if chosen is None:
        inbound.let_wait(draft, call)
        return
    seat = draft.move_seat(chosen, "SeatReserved", call=call)
    ask_bridge(draft, call, seat)
    draft.do(ShowCallerRecord(seat.seat_id, call.call_id))


def longest_idle(draft: Draft, call: Call) -> Seat | None:
    """The proven-ready seat that has been available longest (by seat id when equal), a nearer one
    when it became free within a second of it."""
    seats, calls = draft.seats.rows.values(), draft.calls.rows.values()
    for kinds in least_missed(call, seats, calls, draft.now):
        chosen = _longest_idle_of(draft, call, kinds)
        if chosen is not None:
            return chosen
    return None


def _longest_idle_of(draft: Draft, call: Call, kinds: set[Serves]) -> Seat | None:
    chosen: Seat | None = None
    near: Seat | None = None
    for seat in draft.seats.rows.values():
        if seat.state is not SeatState.AVAILABLE or campaigns_of(seat) not in kinds:
            continue
        is_near = seat.gateway_id == call.gateway_id
        if not (_idle_longer(seat, chosen) or (is_near and _idle_longer(seat, near))):
            continue
        # Last: it costs more than all the rest.
        if within_reach(draft, call, seat) and seat.proven_ready(draft.now):
            chosen = seat if _idle_longer(seat, chosen) else chosen
            near = seat if is_near and _idle_longer(seat, near) else near
    return nearer(chosen, near)


def _idle_longer(seat: Seat, than: Seat | None) -> bool:
    if than is None:
        return True
    return seat.since < than.since or (seat.since == than.since and seat.seat_id < than.seat_id)


def begin_talk(draft: Draft, call: Call, seat: Seat, at: datetime) -> None:
    """The gateway joined them: two-way audio runs since `at`."""
    call = replace(call, bridged_at=max(at, call.since))
    call = draft.move_call(call, "CallBridged", at)
    seat = draft.move_seat(seat, "CallBridged", at=at)
    supervisors.follow_into(draft, call, seat)


def ask_bridge(draft: Draft, call: Call, seat: Seat) -> None:
    """Have the gateway join them; the seat is talking when the gateway says that it did."""
    reserved = replace(call, seat_id=seat.seat_id, bridge_asked_at=draft.now)
    draft.move_call(reserved, "SeatReserved", draft.now)
    lent_by = seat.gateway_id if seat.gateway_id != call.gateway_id else None
    record = call.inbound and draft.campaign(call.campaign_id).recording
    draft.do(Bridge(call.call_id, seat.seat_id, call.gateway_id, lent_by, record))
