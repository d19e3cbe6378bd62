"""A seat's standing leg to the operator's browser: one WebRTC connection for the whole shift.

Calls are switched behind it: the bridge sets `sink` and calls `send`, nothing is renegotiated.
Between calls an idle leg sends nothing. Browser candidates in the offer are ignored: the browser
reaches us, we answer where an authenticated check came from, and so never send a datagram to an
address that merely stood in a text.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from softphone.audio.g711 import Codec
from softphone.audio.levels import LevelMeter
from softphone.audio.tones import FLOOR_DBFS
from softphone.rtp.leg import AudioSink
from softphone.rtp.packet import RtpPacket
from softphone.rtp.ports import PortPool
from softphone.rtp.rtcp import HeardQuality, report_interval_s
from softphone.rtp.stream import IncomingStream, OutgoingStream, ReceptionReport
from softphone.webrtc.addresses import LOOPBACK, offered_addresses
from softphone.webrtc.offer import (
    Offer,
    OfferedCandidate,
    PeerParameters,
    choose_codec,
    parse_offer,
    write_answer,
)
from softphone.webrtc.shield import ShieldedConnection
from softphone.webrtc.transport import LegParts, MakeTransport, SecureTransport
from softphone.webrtc.turns import Turns


@dataclass(frozen=True)
class WebRtcSettings:
    """How seats reach this gateway.

    `public_address` is what NAT shows outside ("" without NAT), ports unchanged. The gateway asks
    no STUN or TURN server; those an installation has are for its browsers. All legs made with one
    value take `turns` at setting up, and are made on `transport`.
    """

    udp_ports: PortPool
    public_address: str = ""
    include_loopback: bool = False
    codecs: tuple[Codec, ...] = ("PCMU", "PCMA")
    transport: MakeTransport = SecureTransport.of_leg
    turns: Turns = field(default_factory=Turns)


class SeatLeg:
    """See the module. `connected` completes when audio can flow, or with `ConnectionError`.

    `on_lost(reason)` is called once when an established leg ends other than by `close`:
    "closed" by the browser, or "consent" when it no longer answers. A lost leg frees its sockets
    by itself.
    """

    def __init__(
        self,
        offer: Offer,
        connection: ShieldedConnection,
        codec: Codec,
        *,
        settings: WebRtcSettings,
        rng: random.Random | None = None,
    ) -> None:
        rng = rng or random.SystemRandom()
        self.codec: Codec = codec
        self.answer_sdp = ""
        self.sink: AudioSink | None = None
        self.on_lost: Callable[[str], None] | None = None
        self.last_packet_at = 0.0
        self.last_sent_at = 0.0
        self.state: Literal["connecting", "connected", "closed"] = "connecting"
        loop = asyncio.get_running_loop()
        self.connected: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._rng = rng
        self._payload_type = offer.payload_types[codec]
        self._outgoing = OutgoingStream(
            payload_type=self._payload_type,
            ssrc=rng.getrandbits(32),
            sequence=rng.getrandbits(15),
            timestamp=rng.getrandbits(32),
        )
        self._incoming = IncomingStream()
        self._level = LevelMeter(codec)
        self._report_timer: asyncio.TimerHandle | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._clearing: asyncio.Future[None] | None = None
        self._transport = settings.transport(
            LegParts(
                offer=offer,
                codec=codec,
                connection=connection,
                outgoing=self._outgoing,
                incoming=self._incoming,
                turns=settings.turns,
                on_rtp=self._received,
                on_lost=self._lost,
            )
        )

    @classmethod
    async def answer(cls, offer_sdp: str, *, settings: WebRtcSettings) -> SeatLeg:
        """Answer a browser's offer; the connection is then made in the background.

        Raises `BadOffer`, `NoUsableAddress` or `PortsUsedUp`.
        """
        offer = parse_offer(offer_sdp)
        codec = choose_codec(offer, settings.codecs)
        addresses = offered_addresses(include_loopback=settings.include_loopback)
        connection = ShieldedConnection(
            ice_controlling=False, ports=settings.udp_ports, addresses=addresses
        )
        try:
            async with settings.turns.turn():
                await connection.gather_candidates()
        except OSError:
            await connection.close()
            raise
        leg = cls(offer, connection, codec, settings=settings)
        leg.answer_sdp = write_answer(
            offer,
            codec=codec,
            local=leg._transport.local,
            candidates=_candidates(connection, settings.public_address),
            ssrc=leg._transport.ssrc,
        )
        leg._connecting = asyncio.create_task(leg._connect(offer.peer))
        return leg

    @property
    def consent_age_s(self) -> float:
        """Seconds since the browser last proved that it is there; infinite before it ever did."""
        heard_at = self._transport.connection.heard_at
        return self._loop.time() - heard_at if heard_at else float("inf")

    @property
    def unanswered_s(self) -> float:
        """See `Leg.unanswered_s`."""
        since = self._transport.connection.unanswered_since
        return self._loop.time() - since if since is not None else 0.0

    @property
    def level_dbfs(self) -> float:
        """Loudness of the operator's microphone over the last second."""
        return self._level.level_dbfs if self._speaks else FLOOR_DBFS

    @property
    def noise_dbfs(self) -> float:
        """Loudness of the operator's microphone while nobody speaks, over five seconds."""
        return self._level.noise_dbfs if self._speaks else FLOOR_DBFS

    @property
    def _speaks(self) -> bool:
        return self._loop.time() - self.last_packet_at <= 1.0

    @property
    def received(self) -> ReceptionReport:
        """What arrived from the browser so far."""
        return self._incoming.report()

    @property
    def heard(self) -> HeardQuality | None:
        """What the browser last reported of our audio."""
        return self._transport.heard

    @property
    def refused(self) -> int:
        """Datagrams dropped as foreign, malformed or forged."""
        return self._transport.connection.refused

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        """See `Leg.send`."""
        if self.state != "connected":
            return
        now = self._loop.time()
        datagram = self._outgoing.packet(payload, source=source, timestamp=timestamp, now=now)
        if datagram is not None:
            self.last_sent_at = now
            self._transport.send_rtp(datagram)

    async def close(self) -> None:
        """End the leg without `on_lost`. Closing twice is harmless."""
        self._stop("the leg was closed")
        if self._connecting is not None and self._connecting is not asyncio.current_task():
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        await self._clear()

    async def _connect(self, peer: PeerParameters) -> None:
        try:
            await self._transport.connect(peer)
        except ConnectionError as error:
            self._stop(str(error))
            await self._clear()
            return
        self.state = "connected"
        self._schedule_report()
        if not self.connected.done():
            self.connected.set_result(None)

    def _stop(self, reason: str) -> None:
        self.state = "closed"
        self.sink = None
        if self._report_timer is not None:
            self._report_timer.cancel()
        if not self.connected.done():
            self.connected.set_exception(ConnectionError(reason))
            self.connected.exception()  # nobody has to wait for it

    def _lost(self, reason: str) -> None:
        self._stop(reason)
        self._clear()
        if self.on_lost is not None:
            self.on_lost(reason)

    def _clear(self) -> asyncio.Future[None]:
        """Free what the leg holds, once: cut short in the middle, it could not be done again."""
        if self._clearing is None:
            self._clearing = asyncio.ensure_future(self._transport.close())
        return asyncio.shield(self._clearing)

    def _received(self, packet: RtpPacket) -> None:
        if packet.payload_type != self._payload_type:
            return
        now = self._loop.time()
        self.last_packet_at = now
        self._incoming.count(packet, now)
        payload = packet.payload
        if payload:
            self._level.hear(payload)
            if self.sink is not None:
                self.sink(payload, packet.timestamp)

    def _schedule_report(self) -> None:
        self._report_timer = self._loop.call_later(report_interval_s(self._rng), self._report)

    def _report(self) -> None:
        self._transport.report()
        self._schedule_report()


def _candidates(connection: ShieldedConnection, public_address: str) -> list[OfferedCandidate]:
    """What to offer: behind NAT the outside address first, on each IPv4 socket's port."""
    local = [OfferedCandidate(c.host, c.port) for c in connection.local_candidates]
    if not public_address or any(c.host == public_address for c in local):
        return local
    outside = [
        OfferedCandidate(public_address, c.port)
        for c in local
        if ":" not in c.host and c.host != LOOPBACK
    ]
    return outside + local
