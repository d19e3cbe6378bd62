"""Gateways that restart, get lost and come back."""

from __future__ import annotations

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.events import CallbackDue, CallFinished, GatewayBooted
from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.gateway_facts import LiveCall
from agent_desk.dialer.ids import CallId, SeatId
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, TRUNK, A, B, C, World

SHARE = ((TRUNK, 10, 10.0),)


def welcome(world: World, boot_id: str) -> None:
    world.run(gateway_facts.GatewayWelcomed(GATEWAY, boot_id, SHARE))


def snapshot(
    world: World, *calls: LiveCall, seats: tuple[SeatId, ...] = (), boot_id: str = "boot-1"
) -> None:
    world.run(gateway_facts.GatewaySnapshot(GATEWAY, boot_id, calls, seats, (TRUNK,)))


def busy_world() -> World:
    """One seat talking, one reserved, one call ringing, one only leased."""
    world = World()
    world.ready(A, B)
    world.bridge(1, A)
    world.lease(2, 3, 4)
    world.offer(2)
    world.ring(3)
    return world


def test_a_restarted_gateway_has_lost_its_calls() -> None:
    world = busy_world()
    welcome(world, "boot-2")
    finished = {event.call_id: event for event in world.happened(CallFinished)}
    assert {event.outcome for event in finished.values()} == {"system_failure"}
    assert all(event.counts for event in finished.values())
    assert len(finished) == 4
    assert world.state(A) is SeatState.WRAP_UP
    assert world.state(B) is SeatState.AVAILABLE
    assert [due.call_id for due in world.happened(CallbackDue)] == ["call-1"]
    assert finished[CallId("call-2")].abandoned, "a person was waiting for a seat"
    assert not finished[CallId("call-3")].abandoned
    assert not world.seat(B).link.media_up
    assert world.happened(GatewayBooted)[-1].restarted
    assert effects.TellLeads("gateway-restarted", None, None) in world.effects


def test_a_customer_only_shown_survives_the_restart() -> None:
    world = World(mode="preview")
    world.ready()
    world.run(commands.NextCustomer(A))
    world.run(commands.StartCalls(CAMPAIGN, 1, "", A))
    world.lease(1, seat_id=A)
    welcome(world, "boot-2")
    assert world.state() is SeatState.RESERVED
    assert not world.happened(CallFinished)


def test_the_same_boot_saying_hello_again_loses_nothing() -> None:
    world = busy_world()
    world.run(gateway_facts.GatewayLost(GATEWAY))
    welcome(world, "boot-1")
    assert not world.happened(CallFinished)
    assert not world.happened(GatewayBooted)[-1].restarted
    assert world.floor.gateways[GATEWAY].trunks[TRUNK].up


def test_a_lost_gateway_is_told_to_the_leads_once_and_calls_go_on() -> None:
    world = busy_world()
    world.run(gateway_facts.GatewayLost(GATEWAY))
    world.run(gateway_facts.GatewayLost(GATEWAY))
    assert world.done(effects.TellLeads) == [effects.TellLeads("gateway-lost", None, None)]
    assert world.state(A) is SeatState.TALKING
    assert not world.floor.gateways[GATEWAY].linked


def test_what_the_gateway_does_not_know_any_more_is_over() -> None:
    world = busy_world()
    world.wait(6)
    snapshot(world, seats=(A, B))
    finished = {event.call_id: event for event in world.happened(CallFinished)}
    assert finished[CallId("call-1")].outcome == "system_failure"
    assert finished[CallId("call-3")].counts
    released = finished[CallId("call-4")]
    assert (released.outcome, released.counts) == ("not_placed", False)
    assert world.state(A) is SeatState.WRAP_UP
    assert world.state(B) is SeatState.AVAILABLE


def test_an_order_that_may_have_crossed_the_snapshot_is_left_alone() -> None:
    world = World()
    world.lease(1)
    world.wait(1)
    snapshot(world)
    assert world.has_call()
    world.ring(1)
    assert world.has_call()


def test_what_the_gateway_knows_and_the_floor_does_not_is_hung_up() -> None:
    world = World()
    snapshot(
        world,
        LiveCall(CallId("stranger"), "bridged", SeatId("operator7")),
        LiveCall(CallId("closing"), "treated", None),
    )
    assert [effect.call_id for effect in world.done(effects.HangUp)] == ["stranger"]


def test_a_call_in_wrap_up_that_the_gateway_still_has_is_hung_up() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.end()
    snapshot(world, LiveCall(CallId("call-1"), "bridged", A), seats=(A,))
    assert len(world.done(effects.HangUp)) == 1
    assert world.state() is SeatState.WRAP_UP


def test_live_calls_are_left_alone() -> None:
    world = busy_world()
    before = dict(world.floor.calls)
    snapshot(
        world,
        LiveCall(CallId("call-1"), "bridged", A),
        LiveCall(CallId("call-2"), "screening", None),
        LiveCall(CallId("call-3"), "ringing", None),
        LiveCall(CallId("call-4"), "placed", None),
        seats=(A, B),
    )
    assert world.floor.calls == before


def test_what_was_asked_while_no_order_arrived_is_said_again() -> None:
    """A talk whose operator pressed mute and hold while the link was down."""
    world = World()
    world.ready()
    world.bridge()
    world.run(gateway_facts.GatewayLost(GATEWAY))
    world.run(commands.SetMute(A, on=True))
    world.run(commands.SetHold(A, on=True))
    world.effects.clear()
    snapshot(world, LiveCall(CallId("call-1"), "bridged", A), seats=(A,))
    assert world.done(effects.Mute) == [effects.Mute(A, GATEWAY, on=True)]
    assert world.done(effects.Hold) == [effects.Hold(CallId("call-1"), GATEWAY, on=True)]
    world.run(commands.SetHold(A, on=False))
    world.effects.clear()
    snapshot(world, LiveCall(CallId("call-1"), "bridged", A), seats=(A,))
    assert world.done(effects.Hold) == [effects.Hold(CallId("call-1"), GATEWAY, on=False)]


