"""Opening, checking, 待機, 離席, hold, mute and hanging up."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import AwayQueued, CallFinished, MuteSet, ResultRecorded, SeatMoved
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CampaignId, SeatId, TeamId, UserId
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, A, B, World, campaign


def refused(world: World, command: commands.Command) -> ErrorId:
    before = world.floor
    with pytest.raises(Refused) as refusal:
        world.run(command)
    assert world.floor is before
    return refusal.value.error_id


def test_a_seat_stays_starting_after_the_device_check_until_it_goes_available() -> None:
    world = World()
    world.open()
    world.run(gateway_facts.SeatMediaUp(A, GATEWAY, world.now))
    world.run(commands.PassDeviceCheck(A))
    world.hear()
    assert world.state() is SeatState.STARTING
    assert world.seat().checked
    world.run(commands.GoAvailable(A))
    assert world.state() is SeatState.AVAILABLE
    assert world.moves() == ["starting", "available"]


def test_nobody_is_available_without_a_device_check() -> None:
    world = World()
    world.open()
    world.hear()
    assert refused(world, commands.GoAvailable(A)) is ErrorId.DEVICE_CHECK_MISSING


def test_nobody_is_available_without_an_audio_leg() -> None:
    world = World()
    world.open()
    world.run(commands.PassDeviceCheck(A))
    world.run(commands.ObservePulses((commands.PulseOfSeat(A, world.now, True, True),)))
    assert refused(world, commands.GoAvailable(A)) is ErrorId.MEDIA_DOWN


def test_nobody_is_available_with_a_page_that_was_never_heard() -> None:
    world = World()
    world.open()
    world.run(commands.PassDeviceCheck(A))
    world.run(gateway_facts.SeatMediaUp(A, GATEWAY, world.now))
    assert refused(world, commands.GoAvailable(A)) is ErrorId.PAGE_NOT_HEARD


@pytest.mark.parametrize(("live", "unmuted"), [(False, True), (True, False)])
def test_nobody_is_available_with_a_muted_microphone(live: bool, unmuted: bool) -> None:
    world = World()
    world.open()
    world.run(commands.PassDeviceCheck(A))
    world.run(gateway_facts.SeatMediaUp(A, GATEWAY, world.now))
    world.run(commands.ObservePulses((commands.PulseOfSeat(A, world.now, live, unmuted),)))
    assert refused(world, commands.GoAvailable(A)) is ErrorId.MICROPHONE_MUTED


def test_a_seat_may_wait_in_a_campaign_that_is_not_running() -> None:
    world = World(running="paused")
    world.ready()
    assert world.state() is SeatState.AVAILABLE


def test_pressing_available_twice_does_not_lose_the_place_in_the_queue() -> None:
    world = World()
    world.ready()
    since = world.seat().since
    world.wait(1)
    assert world.run(commands.GoAvailable(A)).events == ()
    assert world.seat().since == since


def test_a_seat_in_an_unknown_campaign_is_refused() -> None:
    world = World()
    command = commands.OpenSeat(A, UserId(1), None, CampaignId(99))
    assert refused(world, command) is ErrorId.CAMPAIGN_UNKNOWN


def test_a_reload_keeps_state_and_call_and_must_be_heard_again() -> None:
    world = World()
    world.ready()
    world.bridge()
    moves = world.moves()
    world.open()
    assert world.state() is SeatState.TALKING
    assert world.seat().call_id == "call-1"
    assert world.seat().checked
    assert world.seat().link.pulse_at is None
    assert world.moves() == moves


def test_a_reload_while_available_is_no_capacity_until_the_page_is_heard() -> None:
    world = World()
    world.ready()
    world.open()
    assert world.state() is SeatState.AVAILABLE
    assert not world.seat().proven_ready(world.now)
    world.hear()
    assert world.seat().proven_ready(world.now)


def test_a_free_seat_changes_campaign_with_a_row_and_a_busy_one_does_not() -> None:
    world = World()
    world.run(commands.ConfigureCampaign(campaign(campaign_id=CampaignId(2))))
    world.ready()
    world.wait(1)
    world.run(commands.OpenSeat(A, UserId(1), TeamId(3), CampaignId(2)))
    assert (world.seat().campaign_id, world.seat().team_id) == (2, 3)
    row = world.happened(SeatMoved)[-1]
    assert (row.from_state, row.to_state, row.campaign_id) == ("available", "available", 2)
    assert row.at == world.now
    world.run(commands.OpenSeat(A, UserId(1), None, CAMPAIGN))
    world.hear()
    world.bridge()
    world.run(commands.OpenSeat(A, UserId(1), None, CampaignId(2)))
    assert world.seat().campaign_id == CAMPAIGN


def test_away_is_at_once_when_available_and_a_new_reason_is_a_new_interval() -> None:
    world = World()
    world.ready()
    world.run(commands.GoAway(A, "meal"))
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "meal")
    world.wait(1)
    world.run(commands.GoAway(A, "meeting"))
    assert world.seat().since == world.now
    assert [move.reason for move in world.happened(SeatMoved)][-2:] == ["meal", "meeting"]
    assert world.run(commands.GoAway(A, "meeting")).events == ()
    world.hear()
    world.run(commands.GoAvailable(A))
    assert (world.state(), world.seat().reason) == (SeatState.AVAILABLE, None)


def test_away_pressed_on_a_call_is_queued_until_the_result_is_saved() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(commands.GoAway(A, "meal"))
    assert (world.state(), world.seat().queued_away) == (SeatState.TALKING, "meal")
    world.end()
    assert (world.state(), world.seat().queued_away) == (SeatState.WRAP_UP, "meal")
    world.run(commands.SaveResult(A, world.call().call_id, ""))
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "meal")
    assert world.seat().queued_away is None


def test_what_is_pressed_on_a_call_is_told_each_time_it_changes() -> None:
    world = World()
    world.ready()
    world.bridge()
    for command in (
        commands.GoAway(A, "meal"),
        commands.GoAway(A, "meal"),
        commands.CancelAway(A),
        commands.SetMute(A, True),
        commands.SetMute(A, True),
        commands.SetMute(A, False),
    ):
        world.run(command)
    assert [each.reason for each in world.happened(AwayQueued)] == ["meal", None]
    assert [each.on for each in world.happened(MuteSet)] == [True, False]
    assert {each.call_id for each in world.happened(MuteSet)} == {"call-1"}


def test_a_queued_away_is_taken_back() -> None:
    world = World()
    world.ready()
    world.bridge()
    assert refused(world, commands.CancelAway(A)) is ErrorId.NOTHING_QUEUED
    world.run(commands.GoAway(A, "meal"))
    world.run(commands.CancelAway(A))
    world.end()
    world.run(commands.SaveResult(A, world.call().call_id, ""))
    assert world.state() is SeatState.AVAILABLE


def test_closing_a_free_seat_takes_it_and_its_leg_down() -> None:
    world = World()
    world.ready()
    world.run(commands.CloseSeat(A, "logout"))
    assert A not in world.floor.seats
    assert world.moves()[-1] == "offline"
    assert world.done(effects.CloseSeatMedia) == [effects.CloseSeatMedia(A, GATEWAY)]
    assert refused(world, commands.GoAvailable(A)) is ErrorId.SEAT_NOT_OPEN


def test_closing_in_wrap_up_first_records_what_there_is() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(commands.MarkStatus(A, world.call().call_id, "contact", True))
    world.end()
    world.run(commands.CloseSeat(A, "logout"))
    result = world.happened(ResultRecorded)[0]
    assert (result.codes, result.note, result.recorded) == (("contact",), None, False)
    assert not world.has_call()
    assert world.state() is SeatState.OFFLINE


def test_hanging_up_asks_the_gateway_once_and_its_word_ends_the_call() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(commands.HangUp(A))
    world.run(commands.HangUp(A))
    assert len(world.done(effects.HangUp)) == 1
    assert world.state() is SeatState.TALKING
    world.end(by="desk")
    assert world.state() is SeatState.WRAP_UP
    assert world.happened(CallFinished)[0].outcome == "human"


def test_hanging_up_ends_the_call_at_once_when_the_gateway_is_out_of_reach() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(gateway_facts.GatewayLost(GATEWAY))
    world.run(commands.HangUp(A))
    assert world.state() is SeatState.WRAP_UP
    assert (world.happened(CallFinished)[0].outcome, world.call().ended_by) == ("human", "desk")


def test_a_reserved_seat_cannot_hang_up_on_a_customer_it_has_not_met() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.offer(1)
    assert world.state() is SeatState.RESERVED
    assert refused(world, commands.HangUp(A)) is ErrorId.NO_CALL


def test_hold_goes_on_and_off_with_music_for_the_customer() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(commands.SetHold(A, True))
    assert world.state() is SeatState.HOLD
    assert world.run(commands.SetHold(A, True)).effects == ()
    world.run(commands.SetHold(A, False))
    assert world.state() is SeatState.TALKING
    assert [hold.on for hold in world.done(effects.Hold)] == [True, False]


def test_a_mute_is_lifted_when_the_call_ends() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(commands.SetMute(A, True))
    assert world.seat().muted
    assert world.run(commands.SetMute(A, True)).effects == ()
    world.end()
    assert not world.seat().muted
    assert [mute.on for mute in world.done(effects.Mute)] == [True, False]


def test_a_seat_nobody_opened_is_refused() -> None:
    world = World()
    assert refused(world, commands.GoAway(SeatId("operator9"), "meal")) is ErrorId.SEAT_NOT_OPEN
    assert B not in world.floor.seats
