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
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from agent_desk.dialer.effects import Bridge
from agent_desk.dialer.gateway_facts import CallNotPlaced, GatewayLost
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId
from agent_desk.gateway import copies, parties, translate
from agent_desk.gateway.connection import Connection
from agent_desk.gateway.courier import Courier, Emit, when_refused
from agent_desk.gateway.figures import line_figures
from agent_desk.gateway.placement import choose
from agent_desk.gateway.relays import Relays
from agent_desk.gateway.sharing import Sharing
from agent_desk.services.ports import (
    Clock,
    GatewayEffect,
    GatewayRefused,
    GatewayUnreachable,
    LadderMessage,
    Placement,
)
from softphone import protocol as wire

if TYPE_CHECKING:
    from agent_desk.services.running.gateway_ledger import GatewayLedger
    from agent_desk.services.running.group_commit import GroupCommit
    from agent_desk.services.seat.line_quality import LineQuality

log = logging.getLogger(__name__)

NOT_STORED = "not-stored"  # the one refusal after which the same may come again
STUMBLES = 5
LOST_PAUSE_S = 0.5  # before what could not be stored of a lost link is tried again


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
        quality: LineQuality,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._commits = commits
        self._ledger = ledger
        self._recognise = recognise
        self._clock = clock
        self._epoch = epoch
        self.quality = quality
        self._pause = pause
        self._sharing_lock = threading.Lock()
        self._sharing = Sharing(trunks, clock.monotonic)
        self._courier = Courier(emit, epoch)
        self.copies = copies.MessageCopies(commits, ledger.message)
        self._relays = Relays(find=self._find, send=self._courier.send, refused=self._refused)
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
        stored = self._stored_of(hello)
        connection = Connection.greeted(sid, hello, stored=stored)
        self._connections[gateway_id] = connection
        connection.shares = self._part_of(connection)
        self._sharing.tell(gateway_id, connection.shares)
        known = self._commits.floor.gateways.get(gateway_id)
        if known is not None and known.boot_id != hello.boot_id:
            self._relays.lost(gateway_id)
        if self._commits.submit(translate.welcomed_fact(connection)).error_id == NOT_STORED:
            self.disconnected(sid)
            return wire.encode(wire.Refusal(NOT_STORED, "say hello again"))
        # What its former connection had queued is stored by now.
        connection.stored = max(stored, self._ledger.last_event(gateway_id, hello.boot_id))
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
            envelopes = [wire.decode(wire.EventEnvelope, each) for each in batch]
            self._store(connection, envelopes)
        for envelope in envelopes:
            self._relays.heard(envelope.event)
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
            newest = self.newest_liveness[connection.gateway_id] = wire.decode(wire.Liveness, data)
            self._sharing.heard(newest)
            self.quality.observe(line_figures(newest))
            self._commits.put(translate.media_command(newest))
            if connection.pending_snapshot is not None:
                self._retry_snapshot(connection)
            order = copies.order(connection, self._commits.floor)
            if order is not None:
                self._courier.send(connection, order, None)
            self._share_out()

    def disconnected(self, sid: str) -> None:
        """The link went down; the gateway's calls go on without us, on the lines they have."""
        connection = self._of(sid)
        if connection is None:
            return
        gateway_id = connection.gateway_id
        del self._connections[gateway_id]
        self.newest_liveness.pop(gateway_id, None)
        self._sharing.gone(gateway_id, self._commits.floor)
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
        if connection.pending_snapshot is None:
            self._store_run(connection, envelopes)

    def _store_run(self, connection: Connection, envelopes: Sequence[wire.EventEnvelope]) -> None:
        entries, last = [], connection.stored
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
        """An event could not be stored: it is already, or it comes again, but not for ever.

        Whatever is wrong with it must not silence the gateway and all its calls; when the database
        takes everything else, the event is passed over and the next snapshot mends what it said.
        """
        stored = self._ledger.last_event(connection.gateway_id, connection.boot_id)
        if stored >= seq:  # by the connection before this one
            connection.stored = stored
            return
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
                self._courier.send(connection, wire.SendSnapshot(), None)

    # --- GatewayPort ------------------------------------------------------------------------

    def place(self, gateway_id: GatewayId, placement: Placement) -> None:
        connection = self._connections.get(gateway_id)
        if connection is None or not connection.in_step:
            raise GatewayUnreachable(gateway_id)

        def refused(error_id: str) -> None:
            self._commits.put(CallNotPlaced(CallId(placement.call_id), self._clock.now(), error_id))

        command = translate.placement_command(placement)
        self._courier.send(connection, command, when_refused(refused))

    def perform(self, effect: GatewayEffect) -> None:
        if isinstance(effect, Bridge) and effect.lent_by is not None:
            self._relays.bridge(effect)
            return
        gateway_id = translate.effect_gateway(effect)
        command = translate.effect_command(effect)
        refused = partial(self._refused, effect) if isinstance(effect, parties.Ordered) else None
        handle = when_refused(refused) if refused is not None else None
        for connection in self._reached(gateway_id):
            self._courier.send(connection, command, handle)

    def confirm_stopped(self, campaign_ids: Sequence[CampaignId]) -> Sequence[GatewayId]:
        orders = [wire.StopCampaign(int(campaign_id)) for campaign_id in campaign_ids]
        return self._courier.confirm(self._reached(None), orders)

    def _refused(self, effect: parties.Ordered, error_id: str) -> None:
        self._commits.put(parties.refusal(effect, error_id, self._clock.now()))

    def open_seat(self, seat_id: SeatId, offer_sdp: str, *, where: GatewayId | None = None) -> str:
        connection = self._find(where)
        if connection is None:
            here = choose(self._commits.floor, list(self._connections), seat_id)
            connection = self._connections[here]
        reply = self._courier.ask(connection, wire.OpenSeat(seat_id, offer_sdp))
        return reply.answer_sdp or ""

    def ladder(self, gateway_id: GatewayId, call_id: CallId) -> Sequence[LadderMessage]:
        for connection in self._reached(gateway_id):
            return translate.ladder(self._courier.ask(connection, wire.SendLadder(call_id)))
        raise GatewayUnreachable(gateway_id)

    def test_seat(self, seat_id: SeatId, kind: str) -> None:
        if kind not in ("tone", "echo", "stop"):
            raise GatewayRefused("bad-payload", kind)
        self._courier.ask(self._gateway_of(seat_id), wire.TestSeat(seat_id, kind))  # type: ignore[arg-type]

    # --- who is there -----------------------------------------------------------------------

    def _reached(self, gateway_id: GatewayId | None) -> list[Connection]:
        return [c for c in self._connections.values() if gateway_id in (None, c.gateway_id)]

    def _gateway_of(self, seat_id: SeatId) -> Connection:
        """Where the seat's leg is."""
        seat = self._commits.floor.seats.get(seat_id)
        connection = self._find(seat.gateway_id) if seat is not None else None
        if connection is None:
            raise GatewayUnreachable("the seat has no leg in a connected gateway")
        return connection

    def _find(self, gateway_id: GatewayId | None) -> Connection | None:
        return self._connections.get(gateway_id) if gateway_id is not None else None

    def _of(self, sid: str) -> Connection | None:
        return next((c for c in self._connections.values() if c.sid == sid), None)

    def _share_out(self) -> None:
        """Split the trunks anew; tell the floor and each gateway in step whose share changes."""
        with self._sharing_lock:
            for connection in list(self._connections.values()):
                part = self._part_of(connection)
                if not connection.in_step or connection.shares == part:
                    continue
                connection.shares = part
                self._sharing.tell(connection.gateway_id, part)
                self._commits.put(translate.welcomed_fact(connection))
                self._courier.send(connection, wire.SetShares(part), None)

    def _part_of(self, connection: Connection) -> tuple[wire.TrunkShare, ...]:
        connected = list(self._connections)
        return self._sharing.part(connection.gateway_id, connected, self._commits.floor)

    @property
    def linked(self) -> dict[GatewayId, bool]:
        """Which gateways are connected, and whether they are in step."""
        return {c.gateway_id: c.in_step for c in self._connections.values()}
