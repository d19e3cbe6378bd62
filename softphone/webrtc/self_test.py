"""The start-up self-test: a leg and its peer in this process pass twenty packets each way.

The transports stand on private names of pinned libraries. If an installation differs, the gateway
must say so at start, in words, and not when the first operator is on the line. The peer is one that
needs no other names than the transport it tests.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from softphone.rtp.packet import RtpPacket
from softphone.rtp.ports import PortPool
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from softphone.webrtc.offering_peer import OfferingPeer
from softphone.webrtc.transport import MakeTransport, SecureTransport

_PACKETS = 20
# Packets of 2.5 ms, so that twenty at once are no more than a leg may be ahead of wall time.
_SAMPLES = 20
_TIMEOUT_S = 5.0


class TestPeer(Protocol):
    """A browser's side: see `OfferingPeer`."""

    sink: Callable[[RtpPacket], None] | None

    async def offer(self) -> str: ...

    async def connect(self, answer_sdp: str) -> None: ...

    def send(self, payload: bytes, *, timestamp: int | None = None) -> None: ...

    async def close(self) -> None: ...


class MediaSelfTestFailed(RuntimeError):
    """Audio cannot be carried on this machine or with these library versions."""


async def check_media(
    transport: MakeTransport = SecureTransport.of_leg,
    *,
    make_peer: Callable[[], TestPeer] = OfferingPeer,
) -> None:
    """Pass audio through a leg over loopback, some 0.2 s. Raises `MediaSelfTestFailed`."""
    peer: TestPeer | None = None
    leg: SeatLeg | None = None
    try:
        settings = WebRtcSettings(udp_ports=PortPool(), include_loopback=True, transport=transport)
        peer = make_peer()
        leg = await SeatLeg.answer(await peer.offer(), settings=settings)
        async with asyncio.timeout(_TIMEOUT_S):
            await asyncio.gather(peer.connect(leg.answer_sdp), leg.connected)
            await _pass_packets(peer, leg)
    except Exception as error:  # boundary: whatever broke, the gateway must not start on it
        raise MediaSelfTestFailed(
            f"the WebRTC self-test failed ({type(error).__name__}: {error}); compare the installed "
            "aiortc, aioice and pylibsrtp with requirements.txt"
        ) from error
    finally:
        if leg is not None:
            await leg.close()
        if peer is not None:
            await peer.close()


async def _pass_packets(peer: TestPeer, leg: SeatLeg) -> None:
    expected = [bytes([number]) * _SAMPLES for number in range(_PACKETS)]
    arrived: Counter[tuple[str, bytes]] = Counter()
    complete = asyncio.Event()

    def note(direction: str, payload: bytes) -> None:
        arrived[direction, payload] += 1
        if len(arrived) == 2 * _PACKETS:
            complete.set()

    def at_peer(packet: RtpPacket) -> None:
        note("down", packet.payload)

    peer.sink = at_peer
    leg.sink = lambda payload, timestamp: note("up", payload)
    for number, payload in enumerate(expected):
        leg.send(payload, source=check_media, timestamp=number * _SAMPLES)
        peer.send(payload, timestamp=number * _SAMPLES)
        await asyncio.sleep(0)  # small receive buffers do not hold twenty packets
    await complete.wait()
