"""Preview: the customer first, the call after."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import CallFinished
from agent_desk.dialer.floor import CallState, NextCustomerRequest, SeatState
from agent_desk.dialer.ids import CallId
from agent_desk.dialer.pacing import PreviewPacer
from agent_desk.dialer.pacing_view import snapshot
from agent_desk.dialer.why_codes import WhyCode
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, A, B, World, instant

CALL = CallId("call-1")


def preview_world() -> World:
    world = World(mode="preview")
    world.ready()
    return world


def shown() -> World:
    """A seat that asked for a customer and sees one."""
    world = preview_world()
    world.run(commands.NextCustomer(A))
    world.run(commands.StartCalls(CAMPAIGN, 1, "", A))
    world.lease(1, seat_id=A)
    return world


def refused(world: World, command: commands.Command) -> ErrorId:
    before = world.floor
    with pytest.raises(Refused) as refusal:
        world.run(command)
    assert world.floor is before
    return refusal.value.error_id


def test_a_wish_goes_through_the_pacer_to_the_lease() -> None:
    world = preview_world()
    pacer = PreviewPacer()
    assert pacer.decide(snapshot(world.floor, CAMPAIGN, world.now), world.now).reason is (
        WhyCode.AWAITING_OPERATOR
    )
    world.run(commands.NextCustomer(A))
    decision = pacer.decide(snapshot(world.floor, CAMPAIGN, world.now), world.now)
    assert (decision.count, decision.seat_id) == (1, A)
    world.run(commands.StartCalls(CAMPAIGN, decision.count, decision.reason, decision.seat_id))
    assert world.done(effects.Lease) == [effects.Lease(CAMPAIGN, 1, A)]
    again = pacer.decide(snapshot(world.floor, CAMPAIGN, world.now), world.now)
    assert again.count == 0


def test_the_customer_is_shown_and_not_called() -> None:
    world = shown()
    assert (world.state(), world.seat().call_id) == (SeatState.RESERVED, CALL)
    assert (world.call().state, world.call().preview) == (CallState.LEASED, True)
    assert world.done(effects.ShowCallerRecord) == [effects.ShowCallerRecord(A, CALL)]
    assert not world.done(effects.PlaceCall)
    world.pass_time(600)
    assert world.state() is SeatState.RESERVED


def test_placing_calls_the_customer_and_the_answer_comes_to_this_seat() -> None:
    world = shown()
    world.ready(B)
    world.run(commands.PlacePreviewed(A))
    assert world.done(effects.PlaceCall) == [effects.PlaceCall(CALL, GATEWAY)]
    world.hear()
    world.offer(1)
    assert world.done(effects.Bridge) == [effects.Bridge(CALL, A, GATEWAY)]
    assert world.state(B) is SeatState.AVAILABLE
    world.run(gateway_facts.CallBridged(CALL, A, world.now))
    assert world.state() is SeatState.TALKING


def test_nobody_else_takes_a_previewed_customer() -> None:
    world = shown()
    world.ready(B)
    world.run(commands.PlacePreviewed(A))
    world.run(gateway_facts.SeatMediaDown(A, world.now, "closed"))
    world.offer(1)
    assert not world.done(effects.Bridge)
    world.wait(1)
    world.hear()
    assert [bridge.seat_id for bridge in world.done(effects.Bridge)] == [A]


def test_skipping_gives_the_customer_back_uncounted() -> None:
    world = shown()
    world.run(commands.SkipPreviewed(A, "called yesterday"))
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.counts, finished.seat_id) == ("skipped", False, A)
    assert finished.cause == "called yesterday"
    assert world.state() is SeatState.AVAILABLE
    assert not world.floor.calls


def test_a_call_on_its_way_is_neither_placed_twice_nor_skipped_but_hung_up() -> None:
    world = shown()
    world.run(commands.PlacePreviewed(A))
    assert refused(world, commands.PlacePreviewed(A)) is ErrorId.NOTHING_PREVIEWED
    assert refused(world, commands.SkipPreviewed(A, "")) is ErrorId.NOTHING_PREVIEWED
    world.ring(1)
    world.run(commands.HangUp(A))
    assert len(world.done(effects.HangUp)) == 1
    world.end(by="desk", answered=False, sip_code=487)
    assert world.happened(CallFinished)[0].outcome == "cancelled"
    assert world.state() is SeatState.AVAILABLE


def test_a_customer_who_was_not_called_cannot_be_hung_up() -> None:
    assert refused(shown(), commands.HangUp(A)) is ErrorId.NO_CALL


def test_a_busy_customer_leaves_the_seat_available() -> None:
    world = shown()
    world.run(commands.PlacePreviewed(A))
    world.end(by="trunk", answered=False, rang=False, sip_code=486)
    assert world.state() is SeatState.AVAILABLE
    assert world.happened(CallFinished)[0].seat_id == A
    assert world.done(effects.TellSeat) == [effects.TellSeat("previewed-busy", A)]


def test_the_next_customer_is_asked_for_once_in_preview_only() -> None:
    world = preview_world()
    world.run(commands.NextCustomer(A))
    assert refused(world, commands.NextCustomer(A)) is ErrorId.NEXT_ALREADY_ASKED
    other = World()
    other.ready()
    assert refused(other, commands.NextCustomer(A)) is ErrorId.NOT_PREVIEW
    paused = World(mode="preview", running="paused")
    paused.ready()
    assert refused(paused, commands.NextCustomer(A)) is ErrorId.CAMPAIGN_NOT_RUNNING


def test_a_lease_that_found_nobody_lets_the_seat_ask_again() -> None:
    world = preview_world()
    world.run(commands.NextCustomer(A))
    world.run(commands.StartCalls(CAMPAIGN, 1, "", A))
    world.run(commands.AttemptsLeased(CAMPAIGN, 1, (), "no-dialable", instant(90), A))
    assert world.seat().next_customer is NextCustomerRequest.NONE
    assert world.floor.why[CAMPAIGN].next_allowed_at == instant(90)
    world.run(commands.NextCustomer(A))


def test_a_customer_leased_for_a_seat_that_went_away_is_released() -> None:
    world = preview_world()
    world.run(commands.NextCustomer(A))
    world.run(commands.StartCalls(CAMPAIGN, 1, "", A))
    world.run(commands.GoAway(A, "meal"))
    world.lease(1, seat_id=A)
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.counts, finished.cause) == ("not_placed", False, "seat-gone")
    assert world.state() is SeatState.AWAY


def test_a_wish_that_was_dropped_starts_no_lease() -> None:
    world = preview_world()
    world.run(commands.NextCustomer(A))
    world.run(commands.GoAway(A, "meal"))
    world.run(commands.StartCalls(CAMPAIGN, 1, "", A))
    assert not world.done(effects.Lease)


def test_a_customer_shown_too_long_is_not_called_outside_the_window() -> None:
    world = shown()
    world.wait(40_000)
    world.hear()
    world.run(commands.PlacePreviewed(A))
    assert world.happened(CallFinished)[0].cause == "too-late"
    assert not world.done(effects.PlaceCall)
    assert world.state() is SeatState.AVAILABLE


def test_a_paused_campaign_or_a_lost_gateway_keeps_the_customer_on_screen() -> None:
    world = shown()
    world.run(commands.SetCampaignRunning(CAMPAIGN, "paused"))
    assert refused(world, commands.PlacePreviewed(A)) is ErrorId.CAMPAIGN_NOT_RUNNING
    world.run(commands.SetCampaignRunning(CAMPAIGN, "running"))
    world.run(gateway_facts.GatewayLost(GATEWAY))
    assert refused(world, commands.PlacePreviewed(A)) is ErrorId.GATEWAY_DOWN
    assert world.state() is SeatState.RESERVED


def test_stopping_the_campaign_gives_shown_customers_and_wishes_back() -> None:
    world = shown()
    world.ready(B)
    world.run(commands.NextCustomer(B))
    world.run(commands.SetCampaignRunning(CAMPAIGN, "stopped"))
    assert world.happened(CallFinished)[0].outcome == "not_placed"
    assert (world.state(A), world.state(B)) == (SeatState.AVAILABLE, SeatState.AVAILABLE)
    assert world.seat(B).next_customer is NextCustomerRequest.NONE


def test_a_preview_call_whose_seat_does_not_come_back_is_abandoned_with_the_recording() -> None:
    world = shown()
    world.run(commands.PlacePreviewed(A))
    world.run(gateway_facts.SeatMediaDown(A, world.now, "closed"))
    world.offer(1)
    world.wait(2.5)
    world.run(commands.Tick())
    assert [end.prompt for end in world.done(effects.EndWithPrompt)] == ["safe_harbour"]
    assert world.state() is SeatState.AVAILABLE
