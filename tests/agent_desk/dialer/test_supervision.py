"""Leads in operators' calls: in, over to another mode, out, and the call untouched throughout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent_desk.dialer import commands, effects, events, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.floor import CallState, SeatState, Supervisor
from agent_desk.dialer.gateway_facts import LiveCall
from agent_desk.dialer.ids import CallId, GatewayId, SeatId, TeamId, UserId
from agent_desk.dialer.supervisor import MODES
from tests.agent_desk.dialer.floors import GATEWAY, TRUNK, A, B, World, ended

CALL = CallId("call-1")
LEAD, OTHER = SeatId("lead1"), SeatId("lead2")
USER = {LEAD: UserId(91), OTHER: UserId(92)}
TEAM = TeamId(7)


def talking(**settings: Any) -> World:
    """The first operator talks with a customer; the second is available."""
    world = World(**settings)
    world.ready(A, B)
    world.bridge()
    world.hear()
    assert world.state(A) is SeatState.TALKING
    return world


def with_leg(world: World, lead: SeatId = LEAD, teams: frozenset[TeamId] | None = None) -> World:
    world.run(commands.OpenSupervisor(lead, USER[lead], teams))
    world.run(gateway_facts.SeatMediaUp(lead, GATEWAY, world.now))
    return world


def ask(world: World, mode: Any = "listen", *, seat: SeatId = A, lead: SeatId = LEAD) -> Any:
    part_id = f"part-{len(world.events)}"
    return world.run(commands.Supervise(lead, seat, mode, part_id))


def told(world: World, mode: Any, *, lead: SeatId = LEAD, call: CallId = CALL) -> Any:
    return world.run(gateway_facts.SupervisionChanged(call, lead, world.now, mode))


def listening(mode: Any = "listen", **settings: Any) -> World:
    world = with_leg(talking(**settings))
    ask(world, mode)
    world.wait(0.1)
    told(world, mode)
    world.events.clear()
    world.effects.clear()
    return world


def supervisor(world: World, lead: SeatId = LEAD) -> Supervisor:
    return world.floor.supervisors[lead]


def refused(world: World, command: commands.Command) -> ErrorId:
    before = world.floor
    with pytest.raises(Refused) as refusal:
        world.run(command)
    assert world.floor is before
    return refusal.value.error_id


def endings(world: World) -> list[tuple[str, str]]:
    return [(each.mode, each.cause) for each in world.happened(events.SupervisionEnded)]


# --- in, and over ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
def test_a_lead_comes_into_a_call_and_the_call_does_not_notice(mode: Any) -> None:
    world = with_leg(talking())
    call, seat = world.call(), world.seat(A)
    asked = ask(world, mode)
    assert asked.effects == (effects.Supervise(CALL, LEAD, GATEWAY, mode, notice=False),)
    [row] = [each for each in asked.events if isinstance(each, events.SupervisionAsked)]
    assert (row.user_id, row.seat_id, row.call_id, row.mode) == (USER[LEAD], A, CALL, mode)
    began = told(world, mode)
    assert began.events == (events.SupervisionBegan(row.part_id, world.now),)
    assert (world.call(), world.seat(A)) == (call, seat)


def test_a_leg_is_needed_first_and_one_that_is_still_made_is_waited_for() -> None:
    world = talking()
    wish = commands.Supervise(LEAD, A, "listen", "p")
    assert refused(world, wish) is ErrorId.NO_OWN_LEG
    world.run(commands.OpenSupervisor(LEAD, USER[LEAD], None))
    assert not world.run(wish).effects
    up = world.run(gateway_facts.SeatMediaUp(LEAD, GATEWAY, world.now))
    assert up.effects == (effects.Supervise(CALL, LEAD, GATEWAY, "listen"),)


def test_a_leg_that_never_comes_is_given_up_and_the_lead_is_told() -> None:
    world = talking()
    world.run(commands.OpenSupervisor(LEAD, USER[LEAD], None))
    world.run(commands.Supervise(LEAD, A, "listen", "p"))
    world.pass_time(12)
    assert endings(world) == [("listen", "unanswered")]
    assert supervisor(world).supervised is None
    assert supervisor(world).problem == "leg-lost"


def test_the_mode_is_switched_without_leaving_the_call() -> None:
    world = listening()
    switch = ask(world, "barge")
    assert switch.effects == (effects.Supervise(CALL, LEAD, GATEWAY, "barge"),)
    assert endings(world) == [], "the lead listens until the gateway has changed it"
    told(world, "barge")
    assert endings(world) == [("listen", "switched")]
    assert world.done(effects.StopSupervising) == []
    assert ask(world, "barge").effects == (), "pressed twice is nothing"


def test_what_is_pressed_in_a_hurry_ends_where_it_was_pressed_last() -> None:
    world = listening()
    ask(world, "whisper")
    ask(world, "listen")
    told(world, "whisper")
    told(world, "listen")
    assert endings(world) == [("whisper", "replaced"), ("listen", "switched")]
    use = supervisor(world).supervised
    assert use is not None and use.now is not None and use.now.mode == "listen"
    assert use.asked is None


def test_the_tone_is_for_who_comes_in_where_the_campaign_wants_it() -> None:
    world = with_leg(talking(supervision_tone=True))
    [first] = ask(world, "listen").effects
    told(world, "listen")
    [second] = ask(world, "whisper").effects
    assert (first.notice, second.notice) == (True, False)


def test_a_lead_goes_from_one_call_to_another_and_is_never_in_two() -> None:
    world = listening()
    world.bridge(2, B)
    moved = ask(world, "listen", seat=B)
    assert moved.effects == (
        effects.StopSupervising(CALL, LEAD, GATEWAY),
        effects.Supervise(CallId("call-2"), LEAD, GATEWAY, "listen"),
    )
    told(world, None)  # of the first call
    told(world, "listen", call=CallId("call-2"))
    assert endings(world) == [("listen", "moved")]
    use = supervisor(world).supervised
    assert use is not None and (use.call_id, use.left_at) == ("call-2", None)


# --- who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(SeatState))
@pytest.mark.parametrize("mode", MODES)
def test_only_a_talk_is_supervised_in_whatever_state_the_seat_is(
    state: SeatState, mode: Any
) -> None:
    world = with_leg(talking())
    seat = world.seat(A)
    seats = {**world.floor.seats, A: replace(seat, state=state)}
    world.floor = replace(world.floor, seats=seats)
    if state in (SeatState.TALKING, SeatState.HOLD):
        assert ask(world, mode).effects == (effects.Supervise(CALL, LEAD, GATEWAY, mode),)
    else:
        assert refused(world, commands.Supervise(LEAD, A, mode, "p")) is ErrorId.NO_CALL


@pytest.mark.parametrize("state", [each for each in CallState if each is not CallState.BRIDGED])
def test_a_call_nobody_is_joined_to_is_not_supervised(state: CallState) -> None:
    world = with_leg(talking())
    calls = {CALL: replace(world.call(), state=state)}
    world.floor = replace(world.floor, calls=calls)
    assert refused(world, commands.Supervise(LEAD, A, "listen", "p")) is ErrorId.NO_CALL


def test_another_teams_seat_is_out_of_reach_also_when_it_changes_teams_later() -> None:
    world = with_leg(talking(), teams=frozenset({TEAM}))
    assert refused(world, commands.Supervise(LEAD, A, "listen", "p")) is ErrorId.NOT_IN_SCOPE
    world.run(commands.AttendFloor(LEAD, None))
    ask(world)
    told(world, "listen")
    world.run(commands.AttendFloor(LEAD, frozenset({TEAM})))
    assert world.run(commands.Tick()).effects == (effects.StopSupervising(CALL, LEAD, GATEWAY),)
    assert endings(world) == [("listen", "out-of-scope")]
    assert supervisor(world).problem == "out-of-scope"


def test_a_leg_on_another_gateway_cannot_hear_the_call() -> None:
    world = talking()
    world.run(commands.OpenSupervisor(LEAD, USER[LEAD], None))
    world.run(gateway_facts.SeatMediaUp(LEAD, GatewayId("gw-2"), world.now))
    wish = commands.Supervise(LEAD, A, "listen", "p")
    assert refused(world, wish) is ErrorId.SUPERVISOR_ELSEWHERE


def test_who_has_a_seat_gets_no_second_leg() -> None:
    world = talking()
    assert refused(world, commands.OpenSupervisor(A, UserId(1), None)) is ErrorId.CALL_ON_SEAT


def test_several_leads_may_listen_but_one_is_heard() -> None:
    world = with_leg(listening("whisper"), OTHER)
    ask(world, "listen", lead=OTHER)
    told(world, "listen", lead=OTHER)
    for mode in ("whisper", "barge", "take_over"):
        wish = commands.Supervise(OTHER, A, mode, "p")
        assert refused(world, wish) is ErrorId.SUPERVISED_ALREADY
    ask(world, "listen")
    told(world, "listen")
    assert ask(world, "whisper", lead=OTHER).effects, "the first one is silent now"


def test_a_lead_is_no_capacity_and_is_never_offered_a_call() -> None:
    world = listening()
    assert LEAD not in world.floor.seats
    world.run(commands.GoAway(B, "meal"))
    world.lease(2)
    world.offer(2)
    assert world.done(effects.Bridge) == []
    with pytest.raises(Refused):
        world.run(commands.GoAvailable(LEAD))


# --- out ---------------------------------------------------------------------------------------


def test_the_lead_leaves_and_the_talk_goes_on() -> None:
    world = listening("barge")
    left = world.run(commands.StopSupervising(LEAD))
    assert left.effects == (effects.StopSupervising(CALL, LEAD, GATEWAY),)
    assert endings(world) == [("barge", "stopped")]
    told(world, None)
    assert world.state(A) is SeatState.TALKING
    assert not world.run(commands.StopSupervising(LEAD)).events, "pressed twice is nothing"


def test_with_the_call_the_supervision_ends_at_the_instant_the_leg_was_out() -> None:
    world = listening()
    told(world, None)
    left_at = world.now
    world.wait(0.3)
    world.run(ended(1, world.now))
    [over] = world.happened(events.SupervisionEnded)
    assert (over.cause, over.at) == ("call-ended", left_at)
    assert supervisor(world).problem == ""


def test_a_leads_dead_browser_leaves_the_call_as_it_was_and_the_row_closed() -> None:
    world = listening("barge")
    call = world.call()
    told(world, None)
    world.run(gateway_facts.SeatMediaDown(LEAD, world.now, "consent lost", GATEWAY))
    assert endings(world) == [("barge", "leg-lost")]
    assert supervisor(world).problem == "leg-lost"
    assert (world.call(), world.state(A)) == (call, SeatState.TALKING)
    assert world.effects == []


def test_a_lead_whose_pages_are_gone_is_let_go_after_a_moment() -> None:
    world = listening()
    world.run(commands.LeaveFloor(LEAD))
    world.pass_time(5)
    world.run(commands.AttendFloor(LEAD, None))
    world.pass_time(20)
    assert endings(world) == [], "the socket was only made anew"
    world.run(commands.LeaveFloor(LEAD))
    world.pass_time(12)
    assert endings(world) == [("listen", "page-gone")]
    assert world.done(effects.StopSupervising) == [effects.StopSupervising(CALL, LEAD, GATEWAY)]
    assert world.done(effects.CloseSeatMedia) == [effects.CloseSeatMedia(LEAD, GATEWAY)]
    assert LEAD not in world.floor.supervisors


def test_a_leg_that_comes_in_without_a_row_is_let_go() -> None:
    world = talking()
    unknown = told(world, "barge")
    assert unknown.effects == (effects.StopSupervising(CALL, LEAD, GATEWAY),)
    assert told(world, None).effects == ()


def test_what_the_gateway_refuses_is_a_row_that_never_began() -> None:
    world = with_leg(talking())
    ask(world)
    world.run(gateway_facts.SupervisionRefused(CALL, LEAD, world.now, "listen", "seat_silent"))
    assert endings(world) == [("listen", "refused")]
    assert world.happened(events.SupervisionBegan) == []
    assert supervisor(world).problem == "leg-lost"
    assert supervisor(world).supervised is None


def test_a_refused_switch_leaves_the_lead_in_the_mode_before() -> None:
    world = listening()
    ask(world, "whisper")
    world.run(gateway_facts.SupervisionRefused(CALL, LEAD, world.now, "whisper", "transferred"))
    use = supervisor(world).supervised
    assert use is not None and use.mode == "listen"
    assert supervisor(world).problem == "refused"


def test_a_colleague_who_gets_the_call_is_not_overheard_unasked() -> None:
    world = listening()
    world.run(commands.CallColleague(A, "p1", B, blind=False))
    world.run(gateway_facts.PartyChanged(CALL, "p1", world.now, "joined", "consult", None))
    world.run(commands.HandOver(A))
    world.run(gateway_facts.PartyChanged(CALL, "p1", world.now, "joined", "transferred", None))
    assert world.state(B) is SeatState.TALKING
    assert endings(world) == [("listen", "handed-over")]
    assert world.done(effects.StopSupervising) == [effects.StopSupervising(CALL, LEAD, GATEWAY)]


# --- the next call -----------------------------------------------------------------------------


def test_the_next_call_of_a_followed_operator_is_listened_to_and_no_more() -> None:
    world = listening("barge")
    world.run(commands.FollowSeat(LEAD, True))
    world.run(commands.GoAway(B, "meal"))
    world.run(ended(1, world.now))
    assert supervisor(world).follow == A
    world.run(commands.SaveResult(A, CALL, ""))
    world.effects.clear()
    world.bridge(2)
    [asked] = world.done(effects.Supervise)
    assert (asked.call_id, asked.mode) == ("call-2", "listen"), "nobody barges in by a tick box"
    assert world.happened(events.SupervisionAsked)[-1].followed
    told(world, "listen", call=CallId("call-2"))
    world.run(commands.FollowSeat(LEAD, False))
    world.run(ended(2, world.now))
    assert supervisor(world).follow is None


def test_following_needs_a_call_and_ends_with_the_seat_and_the_leg() -> None:
    world = with_leg(talking())
    assert refused(world, commands.FollowSeat(LEAD, True)) is ErrorId.NOT_SUPERVISING
    for end in (_close_the_seat, _lose_the_leg):
        world = listening()
        world.run(commands.FollowSeat(LEAD, True))
        world.run(ended(1, world.now))
        end(world)
        world.run(commands.Tick())
        assert supervisor(world).follow is None


def _close_the_seat(world: World) -> None:
    world.run(commands.CloseSeat(A, "logout"))


def _lose_the_leg(world: World) -> None:
    world.run(gateway_facts.SeatMediaDown(LEAD, world.now, "consent lost", GATEWAY))


def test_the_leads_microphone_is_closed_and_open_again_in_the_next_call() -> None:
    world = listening("barge")
    assert world.run(commands.MuteSupervisor(LEAD, True)).effects == (
        effects.Mute(LEAD, GATEWAY, True),
    )
    assert supervisor(world).muted
    world.run(ended(1, world.now))
    assert not supervisor(world).muted
    mute = commands.MuteSupervisor(LEAD, True)
    assert refused(world, mute) is ErrorId.NOT_SUPERVISING


# --- taking over -------------------------------------------------------------------------------


def taken(**settings: Any) -> World:
    world = listening(**settings)
    ask(world, "take_over")
    told(world, "take_over")
    return world


def test_a_call_taken_over_is_the_leads_and_the_operator_writes_it_up() -> None:
    world = taken(wrap_up_s=60.0)
    seat = world.seat(A)
    assert (seat.state, seat.call_id) == (SeatState.WRAP_UP, CALL)
    assert seat.deadline is not None and (seat.deadline - world.now).total_seconds() == 60
    assert (world.call().state, world.call().taken_by) == (CallState.BRIDGED, LEAD)
    assert world.happened(events.CallTakenOver) == [
        events.CallTakenOver(CALL, USER[LEAD], A, world.now)
    ]
    assert world.done(effects.TellSeat) == [effects.TellSeat("call-taken-over", A)]


def test_the_operator_takes_the_next_call_while_the_lead_still_talks() -> None:
    world = taken()
    world.run(commands.GoAway(B, "meal"))
    world.run(commands.SaveResult(A, CALL, ""))
    assert world.call().state is CallState.BRIDGED, "the lead talks on"
    world.bridge(2)
    assert (world.state(A), world.seat(A).call_id) == (SeatState.TALKING, "call-2")
    world.run(ended(1, world.now))
    assert not world.has_call(1)
    assert world.state(A) is SeatState.TALKING
    assert endings(world)[-1] == ("take_over", "call-ended")


def test_the_lead_hangs_up_before_the_operator_has_written_it_up() -> None:
    world = taken()
    hung_up = world.run(commands.StopSupervising(LEAD))
    assert hung_up.effects == (effects.HangUp(CALL, GATEWAY, "lead"),)
    world.run(ended(1, world.now))
    assert world.state(A) is SeatState.WRAP_UP
    world.run(commands.SaveResult(A, CALL, ""))
    assert not world.has_call(1)
    assert len(world.happened(events.CallFinished)) == 1


def test_a_call_taken_over_is_held_and_talked_on_by_the_lead() -> None:
    world = taken()
    for on in (True, False):
        held = world.run(commands.HoldTaken(LEAD, on))
        assert held.effects == (effects.Hold(CALL, GATEWAY, on),)
        assert supervisor(world).held is on
        assert world.run(commands.HoldTaken(LEAD, on)).effects == (), "pressed once too often"
    world.run(commands.HoldTaken(LEAD, True))
    world.run(ended(1, world.now))
    assert not supervisor(world).held, "the next call is not"


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
def test_a_call_that_is_the_operators_is_not_held_by_a_lead(mode: Any) -> None:
    world = listening(mode)
    hold = commands.HoldTaken(LEAD, True)
    assert refused(world, hold) is ErrorId.NOT_SUPERVISING


def test_a_call_taken_over_that_is_ending_is_not_held_any_more() -> None:
    world = taken()
    world.run(commands.StopSupervising(LEAD))
    assert refused(world, commands.HoldTaken(LEAD, True)) is ErrorId.NOT_SUPERVISING


def test_other_leads_leave_a_call_that_is_taken_over() -> None:
    world = with_leg(listening(), OTHER)
    ask(world, "listen", lead=OTHER)
    told(world, "listen", lead=OTHER)
    ask(world, "take_over")
    assert told(world, "take_over").effects[0] == effects.StopSupervising(CALL, OTHER, GATEWAY)
    assert supervisor(world, OTHER).problem == "taken-over"


def test_a_call_of_ones_own_is_ended_not_left() -> None:
    world = taken()
    world.bridge(2, B)
    for mode in MODES:
        wish = commands.Supervise(LEAD, B, mode, "p")
        assert refused(world, wish) is ErrorId.CALL_TAKEN_OVER
    assert refused(world, commands.Supervise(LEAD, A, "listen", "p")) is ErrorId.NO_CALL


def test_while_it_is_being_taken_over_it_cannot_be_left() -> None:
    world = listening()
    ask(world, "take_over")
    assert refused(world, commands.StopSupervising(LEAD)) is ErrorId.CALL_TAKEN_OVER
    world.pass_time(20)
    told(world, "take_over")
    assert world.state(A) is SeatState.WRAP_UP, "however late the gateway's word comes"


def test_nobody_takes_a_call_while_another_party_is_in_it() -> None:
    world = listening()
    world.run(commands.CallColleague(A, "p1", B, blind=False))
    wish = commands.Supervise(LEAD, A, "take_over", "p")
    assert refused(world, wish) is ErrorId.PARTY_PRESENT


def test_a_recording_the_operator_had_paused_goes_on() -> None:
    world = listening()
    world.run(commands.PauseRecording(A, True))
    ask(world, "take_over")
    told(world, "take_over")
    assert world.done(effects.PauseRecording)[-1] == effects.PauseRecording(CALL, GATEWAY, False)
    assert not world.call().recording_paused


# --- gateways and desks that come back ---------------------------------------------------------


def snapshot(world: World, *seats: SeatId, boot: str = "boot-1") -> Any:
    live = tuple(LiveCall(call.call_id, "bridged", A) for call in world.floor.calls.values())
    return world.run(gateway_facts.GatewaySnapshot(GATEWAY, boot, live, seats, (TRUNK,)))


@pytest.mark.parametrize("known", [True, False], ids=["same desk", "a new desk"])
def test_what_runs_is_said_once_more_to_a_gateway_that_is_back(known: bool) -> None:
    world = listening("whisper")
    if not known:
        lost = replace(supervisor(world), gateway_id=None, media_up=False)
        world.floor = replace(world.floor, supervisors={LEAD: lost})
    again = snapshot(world, A, B, LEAD)
    assert effects.Supervise(CALL, LEAD, GATEWAY, "whisper") in again.effects
    told(world, "whisper")
    assert endings(world) == []


def test_a_leg_a_returning_gateway_has_not_is_lost() -> None:
    world = listening()
    snapshot(world, A, B)
    assert endings(world) == [("listen", "leg-lost")]


def test_a_call_taken_over_is_not_put_on_hold_or_taken_over_again() -> None:
    world = taken()
    world.effects.clear()
    snapshot(world, A, B, LEAD)
    assert world.done(effects.Supervise) == []
    assert world.done(effects.Hold) == []


def test_with_its_gateway_a_leads_use_is_over() -> None:
    world = listening()
    world.run(gateway_facts.GatewayWelcomed(GATEWAY, "boot-2", ((TRUNK, 10, 10.0),)))
    assert endings(world) == [("listen", "call-ended")]
    assert not supervisor(world).media_up


PRESSES: list[Callable[[], commands.Command]] = [
    lambda: commands.FollowSeat(LEAD, True),
    lambda: commands.MuteSupervisor(LEAD, True),
    lambda: commands.HoldTaken(LEAD, True),
    lambda: commands.Supervise(LEAD, A, "listen", "p"),
]


@pytest.mark.parametrize("press", PRESSES)
def test_without_a_leg_there_is_nothing_to_press(press: Callable[[], commands.Command]) -> None:
    assert refused(talking(), press()) is ErrorId.NO_OWN_LEG
