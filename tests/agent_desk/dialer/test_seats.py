"""The seat machine: the table itself, and every state × event through the engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desk.dialer import commands, seats
from agent_desk.dialer.engine import decide
from agent_desk.dialer.errors import ErrorId, IllegalMove, Refused
from agent_desk.dialer.floor import Floor, Link, NextCustomerRequest, Seat, SeatState
from agent_desk.dialer.ids import CallId, UserId
from agent_desk.dialer.seats import EVENTS, SEAT_MOVES, SEAT_REFUSALS, move, target
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, A, World, instant

PAIRS = [(state, event) for state in SeatState for event in EVENTS]


def seat_in(state: SeatState) -> Seat:
    """A seat in some state, with what that state carries."""
    return Seat(
        seat_id=A,
        user_id=UserId(1),
        team_id=None,
        campaign_id=CAMPAIGN,
        gateway_id=GATEWAY,
        state=state,
        since=instant(0),
        link=Link(opened_at=instant(0)),
        call_id=CallId("call-1") if state in seats.WITH_CALL else None,
    )


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_each_pair_moves_is_refused_or_is_illegal(state: SeatState, event: str) -> None:
    seat = seat_in(state)
    if (state, event) in SEAT_MOVES:
        assert move(seat, event, instant(1)).state is SEAT_MOVES[state, event]
    elif (state, event) in SEAT_REFUSALS:
        with pytest.raises(Refused) as refused:
            move(seat, event, instant(1))
        assert refused.value.error_id is SEAT_REFUSALS[state, event]
    else:
        with pytest.raises(IllegalMove) as illegal:
            move(seat, event, instant(1))
        assert event in str(illegal.value)
        assert state in str(illegal.value)
        assert A in str(illegal.value)


def test_the_tables_do_not_overlap_and_know_only_known_events() -> None:
    assert not SEAT_MOVES.keys() & SEAT_REFUSALS.keys()
    assert {event for _, event in SEAT_MOVES} == set(EVENTS)
    assert {event for _, event in SEAT_REFUSALS} <= set(EVENTS)


@pytest.mark.parametrize("state", list(SeatState))
@pytest.mark.parametrize("event", seats.COMMANDS)
def test_an_operator_is_never_answered_with_an_illegal_move(state: SeatState, event: str) -> None:
    assert (state, event) in SEAT_MOVES or (state, event) in SEAT_REFUSALS


def test_every_state_can_be_left_and_reached() -> None:
    moving = {(start, end) for (start, _), end in SEAT_MOVES.items() if start is not end}
    assert {start for start, _ in moving} == set(SeatState)
    assert {end for _, end in moving} == set(SeatState)


def test_a_move_keeps_the_call_until_the_seat_is_free() -> None:
    seat = move(seat_in(SeatState.AVAILABLE), "SeatReserved", instant(1), call_id=CallId("call-9"))
    for event, state in (
        ("CallBridged", SeatState.TALKING),
        ("HoldOn", SeatState.HOLD),
        ("CallEnded", SeatState.WRAP_UP),
    ):
        seat = move(seat, event, instant(2), deadline=instant(62))
        assert (seat.state, seat.call_id) == (state, "call-9")
    assert seat.deadline == instant(62)
    seat = move(seat, "SaveResult", instant(3))
    assert (seat.call_id, seat.deadline, seat.queued_away) == (None, None, None)


def test_a_move_never_begins_before_the_state_it_leaves() -> None:
    assert move(seat_in(SeatState.AVAILABLE), "GoAway", instant(-5)).since == instant(0)


def test_a_mute_ends_with_the_call_and_a_wish_for_a_customer_with_the_wait() -> None:
    talking = replace(seat_in(SeatState.TALKING), muted=True)
    assert move(talking, "HoldOn", instant(1)).muted
    assert not move(talking, "CallEnded", instant(1)).muted
    wishing = replace(seat_in(SeatState.AVAILABLE), next_customer=NextCustomerRequest.ASKED)
    assert move(wishing, "GoAway", instant(1)).next_customer is NextCustomerRequest.NONE


COMMAND_OF = {
    "CloseSeat": commands.CloseSeat(A, "logout"),
    "PassDeviceCheck": commands.PassDeviceCheck(A),
    "GoAvailable": commands.GoAvailable(A),
    "GoAway": commands.GoAway(A, "break"),
    "CancelAway": commands.CancelAway(A),
    "HangUp": commands.HangUp(A),
    "HoldOn": commands.SetHold(A, True),
    "HoldOff": commands.SetHold(A, False),
    "SetMute": commands.SetMute(A, True),
    "ExtendWrapUp": commands.ExtendWrapUp(A),
    "NextCustomer": commands.NextCustomer(A),
    "PlacePreviewed": commands.PlacePreviewed(A),
    "SkipPreviewed": commands.SkipPreviewed(A, "later"),
    "SaveResult": commands.SaveResult(A, CallId("call-1"), ""),
    "MarkStatus": commands.MarkStatus(A, CallId("call-1"), "contact", True),
    "RecordIdentity": commands.RecordIdentity(A, CallId("call-1"), "verified", "birth_date"),
    "SetPromise": commands.SetPromise(A, CallId("call-1"), instant(0).date(), None),
    "WithdrawPromise": commands.WithdrawPromise(A, CallId("call-1")),
    "DraftNote": commands.DraftNote(A, CallId("call-1"), "text"),
}


def world_with(state: SeatState) -> World:
    """A world whose first seat went to this state by ordinary events."""
    world = World()
    if state is SeatState.OFFLINE:
        return world
    if state is SeatState.STARTING:
        world.open()
        return world
    world.ready()
    if state is SeatState.AWAY:
        world.run(commands.GoAway(A, "meal"))
    if state is SeatState.RESERVED:
        world.lease(1)
        world.offer(1)
    if state in (SeatState.TALKING, SeatState.HOLD, SeatState.WRAP_UP):
        world.bridge(1)
    if state is SeatState.HOLD:
        world.run(commands.SetHold(A, True))
    if state is SeatState.WRAP_UP:
        world.end(1)
    return world


@pytest.mark.parametrize("state", list(SeatState))
@pytest.mark.parametrize("event", sorted(COMMAND_OF))
def test_the_engine_obeys_the_table_in_every_state(state: SeatState, event: str) -> None:
    world = world_with(state)
    assert world.state() is state
    before = world.floor
    refusal = SEAT_REFUSALS.get((state, event))
    if refusal is not None:
        with pytest.raises(Refused) as refused:
            world.run(COMMAND_OF[event])
        assert refused.value.error_id is refusal
        assert world.floor is before
        return
    try:
        decided = decide(world.floor, COMMAND_OF[event], world.now)
    except Refused as later:
        # Allowed by the table, refused by a rule that looks further than the state.
        assert later.error_id not in (ErrorId.SEAT_NOT_OPEN, ErrorId.CALL_ON_SEAT)
        assert world.floor is before
        return
    seat = decided.floor.seats.get(A)
    after = seat.state if seat is not None else SeatState.OFFLINE
    assert after is SEAT_MOVES[state, event]


def test_refusing_changes_nothing() -> None:
    world = world_with(SeatState.TALKING)
    before = world.floor
    copy = Floor(**{name: dict(getattr(before, name)) for name in Floor.__dataclass_fields__})
    with pytest.raises(Refused):
        world.run(commands.CloseSeat(A, "logout"))
    assert world.floor is before
    assert before == copy


def test_the_table_is_asked_by_name() -> None:
    assert target(SeatState.AVAILABLE, "GoAway", A) is SeatState.AWAY
