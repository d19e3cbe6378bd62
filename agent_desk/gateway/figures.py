"""From a gateway's message of the second to what is kept of it about sound."""

from __future__ import annotations

from agent_desk.dialer.ids import CallId, GatewayId, SeatId
from agent_desk.services.ports import LegFigures, LineFigures
from softphone import protocol as wire

# A leg that has been silent for so long has no jitter: the figure is of what came before.
_STALE_S = 1.0


def line_figures(liveness: wire.Liveness) -> LineFigures:
    """The legs a gateway measured; a seat whose leg is not up is left out."""
    return LineFigures(
        gateway_id=GatewayId(liveness.gateway_id),
        seats={SeatId(seat.seat_id): _seat_leg(seat) for seat in liveness.seats if seat.connected},
        calls={CallId(call.call_id): _customer_leg(call) for call in liveness.calls},
    )


def _seat_leg(seat: wire.SeatLiveness) -> LegFigures:
    return LegFigures(
        loss=seat.loss,
        jitter_ms=seat.jitter_ms if seat.packet_age_s < _STALE_S else 0.0,
        rtt_ms=seat.rtt_ms,
        mos=seat.mos,
        noisy=seat.noisy,
        level_dbfs=seat.level_dbfs if seat.packet_age_s < _STALE_S else None,
    )


def _customer_leg(call: wire.CallQuality) -> LegFigures:
    return LegFigures(
        loss=max(call.loss, call.sent_loss or 0.0),
        jitter_ms=call.jitter_ms,
        rtt_ms=call.rtt_ms,
        mos=call.mos,
        noisy=call.noisy,
    )
