"""The relay aiortc's manual suggests, as anybody would write it: a baseline.

Up: the browser's track is read frame by frame, resampled when it is Opus, encoded and sent as RTP.
Down: RTP is decoded into frames that a track returns, and aiortc encodes them.
"""

from __future__ import annotations

import asyncio
import fractions
from typing import Any, Literal

import aioice.ice
import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCSessionDescription,
)

from softphone.audio.g711 import FRAME_SAMPLES, SAMPLE_RATE, decode, encode
from softphone.rtp.packet import build, parse

CAPABILITIES = {
    "PCMU": RTCRtpCodecCapability("audio/PCMU", 8000, 1),
    "opus": RTCRtpCodecCapability("audio/opus", 48000, 2),
}


class NaiveRelay:
    """One RTCPeerConnection and one socket for each call."""

    def __init__(self, *, codec: Literal["PCMU", "opus"]) -> None:
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
        self.codec = codec
        self.kept: list[Any] = []

    async def add(self, offer: str, trunk: int) -> dict[str, Any]:
        """A bridged call: the answer for the browser, the port for the trunk."""
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        rtp = _Rtp(("127.0.0.1", trunk))
        transceiver = connection.addTransceiver(_Track(rtp.payloads), "sendrecv")
        transceiver.setCodecPreferences([CAPABILITIES[self.codec]])
        connection.on(
            "track", lambda track: self.kept.append(asyncio.ensure_future(_pump(track, rtp)))
        )
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: rtp, local_addr=("127.0.0.1", 0)
        )
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        self.kept.append(connection)
        port = transport.get_extra_info("sockname")[1]
        return {"answer": connection.localDescription.sdp, "port": port}


class _Rtp(asyncio.DatagramProtocol):
    def __init__(self, trunk: tuple[str, int]) -> None:
        self.trunk = trunk
        self.sequence = 0
        self.payloads: asyncio.Queue[bytes] = asyncio.Queue()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        packet = parse(data)
        if packet is not None:
            self.payloads.put_nowait(packet.payload)

    def send(self, payload: bytes) -> None:
        self.sequence += 1
        datagram = build(
            payload,
            payload_type=0,
            sequence=self.sequence & 0xFFFF,
            timestamp=self.sequence * FRAME_SAMPLES & 0xFFFFFFFF,
            ssrc=1,
        )
        self.transport.sendto(datagram, self.trunk)


class _Track(MediaStreamTrack):
    kind = "audio"

    def __init__(self, payloads: asyncio.Queue[bytes]) -> None:
        super().__init__()
        self._payloads = payloads
        self._clock = 0

    async def recv(self) -> av.AudioFrame:
        samples = decode(await self._payloads.get(), "PCMU")
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        frame.pts = self._clock
        self._clock += samples.size
        return frame


async def _pump(track: Any, rtp: _Rtp) -> None:
    resampler = av.AudioResampler(
        format="s16", layout="mono", rate=SAMPLE_RATE, frame_size=FRAME_SAMPLES
    )
    while True:
        frame = await track.recv()
        frames = [frame] if frame.sample_rate == SAMPLE_RATE else resampler.resample(frame)
        for each in frames:
            rtp.send(encode(each.to_ndarray()[0], "PCMU"))
