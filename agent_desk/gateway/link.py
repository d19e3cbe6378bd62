"""The desk's end of the wire: who is connected, what they were told, what they have reported.

Each gateway has one connection. It says hello (version, boot id, what its outbox holds), sends its
unacknowledged events and a snapshot, and is then *in step*: only from that moment calls are placed
through it, because a snapshot taken before an order would make the order look lost.

Events are stored in number order, exactly once: the number of the last stored event of each boot
is written in the transaction that writes the events' rows. What was not stored is not
acknowledged, and comes again.

This module knows neither Socket.IO nor a thread: it is handed `emit` and answers plain calls.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent_desk.dialer.effects import Bridge
from agent_desk.dialer.gateway_facts import BridgeRefused, CallNotPlaced, GatewayLost
from agent_desk.dialer.ids import CallId, GatewayId, SeatId
from agent_desk.gateway import translate
from agent_desk.gateway.connection import Connection
from agent_desk.gateway.shares import held_lines, split
from agent_desk.services.ports import (
    Clock,
    GatewayEffect,
    GatewayRefused,
    GatewayUnreachable,
    Placement,
)
from softphone import protocol as wire

if TYPE_CHECKING:
    from agent_desk.services.gateway_ledger import GatewayLedger
    from agent_desk.services.group_commit import GroupCommit

log = logging.getLogger(__name__)

NOT_STORED = "not-stored"  # the one refusal after which the same may come again
STUMBLES = 5
LOST_PAUSE_S = 0.5  # before what could not be stored of a lost link is tried again
SEAT_ANSWER_S = 6.0  # gathering addresses takes well under a second

Emit = Callable[[str, dict[str, Any], str, Callable[..., None] | None], None]
ReplyHandler = Callable[[wire.CommandReply], None]


class GatewayLink:
    """Implements `services.ports.GatewayPort`; the namespace of `sockets/gateway.py` feeds it."""

    def __init__(
        self,
        *,
        commits: GroupCommit,
        ledger: GatewayLedger,
        recognise: translate.Recognise,
        clock: Clock,
        epoch: int,
        trunks: Sequence[wire.TrunkShare],
        emit: Emit,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._commits = commits
        self._ledger = ledger
        self._recognise = recognise
        self._clock = clock
        self._epoch = epoch
        self._trunks = tuple(trunks)
        self._emit = emit
        self._pause = pause
        self._sharing = threading.Lock()
        self._connections: dict[GatewayId, Connection] = {}
        self.newest_liveness: dict[GatewayId, wire.Liveness] = {}

    # --- what the gateway says --------------------------------------------------------------

    def hello(self, sid: str, data: object) -> dict[str, Any]:
        """Welcome or refuse a gateway."""
        hello = wire.decode(wire.Hello, data)
        if hello.version != wire.VERSION:
            text = f"the desk speaks version {wire.VERSION}, the gateway {hello.version}"
            return wire.encode(wire.Refusal("protocol-version", text))
        if hello.newest_epoch > self._epoch:
            text = f"this desk's epoch {self._epoch} is older than {hello.newest_epoch}"
            return wire.encode(wire.Refusal("stale-epoch", text))
        gateway_id = GatewayId(hello.gateway_id)
        if gateway_id in self._connections:
            self._commits.submit(GatewayLost(gateway_id))  # its old link's end, not yet noticed
        connection = Connection(sid, gateway_id, hello.boot_id, self._stored_of(hello))
        self._connections[gateway_id] = connection
        connection.shares = self._split()[gateway_id]
        fact = translate.welcomed_fact(gateway_id, hello.boot_id, connection.shares)
        if self._commits.submit(fact).error_id == NOT_STORED:
            self.disconnected(sid)
            return wire.encode(wire.Refusal(NOT_STORED, "say hello again"))
        self._share_out()
        return self._welcome(connection)

    def _welcome(self, connection: Connection) -> dict[str, Any]:
        floor = self._commits.floor
        return wire.encode(
            wire.Welcome(
                version=wire.VERSION,
                epoch=self._epoch,
                clock_offset_s=self._clock.offset_s,
                acknowledged=connection.stored,
                shares=connection.shares,
                stopped_campaigns=tuple(
                    int(c.campaign_id) for c in floor.campaigns.values() if c.running == "stopped"
                ),
                blocked=self._ledger.recently_blocked(),
            )
        )

    def _stored_of(self, hello: wire.Hello) -> int:
        """The last event stored of this boot; those the outbox holds no more are past asking for.

        That is so when the database was replaced under a running gateway.
        """
        gateway_id = GatewayId(hello.gateway_id)
        stored = self._ledger.last_event(gateway_id, hello.boot_id)
        if hello.first_seq <= stored + 1:
            return stored
        log.error("events %d to %d were never stored", stored + 1, hello.first_seq - 1)
        rows = self._ledger.rows_past(gateway_id, hello.boot_id, hello.first_seq - 1)
        return hello.first_seq - 1 if self._commits.submit(None, rows=rows).ok else stored

    def events(self, sid: str, batch: object) -> dict[str, int]:
        """Store numbered events; the answer is the last number that is durable."""
        connection = self._of(sid)
        if connection is None or not isinstance(batch, list):
            return {"acknowledged": -1}
        with connection.order:
            self._store(connection, [wire.decode(wire.EventEnvelope, each) for each in batch])
        return {"acknowledged": connection.stored}

    def snapshot(self, sid: str, data: object) -> dict[str, bool]:
        """Keep a snapshot until every event that came before it is stored, then use it."""
        connection = self._of(sid)
        if connection is None:
            return {"acknowledged": False}
        with connection.order:
            connection.pending_snapshot = wire.decode(wire.Snapshot, data)
            self._take_snapshot(connection)
        return {"acknowledged": True}

    def liveness(self, sid: str, data: object) -> None:
        """The one message a second."""
        connection = self._of(sid)
        if connection is not None:
            newest = wire.decode(wire.Liveness, data)
            self.newest_liveness[connection.gateway_id] = newest
            self._commits.put(translate.media_command(newest))
            if connection.pending_snapshot is not None:
                self._retry_snapshot(connection)
            self._share_out()

    def disconnected(self, sid: str) -> None:
        """The link went down; the gateway's calls go on without us, on the lines they have."""
        connection = self._of(sid)
        if connection is None:
            return
        gateway_id = connection.gateway_id
        del self._connections[gateway_id]
        self.newest_liveness.pop(gateway_id, None)
        self._share_out()
        while self._commits.submit(GatewayLost(gateway_id)).error_id == NOT_STORED:
            log.error("the loss of %s could not be stored; trying again", gateway_id)
            self._pause(LOST_PAUSE_S)
            if gateway_id in self._connections:
                return

    def _store(self, connection: Connection, envelopes: Sequence[wire.EventEnvelope]) -> None:
        """Store events, and between them the snapshot that waits for its place in the order."""
        snapshot = connection.pending_snapshot
        if snapshot is not None:
            self._store_run(connection, [e for e in envelopes if e.seq < snapshot.next_seq])
            self._take_snapshot(connection)
            if connection.pending_snapshot is not None:
                return
        self._store_run(connection, envelopes)

    def _store_run(self, connection: Connection, envelopes: Sequence[wire.EventEnvelope]) -> None:
        entries = []
        last = connection.stored
        for envelope in envelopes:
            if envelope.seq <= last:
                continue
            if envelope.seq != last + 1 or envelope.boot_id != connection.boot_id:
                log.warning("event %d came after %d; asking again", envelope.seq, last)
                break
            last = envelope.seq
            rows = self._ledger.rows_of(connection.gateway_id, connection.boot_id, last)
            fact = translate.event_fact(envelope, self._recognise)
            entries.append((last, self._commits.put(fact, rows=rows, always=True)))
        for seq, entry in entries:
            if entry.wait().error_id == NOT_STORED:
                self._stumble(connection, seq)
                return
            connection.stored = seq

    def _stumble(self, connection: Connection, seq: int) -> None:
        """An event could not be stored: it comes again, but not for ever.

        Whatever is wrong with it must not silence the gateway and all its calls; when the database
        takes everything else, the event is passed over and the next snapshot mends what it said.
        """
        connection.stumbles = connection.stumbles + 1 if connection.stumbled_at == seq else 1
        connection.stumbled_at = seq
        if connection.stumbles < STUMBLES:
            return
        rows = self._ledger.rows_past(connection.gateway_id, connection.boot_id, seq)
        if self._commits.submit(None, rows=rows).ok:
            log.error("event %d of %s is passed over", seq, connection.gateway_id)
            connection.stored = seq

    def _take_snapshot(self, connection: Connection) -> None:
        snapshot = connection.pending_snapshot
        if snapshot is None or snapshot.next_seq > connection.stored + 1:
            return
        fact = translate.snapshot_fact(snapshot)
        if self._commits.submit(fact).error_id == NOT_STORED:
            log.error("a snapshot of %s could not be stored", connection.gateway_id)
            return
        connection.pending_snapshot = None
        connection.in_step = True
        self._share_out()

    def _retry_snapshot(self, connection: Connection) -> None:
        """Try again, or get a newer one: orders may have crossed one that waited for long."""
        with connection.order:
            self._take_snapshot(connection)
            if connection.pending_snapshot is not None:
                self._send(connection, wire.SendSnapshot(), None)

    # --- GatewayPort ------------------------------------------------------------------------

    def place(self, gateway_id: GatewayId, placement: Placement) -> None:
        connection = self._connections.get(gateway_id)
        if connection is None or not connection.in_step:
            raise GatewayUnreachable(gateway_id)

        def refused(reply: wire.CommandReply) -> None:
            if reply.refusal is not None:
                at, error_id = self._clock.now(), reply.refusal.error_id
                self._commits.put(CallNotPlaced(CallId(placement.call_id), at, error_id))

        self._send(connection, translate.placement_command(placement), refused)

    def perform(self, effect: GatewayEffect) -> None:
        gateway_id = translate.effect_gateway(effect)
        command = translate.effect_command(effect)
        handle = self._bridge_handler(effect) if isinstance(effect, Bridge) else None
        for connection in self._reached(gateway_id):
            self._send(connection, command, handle)

    def _bridge_handler(self, bridge: Bridge) -> ReplyHandler:
        """A refused bridge is news for the engine: another seat may take the customer."""

        def handle(reply: wire.CommandReply) -> None:
            if reply.refusal is not None:
                at, error_id = self._clock.now(), reply.refusal.error_id
                self._commits.put(BridgeRefused(bridge.call_id, bridge.seat_id, at, error_id))

        return handle

    def open_seat(self, seat_id: SeatId, offer_sdp: str) -> str:
        reply = self._ask(self._gateway_of(seat_id), wire.OpenSeat(seat_id, offer_sdp))
        return reply.answer_sdp or ""

    def test_seat(self, seat_id: SeatId, kind: str) -> None:
        if kind not in ("tone", "echo", "stop"):
            raise GatewayRefused("bad-payload", kind)
        self._ask(self._gateway_of(seat_id), wire.TestSeat(seat_id, kind))  # type: ignore[arg-type]

    # --- sending ----------------------------------------------------------------------------

    def _ask(self, connection: Connection, command: wire.Command) -> wire.CommandReply:
        answered = threading.Event()
        replies: list[wire.CommandReply] = []

        def keep(reply: wire.CommandReply) -> None:
            replies.append(reply)
            answered.set()

        self._send(connection, command, keep)
        if not answered.wait(SEAT_ANSWER_S):
            raise GatewayUnreachable(connection.gateway_id)
        refusal = replies[0].refusal
        if refusal is not None:
            raise GatewayRefused(refusal.error_id, refusal.message)
        return replies[0]

    def _send(
        self, connection: Connection, command: wire.Command, handle: ReplyHandler | None
    ) -> None:
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

    def _reached(self, gateway_id: GatewayId | None) -> list[Connection]:
        return [c for c in self._connections.values() if gateway_id in (None, c.gateway_id)]

    def _gateway_of(self, seat_id: SeatId) -> Connection:
        """Where the seat's leg is, or the gateway with the fewest seats."""
        if not self._connections:
            raise GatewayUnreachable("no gateway is connected")
        seat = self._commits.floor.seats.get(seat_id)
        if seat is not None and seat.gateway_id in self._connections:
            return self._connections[seat.gateway_id]
        used = [each.gateway_id for each in self._commits.floor.seats.values()]
        return min(self._connections.values(), key=lambda c: (used.count(c.gateway_id), c.sid))

    def _of(self, sid: str) -> Connection | None:
        return next((c for c in self._connections.values() if c.sid == sid), None)

    def _split(self) -> Mapping[str, tuple[wire.TrunkShare, ...]]:
        return split(self._trunks, list(self._connections), held_lines(self._commits.floor))

    def _share_out(self) -> None:
        """Split the trunks anew; tell the floor and each gateway in step whose share changes."""
        with self._sharing:
            for gateway_id, part in self._split().items():
                connection = self._connections.get(GatewayId(gateway_id))
                if connection is None or not connection.in_step or connection.shares == part:
                    continue
                connection.shares = part
                boot_id = connection.boot_id
                self._commits.put(translate.welcomed_fact(connection.gateway_id, boot_id, part))
                self._send(connection, wire.SetShares(part), None)

    @property
    def linked(self) -> dict[GatewayId, bool]:
        """Which gateways are connected, and whether they are in step."""
        return {c.gateway_id: c.in_step for c in self._connections.values()}
