"""The call machine: the law of an attempt, from the lease to its one end, as one table.

    leased → placed → ringing → answered → screening → waiting → bridged → ended

`ended` is reached from every state and never left. What a gateway tells comes in the order it
happened, but may come twice, and after a lost link also late: a fact may therefore skip states
(a 200 OK without any 18x is ordinary SIP), and a fact about something the call has already passed
is `LATE`, which is not an error and changes nothing. What can neither be new nor old is illegal:
a call that was never placed cannot be "not placed" after it rang, and nobody can be bridged to a
call that was not offered.

Events carry the names of `gateway_facts.py`, except the engine's own: `ScreeningBegan` (the
campaign screens, the verdict is awaited), `CallOffered` (a `CallScreened` with `offered`) and
`SeatReserved` and `SeatReleased` (a seat takes the waiting call, or cannot after all).

Which seat may hear the customer is decided in `offering.py`, how it ended in `endings.py`; only
`move` sets `state`.

A call that came in (`inbound.py`) begins as `ringing` and takes the same way: a seat may be
reserved while it rings, because a bridge answers it; nobody screens a caller, so it is offered with
its answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from agent_desk.dialer.errors import IllegalMove
from agent_desk.dialer.floor import Call, CallState

LEASED = CallState.LEASED
PLACED = CallState.PLACED
RINGING = CallState.RINGING
ANSWERED = CallState.ANSWERED
SCREENING = CallState.SCREENING
WAITING = CallState.WAITING
BRIDGED = CallState.BRIDGED
ENDED = CallState.ENDED

ORDER = tuple(CallState)
ALIVE = ORDER[:-1]
IN_FLIGHT = (LEASED, PLACED, RINGING, ANSWERED, SCREENING, WAITING)  # no operator hears it yet
UNANSWERED = (LEASED, PLACED, RINGING)

EVENTS = (
    "CallPlaced",
    "CallNotPlaced",
    "CallRinging",
    "CallAnswered",
    "ScreeningBegan",
    "CallScreened",
    "CallOffered",
    "SeatReserved",
    "SeatReleased",
    "CallBridged",
    "CallHandedOver",
    "CallTreated",
    "CallEnded",
)

# Concluded here, never late.
OWN_EVENTS = ("ScreeningBegan", "SeatReserved", "SeatReleased", "CallHandedOver")

CALL_MOVES: Mapping[tuple[CallState, str], CallState] = {
    (LEASED, "CallPlaced"): PLACED,
    (LEASED, "CallNotPlaced"): ENDED,
    (LEASED, "CallRinging"): RINGING,
    (PLACED, "CallRinging"): RINGING,
    (LEASED, "CallAnswered"): ANSWERED,
    (PLACED, "CallAnswered"): ANSWERED,
    (RINGING, "CallAnswered"): ANSWERED,
    (ANSWERED, "ScreeningBegan"): SCREENING,
    # a verdict that is not offered: the gateway ends the call, or goes on listening
    (LEASED, "CallScreened"): SCREENING,
    (PLACED, "CallScreened"): SCREENING,
    (RINGING, "CallScreened"): SCREENING,
    (ANSWERED, "CallScreened"): SCREENING,
    (SCREENING, "CallScreened"): SCREENING,
    (WAITING, "CallScreened"): WAITING,  # offered at the first voice, the verdict comes later
    (BRIDGED, "CallScreened"): BRIDGED,
    (LEASED, "CallOffered"): WAITING,
    (PLACED, "CallOffered"): WAITING,
    (RINGING, "CallOffered"): WAITING,
    (ANSWERED, "CallOffered"): WAITING,
    (SCREENING, "CallOffered"): WAITING,
    (WAITING, "SeatReserved"): WAITING,
    (RINGING, "SeatReserved"): RINGING,  # inbound: the bridge is what answers it
    (LEASED, "SeatReserved"): LEASED,  # preview: the seat is there before the call
    # the seat could not take it after all; the call goes on, or to its end, without
    **{(state, "SeatReleased"): state for state in IN_FLIGHT if state is not LEASED},
    (WAITING, "CallBridged"): BRIDGED,
    (BRIDGED, "CallHandedOver"): BRIDGED,  # to a colleague
    **{(state, "CallTreated"): state for state in ALIVE if state is not LEASED},
    **{(state, "CallEnded"): ENDED for state in ALIVE},
}

LATE: frozenset[tuple[CallState, str]] = frozenset(
    {(state, "CallPlaced") for state in ORDER[1:]}
    | {(state, "CallRinging") for state in ORDER[2:]}
    | {(state, "CallAnswered") for state in ORDER[3:]}
    | {(WAITING, "CallOffered"), (BRIDGED, "CallOffered"), (BRIDGED, "CallBridged")}
    | {(ENDED, event) for event in EVENTS if event not in OWN_EVENTS}
)


def is_late(state: CallState, event: str) -> bool:
    """Whether this is old news for a call in this state."""
    return (state, event) in LATE


def target(state: CallState, event: str, call_id: str) -> CallState:
    """Where this event leads from this state; raises IllegalMove."""
    found = CALL_MOVES.get((state, event))
    if found is None:
        raise IllegalMove("call", state, event, call_id)
    return found


def move(call: Call, event: str, at: datetime) -> Call:
    """The call after a move at `at`; `since` is kept when the state is, and never goes back.

    The instant that belongs to the new state (`placed_at`, …) is the caller's to set, for a fact
    may skip states whose instants nobody knows.
    """
    state = target(call.state, event, call.call_id)
    if state is call.state:
        return call
    return replace(call, state=state, since=max(at, call.since))
