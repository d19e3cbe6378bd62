"""What is at the other end of a relay, as a leg: the seat for the call, the call for the seat."""

from __future__ import annotations

import random
from collections.abc import Callable

from softphone.audio.g711 import PAYLOAD_TYPES, Codec, translation
from softphone.relay.socket import RelayPath
from softphone.rtp.leg import AudioSink
from softphone.rtp.packet import parse
from softphone.rtp.stream import OutgoingStream

_CODECS: dict[int, Codec] = {number: codec for codec, number in PAYLOAD_TYPES.items()}


class RelayLeg:
    """A `Leg` over one path. The payload type of each packet says its law.

    `on_packet()` is called for every authentic packet, also for a probe, by which the ends prove
    the path and keep it alive while nobody speaks, and which says what law they speak. `now` is
    the loop's time in seconds.
    """

    def __init__(
        self,
        path: RelayPath,
        codec: Codec,
        *,
        now: Callable[[], float],
        rng: random.Random | None = None,
    ) -> None:
        rng = rng or random.SystemRandom()
        self.sink: AudioSink | None = None
        self.on_packet: Callable[[], None] | None = None
        self.last_packet_at = 0.0
        self.last_sent_at = 0.0
        self._path = path
        self._codec: Codec = codec
        self._settled = False
        self._now = now
        self._outgoing = OutgoingStream(
            payload_type=PAYLOAD_TYPES[codec],
            ssrc=path.terms.send_ssrc,
            sequence=rng.getrandbits(15),
            timestamp=rng.getrandbits(32),
        )
        path.on_rtp = self._received
        path.on_presence = self._shown

    @property
    def codec(self) -> Codec:
        return self._codec

    @property
    def unanswered_s(self) -> float:
        return 0.0  # the gateway that lends the seat gives its leg up; then nothing comes

    def speak(self, codec: Codec) -> None:
        """Use this law from now on, whatever the other end speaks."""
        self._settled = True
        self._codec = codec
        self._outgoing.payload_type = PAYLOAD_TYPES[codec]

    def settle(self) -> None:
        """Stay with the law the other end has shown so far: somebody is being joined to it."""
        self.speak(self._codec)

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        """See `Leg.send`."""
        now = self._now()
        datagram = self._outgoing.packet(payload, source=source, timestamp=timestamp, now=now)
        if datagram is not None:
            self.last_sent_at = now
            self._path.send_rtp(datagram)

    def probe(self) -> None:
        """Show the other end that we are here, and our law."""
        self.last_sent_at = self._now()
        self._path.send_presence(PAYLOAD_TYPES[self._codec])

    def close(self) -> None:
        """Hear nothing more."""
        self.sink = self.on_packet = self._path.on_rtp = self._path.on_presence = None

    def _shown(self, payload_type: int) -> None:
        codec = _CODECS.get(payload_type)
        if codec is not None and not self._settled:
            self._codec = codec
            self._outgoing.payload_type = payload_type
        if self.on_packet is not None:
            self.on_packet()

    def _received(self, datagram: bytes) -> None:
        packet = parse(datagram)
        codec = _CODECS.get(packet.payload_type) if packet is not None else None
        if packet is None or codec is None:
            return
        if self.on_packet is not None:
            self.on_packet()
        self.last_packet_at = self._now()
        if self.sink is not None:
            table = translation(codec, self._codec)
            payload = packet.payload if table is None else packet.payload.translate(table)
            self.sink(payload, packet.timestamp)