def test_the_pause_of_a_recording_is_said_again_where_calls_are_recorded() -> None:
    world = World(recording=True)
    world.ready()
    world.bridge()
    world.run(commands.PauseRecording(A, on=True))
    world.effects.clear()
    snapshot(world, LiveCall(CallId("call-1"), "bridged", A), seats=(A,))
    pause = effects.PauseRecording(CallId("call-1"), GATEWAY, on=True)
    assert world.done(effects.PauseRecording) == [pause]


def test_a_bridge_whose_news_was_lost_is_a_talk() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.offer(1)
    snapshot(world, LiveCall(CallId("call-1"), "bridged", A), seats=(A,))
    assert world.state() is SeatState.TALKING
    assert (world.call().state, world.call().bridged_at) == (CallState.BRIDGED, world.now)
    world.wait(4)
    world.run(commands.Tick())
    assert not world.done(effects.EndWithPrompt)


def test_a_bridge_to_another_seat_than_ours_is_not_believed() -> None:
    world = World()
    world.ready(A, B)
    world.lease(1)
    world.offer(1)
    snapshot(world, LiveCall(CallId("call-1"), "bridged", B), seats=(A, B))
    assert (world.state(A), world.state(B)) == (SeatState.RESERVED, SeatState.AVAILABLE)


def test_a_gateway_is_linked_when_it_has_told_everything() -> None:
    world = World()
    world.run(gateway_facts.GatewayLost(GATEWAY))
    welcome(world, "boot-1")
    assert not world.floor.gateways[GATEWAY].linked
    snapshot(world)
    assert world.floor.gateways[GATEWAY].linked
    welcome(world, "boot-1")
    assert world.floor.gateways[GATEWAY].linked, "a new share of the trunks is no new link"
    welcome(world, "boot-2")
    assert not world.floor.gateways[GATEWAY].linked


def test_no_deadline_falls_between_the_hello_and_the_missed_events() -> None:
    world = World()
    world.ready()
    world.lease(1, 2)
    world.offer(1)
    world.run(gateway_facts.GatewayLost(GATEWAY))
    bridged_at = world.now
    world.wait(60)
    welcome(world, "boot-1")
    world.run(commands.Tick())
    assert not world.done(effects.EndWithPrompt)
    assert not world.done(effects.HangUp)
    world.run(gateway_facts.CallBridged(CallId("call-1"), A, bridged_at))
    assert world.state() is SeatState.TALKING


def test_a_hello_without_a_snapshot_keeps_calls_no_longer_than_a_lost_link() -> None:
    world = World()
    world.lease(1)
    world.run(gateway_facts.GatewayLost(GATEWAY))
    world.wait(100)
    welcome(world, "boot-1")
    world.wait(51)
    world.run(commands.Tick())
    assert not world.has_call()


def test_a_bridge_that_was_lost_on_the_way_is_asked_for_again() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.offer(1)
    snapshot(world, LiveCall(CallId("call-1"), "waiting", None), seats=(A,))
    assert len(world.done(effects.Bridge)) == 2
    assert world.state() is SeatState.RESERVED


def test_a_bridge_that_was_lost_goes_to_another_seat_when_the_first_is_gone() -> None:
    world = World()
    world.ready(A, B)
    world.lease(1)
    world.offer(1)
    snapshot(world, LiveCall(CallId("call-1"), "waiting", None), seats=(B,))
    assert world.state(A) is SeatState.AVAILABLE
    assert [bridge.seat_id for bridge in world.done(effects.Bridge)] == [A, B]


def test_a_snapshot_says_whose_audio_leg_is_up() -> None:
    world = World()
    world.ready(A, B)
    world.open(C)
    snapshot(world, seats=(A, C))
    up = {seat_id: seat.link.media_up for seat_id, seat in world.floor.seats.items()}
    assert up == {A: True, B: False, C: True}
    assert world.seat(C).gateway_id == GATEWAY


def test_the_snapshot_of_another_boot_or_gateway_is_not_believed() -> None:
    world = busy_world()
    before = world.floor
    snapshot(world, boot_id="boot-9")
    assert world.floor is before


def test_trunks_are_usable_when_the_gateway_says_so() -> None:
    world = World()
    world.run(gateway_facts.TrunkChanged(GATEWAY, TRUNK, False))
    assert not world.floor.gateways[GATEWAY].trunks[TRUNK].up
    before = world.floor
    world.run(gateway_facts.TrunkChanged(GATEWAY, TRUNK, False))
    assert world.floor is before
    snapshot(world)
    assert world.floor.gateways[GATEWAY].trunks[TRUNK].up


def test_a_new_share_of_a_trunk_keeps_what_the_rate_has_left() -> None:
    world = World()
    world.lease(1, 2)
    world.run(gateway_facts.GatewayWelcomed(GATEWAY, "boot-1", ((TRUNK, 4, 5.0),)))
    share = world.floor.gateways[GATEWAY].trunks[TRUNK]
    assert (share.lines, share.calls_per_second, share.tokens) == (4, 5.0, 8.0)
    assert share.calls_now(world.now) == 5.0
