"""Bridges across gateways: a path between the two is made and proven, then the call is joined.

Both gateways are told the same key, made for this one bridge, and each other's addresses. When both
have heard each other, `Bridge` goes to the one that has the call. Any refusal takes the path down
and is a refused bridge: the customer goes to the next seat.

Nothing of this is stored. The end of the call ends the path between the gateways themselves;
what is said here once more is for a gateway that did not hear it.
"""

from __future__ import annotations

import base64
import secrets
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from agent_desk.dialer.effects import Bridge
from agent_desk.dialer.ids import GatewayId
from agent_desk.gateway import translate
from agent_desk.gateway.connection import Connection
from agent_desk.gateway.courier import ReplyHandler
from softphone import protocol as wire

KEY_OCTETS = 30  # RFC 3711: 16 of the master key, 14 of the salt
UNREACHABLE = "gateway_unreachable"

Send = Callable[[Connection, wire.Command, ReplyHandler | None], None]


@dataclass
class _Relay:
    """A path that is being made or is there."""

    bridge: Bridge
    host: Connection
    lender: Connection
    relay_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    unanswered: int = 2
    refusal: str = ""


class Relays:
    """`send` reaches a connected gateway; `refused(bridge, error_id)` is told of each failure."""

    def __init__(
        self,
        *,
        find: Callable[[GatewayId | None], Connection | None],
        send: Send,
        refused: Callable[[Bridge, str], None],
    ) -> None:
        self._find = find
        self._send = send
        self._refused = refused
        self._relays: dict[str, _Relay] = {}  # by call id
        self._lock = threading.Lock()

    def bridge(self, bridge: Bridge) -> None:
        """Make the path, then join call and seat."""
        host, lender = self._find(bridge.gateway_id), self._find(bridge.lent_by)
        if host is None or lender is None:
            self._refused(bridge, UNREACHABLE)
            return
        relay = _Relay(bridge, host, lender)
        with self._lock:
            former = self._relays.get(bridge.call_id)
            self._relays[bridge.call_id] = relay
        if former is not None:
            self._close(former)
        hosting, lending = _commands(relay)
        self._send(host, hosting, partial(self._answered, relay))
        self._send(lender, lending, partial(self._answered, relay))

    def heard(self, event: wire.Event) -> None:
        """News of a gateway: with the call its path is over."""
        if isinstance(event, wire.CallEnded | wire.CallTreated):
            relay = self._take(event.call_id)
            if relay is not None:
                self._close(relay)

    def lost(self, gateway_id: GatewayId) -> None:
        """A gateway that hosted calls was started anew: its calls are gone, the seats are free."""
        with self._lock:
            gone = [r for r in self._relays.values() if r.bridge.gateway_id == gateway_id]
            for relay in gone:
                del self._relays[relay.bridge.call_id]
        for relay in gone:
            self._close(relay)

    def _answered(self, relay: _Relay, reply: wire.CommandReply) -> None:
        with self._lock:
            relay.unanswered -= 1
            if reply.refusal is not None:
                relay.refusal = relay.refusal or reply.refusal.error_id
            waiting = relay.unanswered > 0
            current = self._relays.get(relay.bridge.call_id) is relay
        if waiting or not current:
            return
        if relay.refusal:
            self._failed(relay, relay.refusal)
            return
        join = translate.effect_command(relay.bridge)
        self._send(relay.host, join, partial(self._joined, relay))

    def _joined(self, relay: _Relay, reply: wire.CommandReply) -> None:
        if reply.refusal is not None:
            self._failed(relay, reply.refusal.error_id)

    def _failed(self, relay: _Relay, error_id: str) -> None:
        with self._lock:
            if self._relays.get(relay.bridge.call_id) is relay:
                del self._relays[relay.bridge.call_id]
        self._close(relay)
        self._refused(relay.bridge, error_id)

    def _take(self, call_id: str) -> _Relay | None:
        with self._lock:
            return self._relays.pop(call_id, None)

    def _close(self, relay: _Relay) -> None:
        """Tell both ends, as far as they are there."""
        for told in (relay.host, relay.lender):
            connection = self._find(told.gateway_id)
            if connection is not None and connection.boot_id == told.boot_id:
                self._send(connection, wire.CloseRelay(relay.relay_id), None)


def _commands(relay: _Relay) -> tuple[wire.OpenRelay, wire.OpenRelay]:
    """The order to the host and the order to the lender, with a fresh key."""
    key = base64.b64encode(secrets.token_bytes(KEY_OCTETS)).decode()
    ssrc = secrets.randbits(32)
    other = ssrc ^ (1 + secrets.randbelow(0xFFFF_FFFE))  # never the same: one key stream each

    def order(*, hosts_call: bool) -> wire.OpenRelay:
        here, there = relay.host, relay.lender
        sending, receiving = ssrc, other
        if not hosts_call:
            here, there, sending, receiving = there, here, receiving, sending
        return wire.OpenRelay(
            relay_id=relay.relay_id,
            call_id=relay.bridge.call_id,
            seat_id=relay.bridge.seat_id,
            hosts_call=hosts_call,
            local=here.relay_address,
            remote=there.relay_address,
            send_ssrc=sending,
            receive_ssrc=receiving,
            key=key,
        )

    return order(hosts_call=True), order(hosts_call=False)
