"""Who gets the customer: longest idle, proven ready, at once; and never anybody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.errors import IllegalMove
from agent_desk.dialer.events import CallFinished, CallMoved
from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId, UserId
from tests.agent_desk.dialer.floors import GATEWAY, A, B, C, World, campaign, screened


def test_an_offered_call_takes_the_seat_that_was_idle_longest() -> None:
    world = World()
    world.ready(B, A)
    world.lease(1)
    world.offer(1)
    assert (world.state(B), world.state(A)) == (SeatState.RESERVED, SeatState.AVAILABLE)
    assert world.seat(B).call_id == "call-1"
    assert world.done(effects.Bridge) == [effects.Bridge(CallId("call-1"), B, GATEWAY)]
    assert world.done(effects.ShowCallerRecord) == [effects.ShowCallerRecord(B, CallId("call-1"))]


def test_bridge_and_caller_record_are_asked_for_in_the_same_decision() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.answer(1)
    decided = world.run(screened(1, world.now))
    assert [type(effect) for effect in decided.effects] == [
        effects.Bridge,
        effects.ShowCallerRecord,
    ]


def test_two_way_audio_makes_the_seat_talk() -> None:
    world = World()
    world.ready()
    world.bridge()
    assert world.state() is SeatState.TALKING
    assert world.call().state is CallState.BRIDGED
    assert world.call().bridged_at == world.now


def test_a_call_nobody_can_take_waits_and_the_first_free_seat_takes_the_oldest() -> None:
    world = World()
    world.lease(1, 2)
    world.offer(2)
    world.wait(0.5)
    world.offer(1)
    assert world.call(1).state is CallState.WAITING
    assert not world.done(effects.Bridge)
    world.ready()
    assert [bridge.call_id for bridge in world.done(effects.Bridge)] == ["call-2"]


def unheard_page(world: World) -> None:
    world.wait(3.5)
    world.run(
        commands.ObserveMedia(GATEWAY, world.now, (commands.MediaOfSeat(A, True, 0.0, 0.0, 0.0),))
    )


def muted_track(world: World) -> None:
    world.run(commands.ObservePulses((commands.PulseOfSeat(A, world.now, True, False),)))


def dead_track(world: World) -> None:
    world.run(commands.ObservePulses((commands.PulseOfSeat(A, world.now, False, True),)))


def media_down(world: World) -> None:
    world.run(gateway_facts.SeatMediaDown(A, world.now, "closed"))


def stale_consent(world: World) -> None:
    world.run(
        commands.ObserveMedia(GATEWAY, world.now, (commands.MediaOfSeat(A, True, 16.0, 0.0, 0.0),))
    )


@pytest.mark.parametrize(
    "trouble", [unheard_page, muted_track, dead_track, media_down, stale_consent]
)
def test_a_seat_that_is_not_proven_ready_is_not_offered_a_call(trouble: Any) -> None:
    world = World()
    world.ready()
    trouble(world)
    assert world.state() is SeatState.AVAILABLE
    world.lease(1)
    world.offer(1)
    assert world.call().state is CallState.WAITING
    assert not world.done(effects.Bridge)
    world.hear()
    assert len(world.done(effects.Bridge)) == 1


def test_a_seat_whose_audio_is_in_another_gateway_is_not_offered_the_call() -> None:
    world = World()
    world.ready()
    world.run(gateway_facts.SeatMediaUp(A, GatewayId("gw-2"), world.now))
    world.lease(1)
    world.offer(1)
    assert not world.done(effects.Bridge)


def test_a_seat_of_another_campaign_is_not_offered_the_call() -> None:
    world = World()
    world.run(commands.ConfigureCampaign(campaign(campaign_id=CampaignId(2))))
    world.ready()
    world.run(commands.OpenSeat(A, UserId(1), None, CampaignId(2)))
    world.hear()
    world.lease(1)
    world.offer(1)
    assert not world.done(effects.Bridge)


def test_nobody_is_bridged_after_the_customer_has_waited_long_enough() -> None:
    world = World()
    world.lease(1)
    world.offer(1)
    world.wait(2.1)
    world.ready()
    assert not world.done(effects.Bridge)


def test_the_wait_counts_from_the_end_of_the_greeting() -> None:
    world = World()
    world.lease(1)
    world.answer(1)
    world.run(screened(1, world.now, greeting_end_ms=1500))
    world.wait(3.0)
    world.ready()
    assert len(world.done(effects.Bridge)) == 1


def test_who_cannot_be_told_apart_counts_from_the_offer_and_is_bridged() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.answer(1)
    world.wait(2.5)  # screening took its time, and heard no greeting
    world.run(screened(1, world.now, verdict="uncertain", greeting_end_ms=None))
    assert [bridge.call_id for bridge in world.done(effects.Bridge)] == ["call-1"]


def test_a_paused_campaign_still_bridges_who_has_answered() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.answer(1)
    world.run(commands.SetCampaignRunning(campaign().campaign_id, "paused"))
    world.run(screened(1, world.now))
    assert len(world.done(effects.Bridge)) == 1


def test_a_machine_is_not_offered_to_anybody() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.answer(1)
    world.run(screened(1, world.now, verdict="machine", offered=False))
    assert world.call().state is CallState.SCREENING
    world.end(by="gateway", verdict="machine")
    assert world.state() is SeatState.AVAILABLE
    assert world.happened(CallFinished)[0].outcome == "machine"


def test_a_verdict_that_comes_after_the_bridge_is_kept() -> None:
    world = World(screening="watch")
    world.ready()
    world.lease(1)
    world.offer(1, verdict="uncertain")
    world.run(gateway_facts.CallBridged(CallId("call-1"), A, world.now))
    world.run(screened(1, world.now, verdict="machine", offered=False))
    assert world.call().state is CallState.BRIDGED
    assert world.call().verdict == "machine"
    assert world.happened(CallMoved)[-1].verdict == "machine"
    world.end(verdict="machine")
    assert world.happened(CallFinished)[0].outcome == "machine"
    assert world.state() is SeatState.WRAP_UP


def test_a_bridge_to_a_seat_nobody_asked_for_is_illegal() -> None:
    world = World()
    world.ready(A, B)
    world.lease(1)
    world.offer(1)
    before = world.floor
    for seat_id in (B, SeatId("operator9")):
        with pytest.raises(IllegalMove):
            world.run(gateway_facts.CallBridged(CallId("call-1"), seat_id, world.now))
    assert world.floor is before


def test_each_waiting_call_takes_a_seat_of_its_own() -> None:
    world = World()
    world.lease(1, 2, 3)
    for number in (1, 2, 3):
        world.offer(number)
    world.ready(A, B)
    taken = {world.seat(seat).call_id for seat in (A, B)}
    assert taken == {"call-1", "call-2"}
    assert world.call(3).seat_id is None
    assert C not in world.floor.seats


def test_a_reservation_found_in_the_rows_is_bridged_when_the_page_is_heard() -> None:
    """A desk that was killed between the reservation and its effect knows no Bridge was asked."""
    world = World()
    world.ready(A, B)
    world.lease(1)
    world.offer(1)
    call = replace(world.call(), bridge_asked_at=None)
    world.floor = replace(world.floor, calls={call.call_id: call})
    decided = world.run(commands.Tick())
    assert decided.effects[0] == effects.Bridge(call.call_id, A, GATEWAY)
    assert world.state(B) is SeatState.AVAILABLE


def test_a_refused_bridge_sends_the_customer_to_the_next_seat_at_once() -> None:
    world = World()
    world.ready(A, B)
    world.lease(1)
    world.offer(1)
    refused = gateway_facts.BridgeRefused(CallId("call-1"), A, world.now, "seat_silent")
    world.run(refused)
    assert (world.state(A), world.state(B)) == (SeatState.AVAILABLE, SeatState.RESERVED)
    assert not world.seat(A).proven_ready(world.now)
    assert [bridge.seat_id for bridge in world.done(effects.Bridge)] == [A, B]
    world.run(refused)  # repeated, it is old news
    assert world.state(B) is SeatState.RESERVED


def test_a_customer_who_is_gone_already_blames_no_seat_and_goes_to_no_other() -> None:
    world = World()
    world.ready(A, B)
    world.lease(1)
    world.offer(1)
    world.run(gateway_facts.BridgeRefused(CallId("call-1"), A, world.now, "call_unknown"))
    world.run(commands.Tick())
    assert (world.state(A), world.state(B)) == (SeatState.AVAILABLE, SeatState.AVAILABLE)
    assert world.seat(A).proven_ready(world.now)
    assert [bridge.seat_id for bridge in world.done(effects.Bridge)] == [A]
    world.end(1)
    assert [each.outcome for each in world.happened(CallFinished)] == ["hung_up_at_once"]


def test_a_customer_whose_only_seat_was_refused_waits_for_one_that_is_alive() -> None:
    world = World()
    world.ready(A)
    world.lease(1)
    world.offer(1)
    world.run(gateway_facts.BridgeRefused(CallId("call-1"), A, world.now, "seat_silent"))
    assert (world.call().state, world.call().seat_id) == (CallState.WAITING, None)
    world.run(gateway_facts.SeatMediaUp(A, GATEWAY, world.now))
    assert world.state(A) is SeatState.RESERVED
