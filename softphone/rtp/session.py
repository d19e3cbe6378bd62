"""The customer's leg: plain G.711 over RTP between the gateway and the trunk (RFC 3550, 3551).

Packets are handed on as they arrive, without a jitter buffer: the ends have theirs. The socket's
receive buffer holds some ten packets and no more, because after a stall of the process a large one
would deliver seconds of stale speech at once, and the listener's jitter buffer would keep that
delay. Only the address of the SDP is heard: anyone can send to an open UDP port.

An attempt that nobody answers is a socket and no more. What a joined call wants besides (reports on
its quality, the level of its noise, keys pressed as tones) begins with `attend`.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

from softphone.audio.g711 import PAYLOAD_TYPES, Codec
from softphone.audio.levels import LevelMeter
from softphone.audio.tones import FLOOR_DBFS
from softphone.rtp.digits import DigitEar, DigitSender, OnDigit
from softphone.rtp.leg import AudioSink
from softphone.rtp.packet import LONGEST, parse
from softphone.rtp.ports import PortPool
from softphone.rtp.reporting import Reporter
from softphone.rtp.rtcp import PACKET_TYPES, HeardQuality
from softphone.rtp.secure import SecureRtp
from softphone.rtp.stream import IncomingStream, OutgoingStream, ReceptionReport
from softphone.sip.messages.sdp import TELEPHONE_EVENT_PAYLOAD

Address = tuple[str, int]

# Octets; the kernel doubles it, which is room for about ten packets of 20 ms.
RECEIVE_BUFFER = 4096
# A party sends 50 packets a second, 100 at 10 ms each; more than this is not speech.
_PACKETS_PER_SECOND = 250
_SYSTEM_RANDOM = random.SystemRandom()  # one for all: each carries 2.5 kB it never looks at


class RtpSession(asyncio.DatagramProtocol):
    """One RTP socket. Open it to learn the address for the SDP, connect it when the answer is in.

    `sink` receives the other party's payloads, `on_digit(digit, duration_ms, in_band)` each key of
    the other party once.
    """

    def __init__(self, ports: PortPool, *, rng: random.Random | None = None) -> None:
        rng = rng or _SYSTEM_RANDOM
        self.codec: Codec = "PCMU"
        self.sink: AudioSink | None = None
        self.on_digit: OnDigit | None = None
        self.last_packet_at = 0.0
        self.last_sent_at = 0.0
        self.refused = 0
        self._held = False
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
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time
        self._rng = rng
        self._remote: Address | None = None
        self._secure: SecureRtp | None = None
        self._heard: Address | None = None
        self._dtmf_payload_type: int | None = None
        self._ear: DigitEar | None = None
        self._keys: DigitSender | None = None
        self._reporter: Reporter | None = None
        self._meter: LevelMeter | None = None
        self._second_ends, self._in_second = 0.0, 0

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
    def unanswered_s(self) -> float:
        return 0.0  # plain RTP knows no checks

    @property
    def received(self) -> ReceptionReport:
        """What arrived so far."""
        return self._incoming.report()

    @property
    def packets_sent(self) -> int:
        return self._outgoing.packets

    @property
    def heard(self) -> HeardQuality | None:
        """What the other party's reports say of what we send."""
        return self._reporter.heard if self._reporter is not None else None

    @property
    def noise_dbfs(self) -> float:
        """The other party's noise floor; digital silence while nothing arrives."""
        if self._meter is None or self._now() - self.last_packet_at > 1.0:
            return FLOOR_DBFS
        return self._meter.noise_dbfs

    def connect(
        self,
        remote: Address,
        codec: Codec,
        *,
        dtmf_payload_type: int | None = None,
        rtcp_port: int | None = None,
        secure: SecureRtp | None = None,
    ) -> None:
        """Send to, and hear, the address and codec of the other party's SDP; again on re-INVITE.

        `rtcp_port`: where its reports go, None for the port beside its audio's. With `secure` both
        ways are SRTP, and nothing else is heard.
        """
        self.codec = codec
        self._outgoing.payload_type = PAYLOAD_TYPES[codec]
        self._remote = remote
        self._heard = None
        self._secure = secure
        self._dtmf_payload_type = dtmf_payload_type
        if self._ear is None:
            self._ear = DigitEar(self._on_digit, self._loop)
        if self._reporter is None:
            self._reporter = self._make_reporter()
        self._reporter.connect(remote, remote[1] + 1 if rtcp_port is None else rtcp_port)
        self._reporter.secure = secure
        if self._meter is not None:
            self.attend()

    def hold(self, on: bool) -> None:
        """On: the other party wants no audio (RFC 3264 §5.1: sendonly, inactive), so nothing but
        reports is sent until it does. What was left to be sent of keys is forgotten."""
        self._held = on
        if on and self._keys is not None:
            self._keys.stop()

    def attend(self) -> None:
        """The call is joined: measure it, report on it, and hear keys in its audio too."""
        if self._ear is None or self._reporter is None:
            return
        if self._meter is None:
            self._meter = LevelMeter(self.codec)
        self._meter.codec = self.codec
        self._ear.listen(self.codec)
        self._reporter.start()

    def press(self, digits: str) -> None:
        """Send keys to the other party, after those that still wait; none that it cannot hear."""
        if self._remote is None or self._transport is None or self._held:
            return
        if self._keys is None:
            self._keys = DigitSender(
                self._outgoing, transmit=self._transmit, timers=self._loop, now=self._now
            )
        self._keys.payload_type = self._dtmf_payload_type
        self._keys.codec = self.codec
        self._keys.press(digits)

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        """See `Leg.send`. While a key is down the voice is left out."""
        if self._remote is None or self._transport is None or self._held:
            return
        if self._keys is not None and self._keys.busy:
            return
        now = self._now()
        datagram = self._outgoing.packet(payload, source=source, timestamp=timestamp, now=now)
        if datagram is None:
            return
        if self._secure is None:
            self.last_sent_at = now
            self._transport.sendto(datagram, self._remote)
        else:
            self._transmit(datagram)

    def _transmit(self, datagram: bytes) -> None:
        """Put a datagram on the way to the other party."""
        sealed = datagram if self._secure is None else self._secure.seal(datagram)
        if self._transport is not None and sealed is not None:
            self.last_sent_at = self._now()
            self._transport.sendto(sealed, self._remote)

    async def close(self) -> None:
        """Close the socket and let its port rest. Closing twice is harmless."""
        self.sink = self.on_digit = None
        for part in (self._keys, self._ear, self._reporter):
            if part is not None:
                part.stop()
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        await asyncio.shield(self._closed)

    # asyncio.DatagramProtocol

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._port = transport.get_extra_info("sockname")[1]

    def connection_lost(self, error: Exception | None) -> None:
        used = self._remote is not None or self.refused > 0
        self._ports.release(self._port, rest=used)
        self._transport = None
        if not self._closed.done():
            self._closed.set_result(None)

    def error_received(self, error: Exception) -> None:
        """A port of the other side is closed: SIP will say so; RTP has nothing to add."""

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        now = self._now()
        known = address == self._heard or self._expects((address[0], address[1]))
        if not known or len(data) > LONGEST or not self._within_rate(now):
            self.refused += 1
            return
        if self._secure is not None:
            opened = self._secure.open(data)
            if opened is None:
                self.refused += 1
                return
            data = opened
        packet = parse(data)
        if packet is not None and packet.payload_type == self._outgoing.payload_type:
            self.last_packet_at = now
            self._incoming.count(packet, now)
            if packet.payload:
                self._take(packet.payload, packet.timestamp)
        elif packet is not None and packet.payload_type in self._event_types():
            if self._ear is not None:
                self._ear.event(packet)
        elif not self._is_report(data, address):
            self.refused += packet is None

    def _event_types(self) -> tuple[int | None, ...]:
        """What keys may arrive as: the number we offered (RFC 3264 §5.1), or the one of the answer,
        which some use both ways."""
        return TELEPHONE_EVENT_PAYLOAD, self._dtmf_payload_type

    def _take(self, payload: bytes, timestamp: int) -> None:
        """The other party's voice."""
        if self._meter is not None and self._ear is not None:
            self._meter.hear(payload)
            self._ear.audio(payload)
        if self.sink is not None:
            self.sink(payload, timestamp)

    def _is_report(self, data: bytes, address: tuple[Any, ...]) -> bool:
        """Take in RTCP, where it shares this port."""
        if len(data) < 2 or data[1] not in PACKET_TYPES:
            return False
        if self._reporter is None or not self._reporter.shares_port:
            return False
        self._reporter.read(data, (address[0], address[1]))
        return True

    def _make_reporter(self) -> Reporter:
        return Reporter(
            self._outgoing,
            self._incoming,
            ports=self._ports,
            own=self.address,
            send=self._transmit,
            rng=self._rng,
        )

    def _expects(self, address: Address) -> bool:
        """Whether the SDP announced this source.

        Some trunks send from a port other than the one they receive on. The first such port of
        the announced host is accepted, and gives way as soon as the announced port itself speaks.
        """
        if self._remote is None or address[0] != self._remote[0]:
            return False
        if address == self._remote or self._heard is None:
            self._heard = address
            return True
        return False

    def _within_rate(self, now: float) -> bool:
        if now >= self._second_ends:
            self._second_ends, self._in_second = now + 1.0, 0
        self._in_second += 1
        return self._in_second <= _PACKETS_PER_SECOND

    def _on_digit(self, digit: str, duration_ms: int, in_band: bool) -> None:
        if self.on_digit is not None:
            self.on_digit(digit, duration_ms, in_band)
