"""Acknowledging alerts from `/floor`: an event of `floor.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desk.services.seat.alerts import Alerts
from agent_desk.sockets.connections import Open
from agent_desk.sockets.publisher import SocketPublisher

Payload = Mapping[str, Any]


class AlertEvents:
    """Mixed into the namespace; the service checks scope and audits."""

    _alerts: Alerts
    _publisher: SocketPublisher

    def on_acknowledge_alert(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> None:
        who = opened.identity
        self._alerts.acknowledge(payload["alert"], by=who.username, teams=who.teams)
        self._publisher.mark_floor()
