"""The core's effects in the words of the wire."""

from __future__ import annotations

from agent_desk.dialer import effects
from agent_desk.dialer.ids import CallId, GatewayId, SeatId
from agent_desk.gateway.translate import effect_command
from softphone import protocol as wire


def test_the_operator_hears_how_the_customer_answered() -> None:
    bridge = effects.Bridge(CallId("c1"), SeatId("s1"), GatewayId("gw1"))
    assert effect_command(bridge) == wire.Bridge("c1", "s1", zip_tone=True, replay_greeting=True)
