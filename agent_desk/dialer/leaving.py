"""How a second party, or the operator who handed the call on, is out of a call that goes on."""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer import effects
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.events import PartyMoved
from agent_desk.dialer.floor import Call, Seat, SeatState

CONSULT = "consult"  # reason of away while a colleague is in somebody's call


def party_leaves(draft: Draft, call: Call, *, state: str, cause: str) -> Call:
    """The party is out of the call, if there was one; a colleague is available again."""
    party = call.party
    if party is None:
        return call
    call = replace(call, party=None)
    draft.put_call(call)
    draft.emit(
        PartyMoved(call.call_id, party.party_id, state, ended=True, cause=cause, at=draft.now)
    )
    colleague = draft.seats.get(party.seat_id)
    if colleague is not None and colleague.consulted_on == call.call_id:
        colleague = replace(colleague, consulted_on=None)
        draft.put_seat(colleague)
        if colleague.state is SeatState.AWAY and colleague.reason == CONSULT:
            draft.move_seat(colleague, "ConsultEnded")
    return call


def give_up(draft: Draft, call: Call, seat: Seat) -> None:
    """The operator is free again: the result is the colleague's to write."""
    if seat.muted:
        draft.do(effects.Mute(seat.seat_id, seat.gateway_id or call.gateway_id, on=False))
    if seat.queued_away is None:
        draft.move_seat(seat, "CallHandedOver")
    else:
        draft.move_seat(seat, "CallHandedOverToAway", reason=seat.queued_away)
