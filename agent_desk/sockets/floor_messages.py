"""Messages to operators from `/floor`, and who has acknowledged them: events of `floor.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.services.seat.seat_messages import SeatMessages
from agent_desk.sockets.connections import Connections, Open
from agent_desk.sockets.publisher import SocketPublisher

Payload = Mapping[str, Any]


class MessageEvents:
    """Mixed into the namespace; the service checks scope, stores and audits."""

    _messages: SeatMessages
    _publisher: SocketPublisher
    connections: Connections

    def on_send_message(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        seat, campaign_id, who = payload["seat"], payload["campaign_id"], opened.identity
        told = self._messages.send(
            payload["text"],
            seat_id=None if seat is None else SeatId(seat),
            team_id=payload["team_id"],
            campaign_id=None if campaign_id is None else CampaignId(campaign_id),
            by=who.username,
            teams=who.teams,
            command_id=cid,
        )
        self._show(told)

    def on_remind_message(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        who = opened.identity
        self._show(
            self._messages.remind(
                payload["message_id"], by=who.username, teams=who.teams, command_id=cid
            )
        )

    def on_find_receipts(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        teams = opened.identity.teams
        return {"receipts": self._messages.receipts(payload["message_id"], teams=teams)}

    def _show(self, told: Iterable[SeatId]) -> None:
        """On the pages that are open; those who come later find it there."""
        here = [each for each in told if self.connections.desk_of(each) is not None]
        for seat_id in here:
            self._publisher.seat_changed(seat_id)
        self._messages.delivered(here)
        self._publisher.mark_floor()
