"""Which seats a waiting call can have: those of its own gateway, and those others can lend it.

Seats and lines of all gateways are one pool: who has waited longest is next, wherever the audio is.
A seat in another gateway costs two more hops of some tenths of a millisecond, so of two seats that
became free within a second of each other the nearer one is taken; nobody notices that in their
turn. A gateway that is overloaded or about to leave lends no seat; its own calls still have it.
"""

from __future__ import annotations

from datetime import timedelta

from agent_desk.dialer.draft import Draft
from agent_desk.dialer.floor import Call, Seat

AS_GOOD = timedelta(seconds=1)


def within_reach(draft: Draft, call: Call, seat: Seat) -> bool:
    """Whether the audio of this call can be brought to this seat."""
    if seat.gateway_id == call.gateway_id:
        return True
    here, there = draft.gateways.get(call.gateway_id), draft.gateways.get(seat.gateway_id)
    return (
        here is not None
        and there is not None
        and there.takes_new
        and bool(here.relay_address)
        and bool(there.relay_address)
    )


def nearer(first: Seat | None, near: Seat | None) -> Seat | None:
    """Of the longest-idle seat and the longest-idle one of the call's own gateway, whose turn it
    is. `near` is `first` or became free after it."""
    if first is None or near is None:
        return first
    return near if near.since - first.since <= AS_GOOD else first
