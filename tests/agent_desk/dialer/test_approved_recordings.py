"""Each campaign its own recording for abandoned calls, in gateways that hold many."""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer import gateway_facts
from agent_desk.dialer.approved_recordings import as_heard, wanted
from agent_desk.dialer.ids import GatewayId
from agent_desk.dialer.pacing_view import snapshot
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, World

OWN, COPY = "aa" * 32, "bb" * 32


def heard(world: World) -> bool:
    return snapshot(as_heard(world.floor), CAMPAIGN, world.now).safe_harbour


def approve(world: World, **recordings: str) -> None:
    campaign = replace(world.floor.campaigns[CAMPAIGN], **recordings)
    world.floor = replace(world.floor, campaigns={**world.floor.campaigns, CAMPAIGN: campaign})


def test_a_copy_counts_as_heard_once_every_gateway_that_takes_calls_holds_it() -> None:
    world = World()
    approve(world, safe_harbour=COPY, message=OWN)
    assert wanted(world.floor) == (OWN, COPY)
    assert not heard(world)
    world.run(gateway_facts.MessagesHeld(GATEWAY, (COPY,), ()))
    assert heard(world)
    second = GatewayId("gw2")
    world.run(gateway_facts.GatewayWelcomed(second, "boot-1", ()))
    world.run(gateway_facts.GatewaySnapshot(second, "boot-1", (), (), ()))
    assert not heard(world), "the second has none"
    world.run(gateway_facts.MessagesHeld(second, (), ((COPY, "not_stored"),)))
    assert not heard(world)
    world.run(gateway_facts.MessagesHeld(second, (COPY,), ()))
    assert heard(world)
    approve(world, safe_harbour="")
    assert not heard(world), "withdrawn"


def test_what_a_gateway_told_since_its_hello_outlives_a_new_share() -> None:
    world = World()
    world.run(gateway_facts.MessagesHeld(GATEWAY, (COPY,), ()))
    boot = world.floor.gateways[GATEWAY].boot_id
    world.run(gateway_facts.GatewayWelcomed(GATEWAY, boot, (), messages=(OWN,)))
    assert world.floor.gateways[GATEWAY].messages == (COPY,)
    world.run(gateway_facts.GatewayWelcomed(GATEWAY, "another", (), messages=(OWN,)))
    assert world.floor.gateways[GATEWAY].messages == (OWN,)
