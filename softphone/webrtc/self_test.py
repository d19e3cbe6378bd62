"""The start-up self-test: two legs in this process connect and pass twenty packets each way.

The transport stands on private names of pinned libraries. If an installation differs, the gateway
must say so at start, in words, and not when the first operator is on the line.
"""

from __future__ import annotations

import asyncio
from collections import Counter

from softphone.audio.g711 import FRAME_SAMPLES
from softphone.rtp.packet import RtpPacket
from softphone.rtp.ports import PortPool
from softphone.webrtc.addresses import LOOPBACK
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from softphone.webrtc.offering_peer import OfferingPeer

_PACKETS = 20
_TIMEOUT_S = 5.0


class MediaSelfTestFailed(RuntimeError):
    """Audio cannot be carried on this machine or with these library versions."""


async def check_media() -> None:
    """Pass audio through a leg over loopback, some 0.2 s. Raises `MediaSelfTestFailed`."""
    peer = OfferingPeer(address=LOOPBACK)
    leg: SeatLeg | None = None
    try:
        settings = WebRtcSettings(udp_ports=PortPool(), include_loopback=True)
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
        await peer.close()


async def _pass_packets(peer: OfferingPeer, leg: SeatLeg) -> None:
    expected = [bytes([number]) * FRAME_SAMPLES for number in range(_PACKETS)]
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
        leg.send(payload, source=check_media, timestamp=number * FRAME_SAMPLES)
        peer.send(payload, timestamp=number * FRAME_SAMPLES)
        await asyncio.sleep(0)  # small receive buffers do not hold twenty packets
    await complete.wait()
