"""Drawing the floor plan from `/floor`: events of `floor.py` about rooms and places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desk.dialer.ids import SeatId
from agent_desk.services.seat.floor_plans import FloorPlans
from agent_desk.sockets.connections import Open
from agent_desk.sockets.publisher import SocketPublisher

Payload = Mapping[str, Any]


class PlanEvents:
    """Mixed into the namespace; the service checks scope, stores and audits."""

    _plans: FloorPlans
    _publisher: SocketPublisher

    def on_make_room(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._plans.make_room(
            payload["name"],
            height=payload["rows"],
            width=payload["columns"],
            by=opened.identity.username,
            command_id=cid,
        )
        self._publisher.mark_floor()

    def on_change_room(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._plans.change_room(
            payload["room"],
            payload["name"],
            height=payload["rows"],
            width=payload["columns"],
            by=opened.identity.username,
            command_id=cid,
        )
        self._publisher.mark_floor()

    def on_remove_room(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        who = opened.identity
        self._plans.remove_room(payload["room"], by=who.username, teams=who.teams, command_id=cid)
        self._publisher.mark_floor()

    def on_place_seat(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        who = opened.identity
        overruled = self._plans.place(
            SeatId(payload["seat"]),
            payload["room"],
            row=payload["row"],
            column=payload["column"],
            known=payload["known"],
            by=who.username,
            teams=who.teams,
            command_id=cid,
        )
        self._publisher.mark_floor()
        return {"overruled": overruled}

    def on_unplace_seat(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        who = opened.identity
        overruled = self._plans.unplace(
            SeatId(payload["seat"]),
            known=payload["known"],
            by=who.username,
            teams=who.teams,
            command_id=cid,
        )
        self._publisher.mark_floor()
        return {"overruled": overruled}
