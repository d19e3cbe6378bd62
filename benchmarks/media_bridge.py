"""Bridged calls per core: our media plane against the naive relay aiortc's manual suggests.

    python benchmarks/media_bridge.py            # a table, in about a minute

Each plane runs in a process of its own; this process plays the browsers and the trunk, 50 packets
a second each way. The planes take turns within the same minute, so that a busy machine troubles
both alike; the ratio is what to compare between machines. CPU is the plane's own process time.
Delay is from the browser's send to the trunk's receipt, on one clock, without any network.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import struct
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from softphone.audio.g711 import FRAME_SAMPLES, decode, encode
from softphone.audio.ticker import Ticker
from softphone.bridge import Bridge
from softphone.rtp.packet import RtpPacket, build, parse
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from softphone.webrtc.offering_peer import OfferingPeer

WARM_UP_S = 2.0
WINDOW_S = 2.0
STAMP = struct.Struct("!4sQ")
FILLER = bytes(range(FRAME_SAMPLES - STAMP.size))


class OurPlane:
    """The gateway's own legs and bridge."""

    def __init__(self) -> None:
        self.ports = PortPool()
        self.ticker = Ticker()
        self.bridges: list[Bridge] = []
        self.settings = WebRtcSettings(udp_ports=self.ports, include_loopback=True)

    async def add(self, offer: str, trunk: tuple[str, int]) -> tuple[str, int]:
        rtp = await RtpSession.open(self.ports, "127.0.0.1")
        rtp.connect(trunk, "PCMU")
        seat = await SeatLeg.answer(offer, settings=self.settings)
        bridge = Bridge(rtp, seat, self.ticker)
        bridge.connect(zip_tone=False)
        self.bridges.append(bridge)
        return seat.answer_sdp, rtp.address[1]


class NaivePlane:
    """RTCPeerConnection tracks: decode and jitter buffer up, encode down, one socket per call."""

    def __init__(self) -> None:
        import aioice.ice

        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
        self.kept: list[Any] = []

    async def add(self, offer: str, trunk: tuple[str, int]) -> tuple[str, int]:
        from aiortc import (
            RTCConfiguration,
            RTCPeerConnection,
            RTCRtpCodecCapability,
            RTCSessionDescription,
        )

        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        down, rtp = _naive_track(), _NaiveRtp(trunk)
        rtp.frames = down.queue
        transceiver = connection.addTransceiver(down, "sendrecv")
        transceiver.setCodecPreferences([RTCRtpCodecCapability("audio/PCMU", 8000, 1)])
        connection.on(
            "track", lambda track: self.kept.append(asyncio.ensure_future(_pump(track, rtp)))
        )
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: rtp, local_addr=("127.0.0.1", 0))
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        self.kept.append(connection)
        return connection.localDescription.sdp, transport.get_extra_info("sockname")[1]


class _NaiveRtp(asyncio.DatagramProtocol):
    def __init__(self, trunk: tuple[str, int]) -> None:
        self.trunk = trunk
        self.sequence = 0
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        packet = parse(data)
        if packet is not None:
            self.frames.put_nowait(packet.payload)

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


async def _pump(track: Any, rtp: _NaiveRtp) -> None:
    while True:
        frame = await track.recv()
        rtp.send(encode(frame.to_ndarray()[0], "PCMU"))


def _naive_track() -> Any:
    import fractions

    import av
    from aiortc import MediaStreamTrack

    class Track(MediaStreamTrack):
        kind = "audio"

        def __init__(self) -> None:
            super().__init__()
            self.queue: asyncio.Queue[bytes] = asyncio.Queue()
            self.clock = 0

        async def recv(self) -> av.AudioFrame:
            samples = decode(await self.queue.get(), "PCMU")
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.time_base = 8000, fractions.Fraction(1, 8000)
            frame.pts = self.clock
            self.clock += samples.size
            return frame

    return Track()


