"""The seat machine: the law of an operator's presence, as one table.

    offline → starting → available ⇄ away
                          │    ▲
                       reserved → talking ⇄ hold
                          ▲         │        │
                          └ wrap_up ◀────────┘

Events are of two kinds. *Commands* carry the name of the class in `commands.py`: a person asked.
*Facts* are the engine's own conclusions: `SeatReserved`, `ReservationReleased`, `CallBridged`,
`CallEnded`, `WrapUpExpired`, `PageLost`. Some come with a twin `…ToAway`, taken when 離席 was
queued (or, at the wrap-up deadline, when the campaign says so): the choice is made before the
move, so that each pair of state and event has one target and a diagram can be drawn from here.

A row that leads back to its own state is a thing allowed there that moves nothing (a mark, a
mute, a queued away). `AWAY` on `GoAway` is a move all the same: the reason changed, and metrics
tell reasons apart.

`SEAT_REFUSALS` are the pairs that happen in daily life (a button pressed a moment too late) and
deserve a sentence. What is in neither table is illegal: it raises and nothing changes.

What is coupled: a seat in reserved, talking, hold or wrap_up has a `call_id`; only wrap_up has a
deadline; only reserved to wrap_up can have a queued away. `move` keeps those true, and nobody
else assigns `state`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from agent_desk.dialer.errors import ErrorId, IllegalMove, Refused
from agent_desk.dialer.floor import NextCustomerRequest, Seat, SeatState
from agent_desk.dialer.ids import CallId

OFFLINE = SeatState.OFFLINE
STARTING = SeatState.STARTING
AVAILABLE = SeatState.AVAILABLE
RESERVED = SeatState.RESERVED
TALKING = SeatState.TALKING
HOLD = SeatState.HOLD
WRAP_UP = SeatState.WRAP_UP
AWAY = SeatState.AWAY

OPEN = (STARTING, AVAILABLE, RESERVED, TALKING, HOLD, WRAP_UP, AWAY)
WITH_CALL = (RESERVED, TALKING, HOLD, WRAP_UP)
IN_CALL = (TALKING, HOLD)
RECORDING = (TALKING, HOLD, WRAP_UP)  # where statuses, identity, promise and note are recorded
UP_TO_CALL = (RESERVED, TALKING, HOLD)
FREE = (STARTING, AVAILABLE, AWAY)
RECORD_EVENTS = (
    "MarkStatus",
    "RecordIdentity",
    "SetPromise",
    "WithdrawPromise",
    "SetCallback",
    "DraftNote",
)

COMMANDS = (
    "OpenSeat",
    "CloseSeat",
    "PassDeviceCheck",
    "GoAvailable",
    "GoAway",
    "CancelAway",
    "WorkOn",
    "HangUp",
    "HoldOn",
    "HoldOff",
    "SetMute",
    "PauseRecording",
    "SendDigits",
    "CallParty",
    "LeaveMessage",
    "HandToSurvey",
    "ExtendWrapUp",
    "NextCustomer",
    "PlacePreviewed",
    "SkipPreviewed",
    "SaveResult",
    *RECORD_EVENTS,
)
FACTS = (
    "SeatReserved",
    "ReservationReleased",
    "ReservationReleasedToAway",
    "CallBridged",
    "CallEnded",
    "SaveResultToAway",
    "WrapUpExpired",
    "WrapUpExpiredToAway",
    "PageLost",
    "ConsultBegan",
    "ConsultEnded",
    "CallTaken",
    "CallHandedOver",
    "CallHandedOverToAway",
    "CallTakenOver",
)
EVENTS = COMMANDS + FACTS


def _stay(event: str, *states: SeatState) -> dict[tuple[SeatState, str], SeatState]:
    """Rows that lead back to their own state."""
    return {(state, event): state for state in states}


SEAT_MOVES: Mapping[tuple[SeatState, str], SeatState] = {
    # the page
    (OFFLINE, "OpenSeat"): STARTING,
    **_stay("OpenSeat", *OPEN),  # a reload or a second tab attaches to what is there
    (STARTING, "CloseSeat"): OFFLINE,
    (AVAILABLE, "CloseSeat"): OFFLINE,
    (AWAY, "CloseSeat"): OFFLINE,
    (WRAP_UP, "CloseSeat"): OFFLINE,  # after the result was recorded as it stood
    **_stay("PassDeviceCheck", *OPEN),
    (STARTING, "PageLost"): AWAY,
    (AVAILABLE, "PageLost"): AWAY,
    # 待機 and 離席
    (STARTING, "GoAvailable"): AVAILABLE,
    (AVAILABLE, "GoAvailable"): AVAILABLE,
    (AWAY, "GoAvailable"): AVAILABLE,
    (STARTING, "GoAway"): AWAY,
    (AVAILABLE, "GoAway"): AWAY,
    (AWAY, "GoAway"): AWAY,
    **_stay("GoAway", *WITH_CALL),  # queued
    **_stay("WorkOn", *FREE),
    **_stay("CancelAway", *WITH_CALL),
    # a call comes
    (AVAILABLE, "SeatReserved"): RESERVED,
    (RESERVED, "ReservationReleased"): AVAILABLE,
    (RESERVED, "ReservationReleasedToAway"): AWAY,
    (RESERVED, "CallBridged"): TALKING,
    **_stay("NextCustomer", AVAILABLE),
    **_stay("PlacePreviewed", RESERVED),
    **_stay("SkipPreviewed", RESERVED),
    # the call
    (TALKING, "HoldOn"): HOLD,
    (HOLD, "HoldOn"): HOLD,
    (HOLD, "HoldOff"): TALKING,
    (TALKING, "HoldOff"): TALKING,
    **_stay("SetMute", *IN_CALL),
    **_stay("PauseRecording", *IN_CALL),
    **_stay("SendDigits", *IN_CALL),
    **_stay("CallParty", *IN_CALL),
    **_stay("LeaveMessage", *IN_CALL),  # its end follows at once
    **_stay("HandToSurvey", *IN_CALL),  # so does this one's
    **{(state, "CallHandedOver"): AVAILABLE for state in IN_CALL},
    **{(state, "CallHandedOverToAway"): AWAY for state in IN_CALL},
    # a colleague is asked into a call: no capacity meanwhile
    (AVAILABLE, "ConsultBegan"): AWAY,
    (AWAY, "ConsultEnded"): AVAILABLE,
    (AWAY, "CallTaken"): TALKING,
    **_stay("HangUp", *UP_TO_CALL),  # the gateway's word ends it; reserved: preview only
    (TALKING, "CallEnded"): WRAP_UP,
    (HOLD, "CallEnded"): WRAP_UP,
    **{(state, "CallTakenOver"): WRAP_UP for state in IN_CALL},  # by a lead; the call goes on
    **{row: state for event in RECORD_EVENTS for row, state in _stay(event, *RECORDING).items()},
    # after-call work
    **_stay("ExtendWrapUp", WRAP_UP),
    (WRAP_UP, "SaveResult"): AVAILABLE,
    (WRAP_UP, "SaveResultToAway"): AWAY,
    (WRAP_UP, "WrapUpExpired"): AVAILABLE,
    (WRAP_UP, "WrapUpExpiredToAway"): AWAY,
}


def _refuse(
    error_id: ErrorId, event: str, *states: SeatState
) -> dict[tuple[SeatState, str], ErrorId]:
    return {(state, event): error_id for state in states}


SEAT_REFUSALS: Mapping[tuple[SeatState, str], ErrorId] = {
    **{(OFFLINE, event): ErrorId.SEAT_NOT_OPEN for event in COMMANDS if event != "OpenSeat"},
    **_refuse(ErrorId.CALL_ON_SEAT, "CloseSeat", *UP_TO_CALL),
    **_refuse(ErrorId.CALL_ON_SEAT, "GoAvailable", *UP_TO_CALL),
    **_refuse(ErrorId.CALL_ON_SEAT, "WorkOn", *WITH_CALL),
    **_refuse(ErrorId.RESULT_MISSING, "GoAvailable", WRAP_UP),
    **_refuse(ErrorId.NOTHING_QUEUED, "CancelAway", *FREE),
    **_refuse(ErrorId.NO_CALL, "HangUp", *FREE, WRAP_UP),
    **_refuse(ErrorId.NO_CALL, "HoldOn", *FREE, RESERVED, WRAP_UP),
    **_refuse(ErrorId.NO_CALL, "HoldOff", *FREE, RESERVED, WRAP_UP),
    **_refuse(ErrorId.NO_CALL, "SetMute", *FREE, RESERVED, WRAP_UP),
    **_refuse(ErrorId.NO_CALL, "PauseRecording", *FREE, RESERVED, WRAP_UP),
    **_refuse(ErrorId.NO_CALL, "SendDigits", *FREE, RESERVED, WRAP_UP),
    **_refuse(ErrorId.NO_CALL, "CallParty", *FREE, RESERVED, WRAP_UP),
    **_refuse(ErrorId.NO_CALL, "LeaveMessage", *FREE, RESERVED, WRAP_UP),
    **_refuse(ErrorId.NO_CALL, "HandToSurvey", *FREE, RESERVED, WRAP_UP),
    **_refuse(ErrorId.NOT_IN_WRAP_UP, "ExtendWrapUp", *FREE, *UP_TO_CALL),
    **_refuse(ErrorId.NOT_IN_WRAP_UP, "SaveResult", *FREE, *UP_TO_CALL),
    **_refuse(ErrorId.NOT_AVAILABLE, "NextCustomer", STARTING, AWAY, *WITH_CALL),
    **_refuse(ErrorId.NOTHING_PREVIEWED, "PlacePreviewed", *FREE, TALKING, HOLD, WRAP_UP),
    **_refuse(ErrorId.NOTHING_PREVIEWED, "SkipPreviewed", *FREE, TALKING, HOLD, WRAP_UP),
    **{
        row: error_id
        for event in RECORD_EVENTS
        for row, error_id in _refuse(ErrorId.NO_CALL, event, *FREE, RESERVED).items()
    },
}


def target(state: SeatState, event: str, seat_id: str) -> SeatState:
    """Where this event leads from this state; raises Refused or IllegalMove."""
    found = SEAT_MOVES.get((state, event))
    if found is not None:
        return found
    refusal = SEAT_REFUSALS.get((state, event))
    if refusal is not None:
        raise Refused(refusal, state=state.value)
    raise IllegalMove("seat", state, event, seat_id)


def move(
    seat: Seat,
    event: str,
    at: datetime,
    *,
    call_id: CallId | None = None,
    reason: str | None = None,
    deadline: datetime | None = None,
) -> Seat:
    """The seat after a move, begun at `at` (never before the state it leaves).

    `call_id` is given on `SeatReserved`; the other moves keep it or, leaving the call behind,
    drop it. `reason` is of away, `deadline` of wrap-up.
    """
    state = target(seat.state, event, seat.seat_id)
    if state in FREE or state is OFFLINE:
        call_id, queued = None, None
    else:
        call_id, queued = call_id or seat.call_id, seat.queued_away
    return replace(
        seat,
        state=state,
        since=max(at, seat.since),
        reason=reason if state is AWAY else None,
        call_id=call_id,
        queued_away=queued,
        deadline=deadline if state is WRAP_UP else None,
        extensions=0,
        muted=seat.muted and state in IN_CALL,
        next_customer=NextCustomerRequest.NONE,
    )
