"""Which gateway a seat's next leg is made in: pure."""

from __future__ import annotations

from collections.abc import Sequence

from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import GatewayId, SeatId
from agent_desk.dialer.link_health import BRIDGING
from agent_desk.services.ports import GatewayRefused, GatewayUnreachable


def choose(floor: Floor, connected: Sequence[GatewayId], seat_id: SeatId) -> GatewayId:
    """Where the seat's leg is, or the gateway with the fewest seats of those that take new ones.

    A page that is reloaded in a talk goes back to the leg its customer is joined to, and if the
    gateway of that leg is gone, to the one that has the customer. Raises `GatewayUnreachable`, or
    `GatewayRefused` when there are gateways and none takes a seat.
    """
    if not connected:
        raise GatewayUnreachable("no gateway is connected")
    seat = floor.seats.get(seat_id)
    here = seat.gateway_id if seat is not None and seat.gateway_id in connected else None
    if seat is not None and seat.state in BRIDGING:
        call = floor.calls.get(seat.call_id) if seat.call_id is not None else None
        for where in (here, call.gateway_id if call is not None else None):
            if where is not None and where in connected:
                return where
    closed = {
        gateway.gateway_id: "gateway_draining" if gateway.draining else "gateway_overloaded"
        for gateway in floor.gateways.values()
        if gateway.draining or gateway.overloaded
    }
    open_ones = [gateway_id for gateway_id in connected if gateway_id not in closed]
    if here is not None and here in open_ones:
        return here
    if not open_ones:
        reasons = {closed[gateway_id] for gateway_id in connected}
        error_id = "gateway_overloaded" if "gateway_overloaded" in reasons else "gateway_draining"
        raise GatewayRefused(error_id, "no gateway takes a seat now")
    used = [each.gateway_id for each in floor.seats.values()]
    return min(open_ones, key=lambda gateway_id: (used.count(gateway_id), gateway_id))