async def serve(plane: OurPlane | NaivePlane) -> None:
    """Answer one JSON command per line: a call to add, or the processor time used so far."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        if "offer" in command:
            answer, port = await plane.add(command["offer"], ("127.0.0.1", command["trunk"]))
            reply: dict[str, Any] = {"answer": answer, "port": port}
        else:
            used = resource.getrusage(resource.RUSAGE_SELF)
            reply = {"cpu_s": used.ru_utime + used.ru_stime, "peak_kb": used.ru_maxrss}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


class Trunk(asyncio.DatagramProtocol):
    """One socket for all called parties; it times what the browsers stamped."""

    def __init__(self) -> None:
        self.received = 0
        self.delays_ms: list[float] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        self.received += 1
        if data[12:16] == b"sent":
            sent_ns = STAMP.unpack_from(data, 12)[1]
            self.delays_ms.append((time.monotonic_ns() - sent_ns) / 1e6)


class Load:
    """`count` calls through one plane, its process, and the figures of each window."""

    def __init__(self, plane: str, count: int) -> None:
        self.plane, self.count = plane, count
        self.trunk = Trunk()
        self.calls: list[tuple[OfferingPeer, int]] = []
        self.heard = 0
        self.cores_per_call: list[float] = []

    async def open(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            __file__,
            "--serve",
            self.plane,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self.trunk, local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        for _ in range(self.count):
            peer = OfferingPeer(codecs=("PCMU",))
            reply = await self._ask({"offer": await peer.offer(), "trunk": port})
            await peer.connect(reply["answer"])
            peer.sink = self._hear
            self.calls.append((peer, reply["port"]))

    async def measure(self, windows: int) -> None:
        """Talk on all calls for some windows of time."""
        stop = asyncio.Event()
        talking = asyncio.create_task(self._talk(stop))
        await asyncio.sleep(WARM_UP_S)
        self.trunk.delays_ms.clear()
        self.trunk.received = self.heard = 0
        started = time.monotonic()
        for _ in range(windows):
            cpu_s, at = (await self._ask({}))["cpu_s"], time.monotonic()
            await asyncio.sleep(WINDOW_S)
            used_s = (await self._ask({}))["cpu_s"] - cpu_s
            self.cores_per_call.append(used_s / (time.monotonic() - at) / self.count)
        expected = 50 * self.count * (time.monotonic() - started)
        self.up_share, self.down_share = self.trunk.received / expected, self.heard / expected
        stop.set()
        await talking

    async def close(self) -> None:
        self.peak_mb = (await self._ask({}))["peak_kb"] / 1024
        self.process.kill()
        await self.process.wait()
        for peer, _ in self.calls:
            await peer.vanish()

    async def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        return json.loads(await self.process.stdout.readline())

    def _hear(self, packet: RtpPacket) -> None:
        self.heard += 1

    async def _talk(self, stop: asyncio.Event) -> None:
        """Packets of all calls spread over the 20 ms, as those of real calls are."""
        loop = asyncio.get_running_loop()
        slots, number, due = 10, 0, loop.time()
        while not stop.is_set():
            stamp = (number // slots) * FRAME_SAMPLES
            for peer, port in self.calls[number % slots :: slots]:
                payload = STAMP.pack(b"sent", time.monotonic_ns()) + FILLER
                peer.send(payload, timestamp=stamp & 0xFFFFFFFF)
                datagram = build(
                    payload,
                    payload_type=0,
                    sequence=number // slots & 0xFFFF,
                    timestamp=stamp & 0xFFFFFFFF,
                    ssrc=7,
                )
                self.trunk.transport.sendto(datagram, ("127.0.0.1", port))
            number += 1
            due += 0.02 / slots
            await asyncio.sleep(max(0.0, due - loop.time()))


async def compare(ours: int, naive: int, rounds: int, windows: int) -> None:
    loads = {"our plane": Load("ours", ours), "naive relay": Load("naive", naive)}
    for load in loads.values():
        await load.open()
    for _ in range(rounds):
        for load in loads.values():
            await load.measure(windows)
    print(f"{'plane':12} calls windows  CPU/call  calls/core  delivered up/down  delay p50 / p99")
    medians = {}
    for name, load in loads.items():
        await load.close()
        medians[name] = statistics.median(load.cores_per_call)
        delays = np.percentile(load.trunk.delays_ms, [50, 99]) if load.trunk.delays_ms else None
        delay = f"{delays[0]:.2f} / {delays[1]:.2f} ms" if delays is not None else "re-encoded"
        print(
            f"{name:12} {load.count:5} {len(load.cores_per_call):7} {medians[name]:9.3%} "
            f"{1 / medians[name]:11.0f} {load.up_share:9.1%} / {load.down_share:.1%}  {delay}"
            f"  (peak {load.peak_mb:.0f} MB)"
        )
    ratio = medians["naive relay"] / medians["our plane"]
    print(f"a naive call costs {ratio:.1f} times ours; plan on 60 % of a core")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ours", type=int, default=40, help="calls through our plane")
    parser.add_argument("--naive", type=int, default=10, help="calls through the naive relay")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--windows", type=int, default=4, help=f"of {WINDOW_S} s, each round")
    parser.add_argument("--serve", choices=("ours", "naive"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:

        async def run() -> None:
            await serve(OurPlane() if options.serve == "ours" else NaivePlane())

        asyncio.run(run())
    else:
        started = time.monotonic()
        asyncio.run(compare(options.ours, options.naive, options.rounds, options.windows))
        took_s = time.monotonic() - started
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {took_s:.0f} s")


if __name__ == "__main__":
    main()
