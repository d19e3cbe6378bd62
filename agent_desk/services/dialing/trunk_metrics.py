"""The trunks on `/metrics`: usable or why not, lines of the share and lines in use, detours."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from agent_desk.dialer.events import CallRerouted, Event
from agent_desk.dialer.floor import CallState, Floor

_LABELS = ("gateway", "trunk")


class TrunkMetrics:
    """Per gateway and trunk, as the floor has them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._up = Gauge(
            "desk_trunk_up", "1: usable; 0: see reason.", [*_LABELS, "reason"], registry=registry
        )
        self._lines = Gauge(
            "desk_trunk_lines", "Lines of this gateway's share.", _LABELS, registry=registry
        )
        self._used = Gauge(
            "desk_trunk_lines_used", "Lines that calls hold.", _LABELS, registry=registry
        )
        self._rerouted = Counter(
            "desk_calls_rerouted", "Calls that went on to another trunk.", ["to"], registry=registry
        )

    def committed(self, events: Sequence[Event]) -> None:
        """Count what became true."""
        for event in events:
            if isinstance(event, CallRerouted):
                self._rerouted.labels(event.trunk_id).inc()

    def show(self, floor: Floor) -> None:
        """Take the gauges from the floor."""
        used = Tally(
            (call.gateway_id, call.trunk_id)
            for call in floor.calls.values()
            if call.state is not CallState.ENDED
        )
        for gauge in (self._up, self._lines, self._used):
            gauge.clear()
        for gateway in floor.gateways.values():
            for trunk_id, share in gateway.trunks.items():
                key = (gateway.gateway_id, trunk_id)
                up = gateway.linked and share.up
                self._up.labels(*key, "" if up else share.reason or "gateway").set(up)
                self._lines.labels(*key).set(share.lines)
                self._used.labels(*key).set(used[key])
