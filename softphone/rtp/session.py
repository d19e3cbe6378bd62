"""The customer's leg: plain G.711 over RTP between the gateway and the trunk (RFC 3550, 3551).

Packets are handed on as they arrive, without a jitter buffer: the ends have theirs. The socket's
receive buffer holds some ten packets and no more, because after a stall of the process a large one
would deliver seconds of stale speech at once, and the listener's jitter buffer would keep that
delay. Only the address of the SDP is heard: anyone can send to an open UDP port.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from softphone.audio.g711 import PAYLOAD_TYPES, Codec
from softphone.rtp.leg import AudioSink
from softphone.rtp.packet import RtpPacket, parse, parse_digit
from softphone.rtp.ports import PortPool
from softphone.rtp.stream import IncomingStream, OutgoingStream, ReceptionReport

Address = tuple[str, int]

# Octets; the kernel doubles it, which is room for about ten packets of 20 ms.
RECEIVE_BUFFER = 4096
# A party sends 50 packets a second, 100 at 10 ms each; more than this is not speech.
_PACKETS_PER_SECOND = 250


class RtpSession(asyncio.DatagramProtocol):
    """One RTP socket. Open it to learn the address for the SDP, connect it when the answer is in.

    `sink` receives the other party's payloads, `on_dtmf(digit, duration_ms)` each key once.
    """

    def __init__(self, ports: PortPool, *, rng: random.Random | None = None) -> None:
        rng = rng or random.SystemRandom()
        self.codec: Codec = "PCMU"
        self.sink: AudioSink | None = None
        self.on_dtmf: Callable[[str, int], None] | None = None
        self.last_packet_at = 0.0
        self.last_sent_at = 0.0
        self.refused = 0
        self._ports = ports
        self._outgoing = OutgoingStream(
            payload_type=PAYLOAD_TYPES["PCMU"],
            ssrc=rng.getrandbits(32),
            sequence=rng.getrandbits(15),
            timestamp=rng.getrandbits(32),
        )
        self._incoming = IncomingStream()
        self._transport: asyncio.DatagramTransport | None = None
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._now = asyncio.get_running_loop().time
        self._remote: Address | None = None
        self._heard: Address | None = None
        self._dtmf_payload_type: int | None = None
        self._dtmf_timestamp: int | None = None
        self._second, self._in_second = 0, 0

    @classmethod
    async def open(
        cls, ports: PortPool, host: str, *, rng: random.Random | None = None
    ) -> RtpSession:
        """Bind a socket on `host`. Raises `PortsUsedUp` or `OSError`."""
        session = cls(ports, rng=rng)
        bound = ports.bind(host, receive_buffer=RECEIVE_BUFFER, even=True)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: session, sock=bound)
        return session

    @property
    def address(self) -> Address:
        """Host and port the other party sends to."""
        if self._transport is None:
            raise RuntimeError("the session is closed")
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    @property
    def received(self) -> ReceptionReport:
        """What arrived so far."""
        return self._incoming.report()

    @property
    def packets_sent(self) -> int:
        return self._outgoing.packets

    def connect(
        self, remote: Address, codec: Codec, *, dtmf_payload_type: int | None = None
    ) -> None:
        """Send to, and hear, the address and codec of the other party's SDP; again on re-INVITE."""
        self.codec = codec
        self._outgoing.payload_type = PAYLOAD_TYPES[codec]
        self._remote = remote
        self._heard = None
        self._dtmf_payload_type = dtmf_payload_type

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        """See `Leg.send`."""
        if self._remote is None or self._transport is None:
            return
        now = self._now()
        self.last_sent_at = now
        self._transport.sendto(
            self._outgoing.packet(payload, source=source, timestamp=timestamp, now=now),
            self._remote,
        )

    async def close(self) -> None:
        """Close the socket and let its port rest. Closing twice is harmless."""
        self.sink = self.on_dtmf = None
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        await asyncio.shield(self._closed)

    # asyncio.DatagramProtocol

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._port = transport.get_extra_info("sockname")[1]

    def connection_lost(self, error: Exception | None) -> None:
        self._ports.release(self._port)
        self._transport = None
        if not self._closed.done():
            self._closed.set_result(None)

    def error_received(self, error: Exception) -> None:
        """A port of the other side is closed: SIP will say so; RTP has nothing to add."""

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        now = self._now()
        if not self._expects((address[0], address[1])) or not self._within_rate(now):
            self.refused += 1
            return
        packet = parse(data)
        if packet is None:
            self.refused += 1
        elif packet.payload_type == self._outgoing.payload_type:
            self.last_packet_at = now
            self._incoming.count(packet, now)
            if self.sink is not None and packet.payload:
                self.sink(packet.payload, packet.timestamp)
        elif packet.payload_type == self._dtmf_payload_type:
            self._digit(packet)

    def _expects(self, address: Address) -> bool:
        """Whether the SDP announced this source.

        Some trunks send from a port other than the one they receive on. The first such port of
        the announced host is accepted, and gives way as soon as the announced port itself speaks.
        """
        if address == self._heard:
            return True
        if self._remote is None or address[0] != self._remote[0]:
            return False
        if address == self._remote or self._heard is None:
            self._heard = address
            return True
        return False

    def _within_rate(self, now: float) -> bool:
        second = int(now)
        if second != self._second:
            self._second, self._in_second = second, 0
        self._in_second += 1
        return self._in_second <= _PACKETS_PER_SECOND

    def _digit(self, packet: RtpPacket) -> None:
        """Report a key once, when it is released; all packets of one press share a timestamp."""
        event = parse_digit(packet.payload)
        if event is None or not event.ended or packet.timestamp == self._dtmf_timestamp:
            return
        self._dtmf_timestamp = packet.timestamp
        if self.on_dtmf is not None:
            self.on_dtmf(event.digit, event.duration_ms)
