"""The second way to reach a browser: aiortc's RTCPeerConnection, tapped ahead of its decoder.

Used when the start-up self-test finds that `transport.py` cannot work with the installed aiortc.
Sockets, ports, shield and consent are the same `ShieldedConnection`, put in place of aioice's own.
What is sent goes through a track that returns packed G.711 (`av.Packet`), so nothing is encoded;
what arrives is taken from the receiver before its jitter buffer, so nothing is decoded or delayed.

What it costs: about twice the processor time of the direct way, and one sleeping thread per leg
(the decoder's, which never gets a packet). What it lacks: browsers get no reports on what we
receive, so their own figure of uplink loss stays zero; ours is counted as ever.

The private names are `_connection`, `_recv`, `_send`, `_handle_rtp_packet` and `_ssrc`: none that
the direct way uses of aiortc.
"""

from __future__ import annotations

import asyncio
import fractions
import struct
from collections.abc import Callable
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters

from softphone.audio.g711 import SAMPLE_RATE, Codec
from softphone.background import Background
from softphone.rtp.packet import HEADER_OCTETS, RtpPacket
from softphone.rtp.rtcp import HeardQuality
from softphone.webrtc.offer import PeerParameters, write_offer
from softphone.webrtc.shield import ShieldedConnection
from softphone.webrtc.transport import (
    DTLS_TIMEOUT_S,
    ICE_TIMEOUT_S,
    LegParts,
    local_parameters,
    why_lost,
)

_TIME_BASE = fractions.Fraction(1, SAMPLE_RATE)
_TIMESTAMP = struct.Struct("!4xL")
# The sender takes a packet as soon as the loop lets it; more than this is a stall, and stale.
_WAITING_AT_MOST = 10


class Outlet(MediaStreamTrack):
    """A track whose packets are ready-made."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets: asyncio.Queue[av.Packet] = asyncio.Queue()

    def put(self, payload: bytes, timestamp: int) -> None:
        packet = av.Packet(payload)
        packet.pts, packet.time_base = timestamp, _TIME_BASE
        if self._packets.qsize() >= _WAITING_AT_MOST:
            self._packets.get_nowait()
        self._packets.put_nowait(packet)

    async def recv(self) -> av.Packet:
        return await self._packets.get()


def add_shielded_transceiver(
    peer: RTCPeerConnection,
    outlet: Outlet,
    codec: Codec,
    connection: ShieldedConnection,
    on_rtp: Callable[[RtpPacket], None],
) -> RTCRtpTransceiver:
    """An audio transceiver whose packets go through our connection and past the decoder."""
    transceiver = peer.addTransceiver(outlet, "sendrecv")
    transceiver.setCodecPreferences([RTCRtpCodecCapability(f"audio/{codec}", SAMPLE_RATE, 1)])
    receiver: Any = transceiver.receiver
    ice = receiver.transport.transport
    ice.iceGatherer._connection = ice._connection = connection
    ice._recv, ice._send = connection.recv, connection.send
    connection.on_media = lambda datagram: connection.data_received(datagram, 1)

    async def received(packet: Any, arrival_time_ms: int) -> None:
        on_rtp(
            RtpPacket(
                packet.payload_type,
                packet.sequence_number,
                packet.timestamp,
                packet.ssrc,
                packet.payload,
            )
        )

    receiver._handle_rtp_packet = received
    return transceiver


def listening(transceiver: RTCRtpTransceiver) -> asyncio.Event:
    """Set when packets find the receiver, which is a little after the connection is up."""
    receiver: Any = transceiver.receiver
    begin, begun = receiver.receive, asyncio.Event()

    async def receive(parameters: RTCRtpReceiveParameters) -> None:
        await begin(parameters)
        begun.set()

    receiver.receive = receive
    return begun


class PeerConnectionTransport:
    """See the module and `LegTransport`."""

    def __init__(self, parts: LegParts) -> None:
        self.connection = parts.connection
        self.connected = False
        self.heard: HeardQuality | None = None
        self._parts = parts
        self._outlet = Outlet()
        self._background = Background()
        self._changed = asyncio.Event()
        # None would mean a public STUN server; the empty list means none.
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._transceiver = add_shielded_transceiver(
            self._peer, self._outlet, parts.codec, parts.connection, parts.on_rtp
        )
        self._listening = listening(self._transceiver)
        self.ssrc: int = self._transceiver.sender._ssrc
        self._peer.on("connectionstatechange", self._state_changed)

    @property
    def local(self) -> PeerParameters:
        """See `LegTransport.local`."""
        return local_parameters(self.connection, self._transceiver.receiver.transport)

    async def connect(self, peer: PeerParameters) -> None:
        """See `LegTransport.connect`."""
        parts = self._parts
        offer = write_offer(parts.offer, codec=parts.codec)
        try:
            async with parts.turns.turn():
                await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
                await self._peer.setLocalDescription(await self._peer.createAnswer())
                async with asyncio.timeout(ICE_TIMEOUT_S + DTLS_TIMEOUT_S):
                    while self._peer.connectionState not in ("connected", "failed", "closed"):
                        self._changed.clear()
                        await self._changed.wait()
                    if self._peer.connectionState == "connected":
                        await self._listening.wait()
        except TimeoutError as error:
            raise ConnectionError("no answer from the browser's address") from error
        except Exception as error:  # boundary: aiortc raises whatever its parts raise
            raise ConnectionError(f"no connection: {error!r}") from error
        if self._peer.connectionState != "connected":
            raise ConnectionError("the key exchange failed")
        self.connection.shrink_buffers()
        self.connected = True

    def send_rtp(self, datagram: bytes) -> None:
        """See `LegTransport.send_rtp`. The sender numbers packets anew; the timestamps stay."""
        if self.connected:
            self._outlet.put(datagram[HEADER_OCTETS:], _TIMESTAMP.unpack_from(datagram)[0])

    def report(self) -> None:
        """aiortc sends its own reports; read what it was told."""
        self._background.spawn(self._read_statistics())

    async def close(self) -> None:
        """See `LegTransport.close`."""
        self.connected = False
        await self._background.stop(within_s=0.1)
        await self._peer.close()
        await self.connection.close()

    async def _read_statistics(self) -> None:
        statistics = await self._transceiver.sender.getStats()
        for one in statistics.values():
            if one.type == "remote-inbound-rtp":
                round_trip_s = one.roundTripTime
                self.heard = HeardQuality(
                    lost_share=one.fractionLost / 256,
                    jitter_ms=one.jitter * 1000 / SAMPLE_RATE,
                    round_trip_ms=None if round_trip_s is None else round_trip_s * 1000,
                )

    def _state_changed(self) -> None:
        self._changed.set()
        if self.connected and self._peer.connectionState in ("closed", "failed"):
            self.connected = False
            self._parts.on_lost(why_lost(self.connection))
