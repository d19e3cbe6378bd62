"""A browser's side of a leg in a few lines: it offers, connects and exchanges G.711 packets.

The start-up self-test uses it, and so do load tests and benchmarks, where hundreds of real
browsers would cost far more than the gateway they measure.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from softphone.audio.g711 import PAYLOAD_TYPES, Codec
from softphone.rtp.packet import RtpPacket, build
from softphone.rtp.ports import PortPool
from softphone.webrtc.addresses import LOOPBACK
from softphone.webrtc.offer import Fingerprint, PeerParameters
from softphone.webrtc.shield import ShieldedConnection
from softphone.webrtc.transport import SecureTransport


class OfferingPeer:
    """`sink(packet)` receives every RTP packet; `lost` tells the reason once the leg has ended."""

    def __init__(
        self,
        *,
        codecs: tuple[Codec, ...] = ("PCMU", "PCMA"),
        address: str = LOOPBACK,
        rng: random.Random | None = None,
    ) -> None:
        rng = rng or random.SystemRandom()
        self.codec: Codec = codecs[0]
        self.sink: Callable[[RtpPacket], None] | None = None
        self.lost: str | None = None
        self.payload_type = PAYLOAD_TYPES[self.codec]
        self.sequence = rng.getrandbits(15)
        self._codecs = codecs
        self._ssrc = rng.getrandbits(32)
        self._timestamp = 0
        self._connection = ShieldedConnection(
            ice_controlling=True, ports=PortPool(), addresses=[address]
        )
        self._transport = SecureTransport(
            self._connection,
            role="server",
            on_rtp=self._received,
            on_lost=self._ended,
        )

    async def offer(self) -> str:
        """The SDP to answer."""
        await self._connection.gather_candidates()
        local = self._transport.local
        types = " ".join(str(PAYLOAD_TYPES[codec]) for codec in self._codecs)
        lines = [
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=group:BUNDLE 0",
            f"m=audio 9 UDP/TLS/RTP/SAVPF {types}",
            "c=IN IP4 0.0.0.0",
            "a=rtcp-mux",
            "a=mid:0",
            "a=sendrecv",
            *(f"a=rtpmap:{PAYLOAD_TYPES[codec]} {codec}/8000" for codec in self._codecs),
            f"a=ice-ufrag:{local.username}",
            f"a=ice-pwd:{local.password}",
            *(f"a=fingerprint:{f.algorithm} {f.value}" for f in local.fingerprints),
            "a=setup:actpass",
        ]
        return "\r\n".join(lines) + "\r\n"

    async def connect(self, answer_sdp: str) -> None:
        """Take the answer and connect. Raises `ConnectionError`."""
        codec, peer, candidates = _read_answer(answer_sdp)
        self.codec = codec
        self.payload_type = PAYLOAD_TYPES[codec]
        for host, port in candidates:
            self._connection.add_candidate(host, port)
        await self._transport.connect(peer)

    def send(self, payload: bytes, *, timestamp: int | None = None) -> None:
        """Send a payload in the negotiated law, right after the last one by default."""
        stamped = self._timestamp if timestamp is None else timestamp
        self._timestamp = (stamped + len(payload)) & 0xFFFFFFFF
        self.sequence = (self.sequence + 1) & 0xFFFF
        self._transport.send_rtp(
            build(
                payload,
                payload_type=self.payload_type,
                sequence=self.sequence,
                timestamp=stamped,
                ssrc=self._ssrc,
            )
        )

    async def close(self) -> None:
        """Say goodbye as a closing page does."""
        await self._transport.close()

    async def vanish(self) -> None:
        """Be gone without a word, as a killed browser is."""
        await self._connection.close()
        await self._transport.close()

    def _received(self, packet: RtpPacket) -> None:
        if self.sink is not None:
            self.sink(packet)

    def _ended(self, reason: str) -> None:
        self.lost = reason


def _read_answer(sdp: str) -> tuple[Codec, PeerParameters, list[tuple[str, int]]]:
    """The law, the other side, and where it can be reached; the answer is our own gateway's."""
    lines = sdp.splitlines()
    values = dict(line[2:].split(":", 1) for line in lines if line[:2] == "a=" and ":" in line)
    payload_type = int(next(line for line in lines if line.startswith("m=audio")).split()[3])
    codec = next(law for law, number in PAYLOAD_TYPES.items() if number == payload_type)
    prints = [line.split(":", 1)[1] for line in lines if line.startswith("a=fingerprint:")]
    fingerprints = tuple(Fingerprint(*text.split(" ", 1)) for text in prints)
    words = [line.split() for line in lines if line.startswith("a=candidate:")]
    return (
        codec,
        PeerParameters(values["ice-ufrag"], values["ice-pwd"], fingerprints),
        [(word[4], int(word[5])) for word in words],
    )
