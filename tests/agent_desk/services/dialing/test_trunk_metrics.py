"""What a machine can read of the trunks."""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer.events import CallRerouted
from agent_desk.dialer.floor import Share
from agent_desk.dialer.ids import CallId, TrunkId
from agent_desk.services.running.metrics import DeskMetrics
from tests import builders


def rendered(metrics: DeskMetrics) -> list[str]:
    return metrics.render()[0].decode().splitlines()


def test_each_trunk_shows_its_state_its_lines_and_the_detours_to_it() -> None:
    shares = {
        TrunkId("trunk1"): Share(5, 1.0, up=True),
        TrunkId("spare"): Share(2, 1.0, up=False, reason="spend_cap"),
    }
    gateway = replace(builders.gateway(), trunks=shares)
    floor = builders.floor_of(gateways=[gateway], calls=[builders.call()])
    metrics = DeskMetrics(lambda: floor)
    metrics.committed([CallRerouted(CallId("c"), TrunkId("spare"), None, builders.NOON)])
    lines = rendered(metrics)
    assert 'desk_trunk_up{gateway="gw1",reason="",trunk="trunk1"} 1.0' in lines
    assert 'desk_trunk_up{gateway="gw1",reason="spend_cap",trunk="spare"} 0.0' in lines
    assert 'desk_trunk_lines{gateway="gw1",trunk="trunk1"} 5.0' in lines
    assert 'desk_trunk_lines_used{gateway="gw1",trunk="trunk1"} 1.0' in lines
    assert 'desk_calls_rerouted_total{to="spare"} 1.0' in lines
