"""Whose turn it is when seats and calls are on several gateways."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.floor import CallState
from agent_desk.dialer.ids import CallId, GatewayId, SeatId
from agent_desk.dialer.pacing_view import snapshot
from agent_desk.dialer.why_codes import WhyCode
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, TRUNK, A, B, World

OTHER = GatewayId("gw-2")


def world_of_two(*, relays: bool = True) -> World:
    """Two gateways; calls are placed through the first."""
    world = World()
    for gateway_id, address in ((GATEWAY, "10.0.0.1:7000"), (OTHER, "10.0.0.2:7000")):
        world.run(
            gateway_facts.GatewayWelcomed(
                gateway_id, "boot-1", ((TRUNK, 10, 10.0),), address if relays else ""
            )
        )
        world.run(gateway_facts.GatewaySnapshot(gateway_id, "boot-1", (), (), (TRUNK,)))
    return world


def hear(world: World, seat_id: SeatId, gateway_id: GatewayId, **condition: bool) -> None:
    world.run(commands.ObservePulses((commands.PulseOfSeat(seat_id, world.now, True, True),)))
    media = (commands.MediaOfSeat(seat_id, True, 0.0, 0.0, 0.0),)
    world.run(commands.ObserveMedia(gateway_id, world.now, media, **condition))


def available(world: World, seat_id: SeatId, gateway_id: GatewayId) -> None:
    world.open(seat_id)
    world.run(gateway_facts.SeatMediaUp(seat_id, gateway_id, world.now))
    world.run(commands.PassDeviceCheck(seat_id))
    hear(world, seat_id, gateway_id)
    world.run(commands.GoAvailable(seat_id))


def offered(world: World) -> effects.Bridge | None:
    world.lease(1)
    world.offer(1)
    return next(iter(world.done(effects.Bridge)), None)


def test_a_seat_on_another_gateway_is_lent() -> None:
    world = world_of_two()
    available(world, A, OTHER)
    assert offered(world) == effects.Bridge(CallId("call-1"), A, GATEWAY, lent_by=OTHER)


def test_who_has_waited_longest_is_next_wherever_the_audio_is() -> None:
    world = world_of_two()
    available(world, A, OTHER)
    world.wait(1.5)
    available(world, B, GATEWAY)
    hear(world, A, OTHER)
    bridge = offered(world)
    assert bridge is not None and (bridge.seat_id, bridge.lent_by) == (A, OTHER)


@pytest.mark.parametrize("first_is_near", [True, False])
def test_of_two_who_became_free_together_the_nearer_one_is_taken(first_is_near: bool) -> None:
    world = world_of_two()
    available(world, A, GATEWAY if first_is_near else OTHER)
    world.wait(1.0)
    available(world, B, OTHER if first_is_near else GATEWAY)
    hear(world, A, GATEWAY if first_is_near else OTHER)
    bridge = offered(world)
    near = A if first_is_near else B
    assert bridge is not None and (bridge.seat_id, bridge.lent_by) == (near, None)


def test_a_near_seat_that_is_not_proven_ready_is_not_preferred() -> None:
    world = world_of_two()
    available(world, A, OTHER)
    available(world, B, GATEWAY)
    world.run(gateway_facts.SeatMediaDown(B, world.now, "closed", GATEWAY))
    bridge = offered(world)
    assert bridge is not None and bridge.seat_id == A


@pytest.mark.parametrize("trouble", ["no relays", "lost", "overloaded", "draining"])
def test_a_gateway_that_cannot_lend_keeps_its_seats(trouble: str) -> None:
    world = world_of_two(relays=trouble != "no relays")
    available(world, A, OTHER)
    world.lease(1)
    if trouble == "lost":
        world.run(gateway_facts.GatewayLost(OTHER))
    elif trouble != "no relays":
        hear(world, A, OTHER, **{trouble: True})
    world.offer(1)
    assert not world.done(effects.Bridge)
    assert world.call().state is CallState.WAITING


@pytest.mark.parametrize("condition", ["overloaded", "draining"])
def test_a_waiting_customer_gets_a_seat_of_the_same_gateway_however_it_is(condition: str) -> None:
    world = World()
    world.ready(A)
    world.lease(1)
    hear(world, A, GATEWAY, **{condition: True})
    world.offer(1)
    assert len(world.done(effects.Bridge)) == 1


# --- capacity -----------------------------------------------------------------------------------


def test_seats_and_lines_of_gateways_that_take_nothing_new_are_no_capacity() -> None:
    world = world_of_two()
    available(world, A, OTHER)
    available(world, B, GATEWAY)
    before = snapshot(world.floor, CAMPAIGN, world.now)
    assert (sum(seat.ready for seat in before.seats), before.lines_room) == (2, 20)
    hear(world, A, OTHER, overloaded=True)
    after = snapshot(world.floor, CAMPAIGN, world.now)
    assert (sum(seat.ready for seat in after.seats), after.lines_room) == (1, 10)
    assert after.gateways_closed is WhyCode.NOTHING


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        (("draining", "draining"), WhyCode.GATEWAY_DRAINING),
        (("draining", "overloaded"), WhyCode.GATEWAY_OVERLOADED),
        (("overloaded", "overloaded"), WhyCode.GATEWAY_OVERLOADED),
    ],
)
def test_leads_read_why_no_gateway_takes_a_call(conditions: tuple[str, str], why: WhyCode) -> None:
    world = world_of_two()
    for gateway_id, condition in zip((GATEWAY, OTHER), conditions, strict=True):
        world.run(commands.ObserveMedia(gateway_id, world.now, (), **{condition: True}))
    assert snapshot(world.floor, CAMPAIGN, world.now).gateways_closed is why


def test_nothing_is_started_when_no_gateway_takes_a_call() -> None:
    world = World()
    world.ready(A)
    world.run(commands.ObserveMedia(GATEWAY, world.now, (), overloaded=True))
    world.run(commands.StartCalls(CAMPAIGN, 1, "", None))
    assert not world.done(effects.Lease)


# --- where a seat is ----------------------------------------------------------------------------


def test_news_of_a_leg_in_the_gateway_a_seat_has_left_is_no_news() -> None:
    world = world_of_two()
    available(world, A, GATEWAY)
    world.run(gateway_facts.SeatMediaUp(A, OTHER, world.now))
    assert world.done(effects.CloseSeatMedia) == [effects.CloseSeatMedia(A, GATEWAY)]
    world.run(gateway_facts.SeatMediaDown(A, world.now, "closed", GATEWAY))
    assert world.seat(A).link.media_up


def test_a_share_without_calls_per_second_allows_none() -> None:
    share = next(iter(World().floor.gateways[GATEWAY].trunks.values()))
    assert replace(share, calls_per_second=0.0).calls_now(World().now) == 0.0
