"""How each gateway is, for Prometheus: read when it asks, from the newest message of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from agent_desk.dialer.floor import CallState, Floor
from agent_desk.dialer.ids import GatewayId
from softphone.protocol import Liveness

Families = dict[str, GaugeMetricFamily]


class GatewayGauges(Collector):
    """Only gateways that are connected are shown: of another nobody knows how it is."""

    def __init__(
        self,
        *,
        floor: Callable[[], Floor],
        liveness: Callable[[], Mapping[GatewayId, Liveness]],
    ) -> None:
        self._floor = floor
        self._liveness = liveness

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each figure."""
        floor, families = self._floor(), _families()
        calls = Counter(
            call.gateway_id for call in floor.calls.values() if call.state is not CallState.ENDED
        )
        for gateway_id, newest in sorted(self._liveness().items()):
            names = [str(gateway_id)]
            families["lag"].add_metric(names, newest.loop_lag_ms / 1000)
            families["overloaded"].add_metric(names, float(newest.overloaded))
            families["draining"].add_metric(names, float(newest.draining))
            families["calls"].add_metric(names, calls[gateway_id])
            families["seats"].add_metric(names, sum(seat.connected for seat in newest.seats))
            for trunk in newest.trunks:
                of_trunk = [*names, trunk.trunk_id]
                families["lines"].add_metric(of_trunk, trunk.lines_in_use)
                families["transactions"].add_metric(of_trunk, trunk.transactions)
                families["dialogs"].add_metric(of_trunk, trunk.dialogs)
                families["turned_away"].add_metric(of_trunk, trunk.turned_away)
            for refused in newest.refused:
                families["refused"].add_metric([*names, refused.reason], refused.count)
        yield from families.values()


def _families() -> Families:
    def family(name: str, text: str, *more: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"desk_gateway_{name}", text, labels=["gateway", *more])

    return {
        "lag": family("loop_lag_seconds", "The event loop's worst lag within a second."),
        "overloaded": family("overloaded", "1 while it takes no new calls because it runs late."),
        "draining": family("draining", "1 while it finishes its calls and takes no new ones."),
        "calls": family("calls", "Attempts and calls on it that are not over."),
        "seats": family("seats", "Seats whose audio leg is connected there."),
        "lines": family("lines", "Lines in use.", "trunk"),
        "transactions": family("sip_transactions", "SIP transactions not over.", "trunk"),
        "dialogs": family("sip_dialogs", "SIP dialogs not over.", "trunk"),
        "turned_away": family(
            "callers_turned_away", "Calls that came in while all lines were in use.", "trunk"
        ),
        "refused": family(
            "callers_refused", "Calls that came in and were refused since its start.", "reason"
        ),
    }
