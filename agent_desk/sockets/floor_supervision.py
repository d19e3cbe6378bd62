"""What leads do in calls from `/floor`: the events of `floor.py` that are about their own leg."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desk.dialer.ids import SeatId
from agent_desk.services.running.timers import Job
from agent_desk.services.seat.supervision import Supervision
from agent_desk.sockets.connections import Connections, Open

Payload = Mapping[str, Any]


class SupervisionEvents:
    """Mixed into the namespace; the services check scope, the engine writes and audits."""

    _supervision: Supervision

    def on_supervision_offer(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        who = opened.identity
        answer = self._supervision.offer_media(
            who.username,
            payload["sdp"],
            user_id=who.user_id,
            teams=who.teams,
            seat_id=SeatId(payload["seat"]),
        )
        return {"answer_sdp": answer}

    def on_supervise(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        who = opened.identity
        self._supervision.supervise(
            who.username,
            SeatId(payload["seat"]),
            payload["mode"],
            teams=who.teams,
            command_id=cid,
        )

    def on_follow_seat(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._supervision.follow(opened.identity.username, on=payload["on"], command_id=cid)

    def on_mute_supervisor(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._supervision.mute(opened.identity.username, on=payload["on"], command_id=cid)

    def on_hold_taken(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._supervision.hold(opened.identity.username, on=payload["on"], command_id=cid)

    def on_stop_supervising(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> None:
        self._supervision.stop(opened.identity.username, command_id=cid)


def leads_watched(supervision: Supervision, connections: Connections) -> Job:
    """Once a second: a lead who was signed out, or whose pages are gone, does not listen on."""

    def present() -> list[tuple[str, frozenset[int] | None]]:
        opened = (each.identity for _, each in connections.of("/floor"))
        return [(who.username, who.teams) for who in opened]

    return Job("leads", 1.0, lambda: supervision.look_who_is_there(present))
