"""A call that goes on to another trunk holds a line of that one, and of no other."""

from __future__ import annotations

from agent_desk.dialer import gateway_facts
from agent_desk.dialer.events import CallRerouted
from agent_desk.dialer.floor import CallState
from agent_desk.dialer.ids import CallId, TrunkId
from agent_desk.gateway.shares import held_lines
from tests.agent_desk.dialer.floors import GATEWAY, TRUNK, World

SPARE = TrunkId("spare")


def reroute(world: World, call: str = "call-1", trunk_id: TrunkId = SPARE) -> None:
    world.run(gateway_facts.CallRerouted(CallId(call), trunk_id, world.now, 503))


def test_the_line_moves_with_the_call() -> None:
    world = World()
    world.ready()
    world.lease(1)
    assert held_lines(world.floor) == {TRUNK: {GATEWAY: 1}}
    reroute(world)
    assert held_lines(world.floor) == {SPARE: {GATEWAY: 1}}
    (event,) = world.happened(CallRerouted)
    assert (event.trunk_id, event.sip_code) == (SPARE, 503)


def test_the_same_news_twice_is_told_once() -> None:
    world = World()
    world.ready()
    world.lease(1)
    reroute(world)
    reroute(world)
    assert len(world.happened(CallRerouted)) == 1


def test_news_of_a_call_that_is_over_or_unknown_changes_nothing() -> None:
    world = World()
    world.ready()
    world.ring(1)
    world.end(1)
    reroute(world)
    reroute(world, "nobody")
    assert not world.happened(CallRerouted)


def test_the_floor_knows_why_a_trunk_is_not_usable_until_it_is() -> None:
    world = World()
    for up, reason in ((False, "spend_cap"), (True, "up")):
        world.run(gateway_facts.TrunkChanged(GATEWAY, TRUNK, up, reason))
        share = world.floor.gateways[GATEWAY].trunks[TRUNK]
        assert (share.up, share.reason) == (up, "" if up else reason)


def test_a_rerouted_call_is_still_only_placed() -> None:
    world = World()
    world.ready()
    world.lease(1)
    reroute(world)
    assert world.floor.calls[CallId("call-1")].state in (CallState.LEASED, CallState.PLACED)
