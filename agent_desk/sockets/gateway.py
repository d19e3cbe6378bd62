"""`/gateway`: where the gateways connect, with a shared secret; thin over `gateway/link.py`."""

from __future__ import annotations

import hmac
import logging
from typing import Any

import socketio

from agent_desk.gateway.link import GatewayLink
from softphone.wire.codec import ProtocolError

log = logging.getLogger(__name__)


class GatewayNamespace(socketio.Namespace):
    """Unknown events are dropped, malformed ones logged; every known one is answered."""

    def __init__(self, *, link: GatewayLink, secret: str) -> None:
        super().__init__("/gateway")
        self._link = link
        self._secret = secret

    def trigger_event(self, event: str, *args: Any) -> Any:
        sid = args[0]
        if event == "connect":
            return self._connect(args[2] if len(args) > 2 else None)
        if event == "disconnect":
            return self._link.disconnected(sid)
        data = args[1] if len(args) > 1 else None
        try:
            return self._news(event, sid, data)
        except ProtocolError as wrong:
            log.error("a gateway sent something that is not of the protocol: %s", wrong)
            return None

    def _news(self, event: str, sid: str, data: object) -> Any:
        match event:
            case "hello":
                return self._link.hello(sid, data)
            case "events":
                return self._link.events(sid, data)
            case "snapshot":
                return self._link.snapshot(sid, data)
            case "liveness":
                return self._link.liveness(sid, data)
            case "message_part":
                return self._link.copies.part(data)
        log.error("a gateway sent the unknown event %.40r", event)
        return None

    def _connect(self, auth: object) -> None:
        shown = auth.get("secret") if isinstance(auth, dict) else None
        if not isinstance(shown, str) or not hmac.compare_digest(
            shown.encode(), self._secret.encode()
        ):
            raise socketio.exceptions.ConnectionRefusedError("secret-refused")
