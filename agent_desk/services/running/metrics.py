"""What the desk counts about itself, for Prometheus: numbers only, nobody's data."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from agent_desk.dialer.events import CallFinished, Event
from agent_desk.dialer.floor import Floor
from agent_desk.services.dialing.trunk_metrics import TrunkMetrics


class DeskMetrics:
    """Owns its registry, so that two desks in one test process do not collide."""

    def __init__(self, floor: Callable[[], Floor]) -> None:
        self._floor = floor
        self.registry = CollectorRegistry()
        own = self.registry
        self.outcomes = Counter(
            "desk_attempt_outcomes", "Attempts by final outcome.", ["outcome"], registry=own
        )
        self.callers = Counter(
            "desk_inbound_outcomes", "Calls that came in, by outcome.", ["outcome"], registry=own
        )
        self.abandoned = Counter("desk_calls_abandoned", "Live answers nobody took.", registry=own)
        self.batches = Counter("desk_batches_committed", "Batches of commands.", registry=own)
        self.seats = Gauge("desk_seats", "Live seats by state.", ["state"], registry=own)
        self.lines = Gauge("desk_lines", "Attempts in flight by state.", ["state"], registry=own)
        self.gateways = Gauge("desk_gateways_linked", "Gateways commands reach.", registry=own)
        self.trunks = TrunkMetrics(own)
        self.hub_gap = Histogram(
            "desk_hub_gap_seconds",
            "How late the desk's timer woke.",
            buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
            registry=own,
        )

    def committed(self, events: Sequence[Event]) -> None:
        """Count what became true."""
        self.batches.inc()
        self.trunks.committed(events)
        for event in events:
            if isinstance(event, CallFinished):
                counter = self.callers if event.inbound else self.outcomes
                counter.labels(event.outcome).inc()
                if event.abandoned:
                    self.abandoned.inc()

    def render(self) -> tuple[bytes, str]:
        """The exposition text and its content type."""
        floor = self._floor()
        self._set(self.seats, Tally(seat.state.value for seat in floor.seats.values()))
        self._set(self.lines, Tally(call.state.value for call in floor.calls.values()))
        self.gateways.set(sum(gateway.linked for gateway in floor.gateways.values()))
        self.trunks.show(floor)
        return generate_latest(self.registry), CONTENT_TYPE_LATEST

    @staticmethod
    def _set(gauge: Gauge, tally: Tally[str]) -> None:
        gauge.clear()
        for state, count in tally.items():
            gauge.labels(state).set(count)
