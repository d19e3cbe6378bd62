"""What leads do with seats from `/floor`: the events of `floor.py` that order something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desk.dialer.floor import Seat
from agent_desk.dialer.ids import SeatId
from agent_desk.services.people.skills import SkillService
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.seat.orders import SeatOrders, may_serve
from agent_desk.sockets.connections import Open
from agent_desk.sockets.desk_view import instant

Payload = Mapping[str, Any]


class OrderEvents:
    """Mixed into the namespace; the service checks scope, the engine writes and audits."""

    _orders: SeatOrders
    _skills: SkillService

    def on_order_seat(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        who = opened.identity
        self._orders.order(
            SeatId(payload["seat"]),
            payload["what"],
            when=payload["when"] or "after_call",
            reason=payload["reason"],
            campaign_id=payload["campaign_id"],
            further=payload["further"] or (),
            note=payload["note"] or "",
            by=who.username,
            teams=who.teams,
            command_id=cid,
        )

    def on_cancel_order(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        who = opened.identity
        seat_id = SeatId(payload["seat"])
        self._orders.cancel(seat_id, by=who.username, teams=who.teams, command_id=cid)

    def on_set_skill(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        who = opened.identity
        self._skills.set_at_seat(
            SeatId(payload["seat"]),
            payload["skill"],
            on=payload["on"],
            by=who.username,
            teams=who.teams,
            command_id=cid,
        )

    def on_finish_wrap_up(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        who = opened.identity
        self._orders.finish_wrap_up(
            SeatId(payload["seat"]),
            note=payload["note"] or "",
            by=who.username,
            teams=who.teams,
            command_id=cid,
        )


def order_view(
    seat: Seat, names: Mapping[str, tuple[str, str]], campaigns: CampaignBook
) -> dict[str, Any] | None:
    """What a lead ordered and by whom: waiting, or done and the reason the seat is where it is."""
    order = seat.order
    if order is None:
        return None
    return {
        "what": order.what,
        "reason": order.reason,
        "campaigns": [campaigns.get(each).name for each in order.campaigns],
        "note": order.note,
        "by": names.get(order.by, (order.by, ""))[0],
        "at": instant(order.at),
        "done": order.done,
    }


def orders_view(
    seat: Seat, names: Mapping[str, tuple[str, str]], campaigns: CampaignBook
) -> dict[str, Any]:
    """Of a tile: what was ordered, which campaigns the seat could be given, and what its operator
    can do or lacks."""
    return {
        "order": order_view(seat, names, campaigns),
        "may_serve": sorted(may_serve(seat, campaigns)),
        "skills": sorted(seat.skills),
        "lacks": sorted(seat.serves & seat.lacks),
    }
