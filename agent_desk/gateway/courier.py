"""Commands on their way to a gateway, and what it answers."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from agent_desk.dialer.ids import GatewayId
from agent_desk.gateway.connection import Connection
from agent_desk.services.ports import GatewayRefused, GatewayUnreachable
from softphone import protocol as wire

log = logging.getLogger(__name__)

SEAT_ANSWER_S = 6.0  # gathering addresses takes well under a second
CONFIRM_S = 1.0  # of a stop: a person waits, and the law counts

Emit = Callable[[str, dict[str, Any], str, Callable[..., None] | None], None]
ReplyHandler = Callable[[wire.CommandReply], None]


def when_refused(tell: Callable[[str], None]) -> ReplyHandler:
    """Handle a reply by telling the error's id, if it is a refusal."""

    def handle(reply: wire.CommandReply) -> None:
        if reply.refusal is not None:
            tell(reply.refusal.error_id)

    return handle


class Courier:
    """`emit(event, data, sid, acknowledged)` is the socket; `epoch` goes with every command."""

    def __init__(self, emit: Emit, epoch: int) -> None:
        self._emit = emit
        self._epoch = epoch

    def send(
        self, connection: Connection, command: wire.Command, handle: ReplyHandler | None
    ) -> None:
        """Send and go on; `handle` is called with the reply, if one comes."""
        envelope = wire.CommandEnvelope(
            uuid.uuid4().hex, self._epoch, connection.gateway_id, command
        )

        def acknowledged(data: object = None) -> None:
            reply = wire.decode(wire.CommandReply, data)
            if reply.refusal is not None:
                name = type(command).__name__
                log.warning("%s refused by the gateway: %s", name, reply.refusal.error_id)
            if handle is not None:
                handle(reply)

        self._emit("command", wire.encode(envelope), connection.sid, acknowledged)

    def confirm(
        self, connections: Sequence[Connection], commands: Sequence[wire.Command]
    ) -> list[GatewayId]:
        """Send these to all at once and wait; who has not accepted every one in time."""
        waiting = {(c.gateway_id, n) for c in connections for n in range(len(commands))}
        accepted = threading.Event()

        def keep(reply: wire.CommandReply, which: tuple[GatewayId, int]) -> None:
            if reply.refusal is None:
                waiting.discard(which)
            if not waiting:
                accepted.set()

        for connection in connections:
            for number, command in enumerate(commands):
                which = (connection.gateway_id, number)
                self.send(connection, command, partial(keep, which=which))
        if waiting:
            accepted.wait(CONFIRM_S)
        return sorted({gateway_id for gateway_id, _ in waiting})

    def ask(self, connection: Connection, command: wire.Command) -> wire.CommandReply:
        """Send and wait. Raises `GatewayUnreachable` when no reply comes, `GatewayRefused`."""
        answered = threading.Event()
        replies: list[wire.CommandReply] = []

        def keep(reply: wire.CommandReply) -> None:
            replies.append(reply)
            answered.set()

        self.send(connection, command, keep)
        if not answered.wait(SEAT_ANSWER_S):
            raise GatewayUnreachable(connection.gateway_id)
        refusal = replies[0].refusal
        if refusal is not None:
            raise GatewayRefused(refusal.error_id, refusal.message)
        return replies[0]
