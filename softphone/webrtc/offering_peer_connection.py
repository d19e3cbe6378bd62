"""The peer that tests the second transport: `OfferingPeer` again, on RTCPeerConnection.

It needs none of the names that the direct transport needs, so that a self-test of the fallback
does not fail for the very reason it is a fallback for.
"""

from __future__ import annotations

from collections.abc import Callable

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from softphone.audio.g711 import FRAME_SAMPLES, Codec
from softphone.rtp.packet import RtpPacket
from softphone.rtp.ports import PortPool
from softphone.webrtc.addresses import LOOPBACK
from softphone.webrtc.peer_connection import Outlet, add_shielded_transceiver, listening
from softphone.webrtc.shield import ShieldedConnection


class OfferingPeerConnection:
    """See `OfferingPeer`; one law."""

    def __init__(self, *, codec: Codec = "PCMU") -> None:
        self.sink: Callable[[RtpPacket], None] | None = None
        self._outlet = Outlet()
        self._timestamp = 0
        self._connection = ShieldedConnection(
            ice_controlling=True, ports=PortPool(), addresses=[LOOPBACK]
        )
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._listening = listening(
            add_shielded_transceiver(
                self._peer, self._outlet, codec, self._connection, self._received
            )
        )

    async def offer(self) -> str:
        """The SDP to answer."""
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return self._peer.localDescription.sdp

    async def connect(self, answer_sdp: str) -> None:
        """Take the answer and connect."""
        await self._peer.setRemoteDescription(RTCSessionDescription(answer_sdp, "answer"))
        await self._listening.wait()

    def send(self, payload: bytes, *, timestamp: int | None = None) -> None:
        """Send a payload, 20 ms after the last one by default."""
        self._timestamp = self._timestamp + FRAME_SAMPLES if timestamp is None else timestamp
        self._outlet.put(payload, self._timestamp)

    async def close(self) -> None:
        """Say goodbye."""
        await self._peer.close()
        await self._connection.close()

    def _received(self, packet: RtpPacket) -> None:
        if self.sink is not None:
            self.sink(packet)
