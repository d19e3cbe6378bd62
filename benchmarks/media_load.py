"""Browsers and a trunk for `benchmarks.media`: they talk through a plane and time what comes out.

All of them live in this process, on the other core. Each call sends 50 packets a second each way,
spread over the 20 ms as those of real calls are, and in them speech with its pauses: what listens
for keys and for noise works the harder the more is said.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import struct
import sys
import time
from pathlib import Path
from typing import Any

import av
import numpy as np

from softphone.audio.g711 import FRAME_SAMPLES
from softphone.health import collector
from softphone.practice_carrier.voices import load_repertoire
from softphone.rtp.packet import RtpPacket, build
from softphone.webrtc.offering_peer import OfferingPeer

ROOT = Path(__file__).resolve().parent.parent
GATEWAY_CORE, PEERS_CORE = 0, max(os.sched_getaffinity(0))
SLOTS = 20  # a millisecond each
STAMP = struct.Struct("!4sQ")
OPUS_TYPE = 111


class OpusPeer(OfferingPeer):
    """A browser that was not told to speak G.711."""

    async def offer(self) -> str:
        text = await super().offer()
        text = text.replace("SAVPF 0", f"SAVPF {OPUS_TYPE}")
        return text.replace("rtpmap:0 PCMU/8000", f"rtpmap:{OPUS_TYPE} opus/48000/2")

    async def connect(self, answer_sdp: str) -> None:
        await super().connect(answer_sdp.replace(f"SAVPF {OPUS_TYPE}", "SAVPF 0"))
        self.payload_type = OPUS_TYPE


def speech() -> list[bytes]:
    """What the voices of the practice carrier have to say, 20 ms each."""
    repertoire = load_repertoire()
    names = (f"{voice}_{say}" for voice in repertoire.voices for say in sorted(repertoire.phrases))
    return [frame for name in names for frame in repertoire.sound(name).frames("PCMU")]


def opus_frames() -> list[bytes]:
    """A second of a voice-like sound in Opus, 20 ms each."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.format, encoder.layout, encoder.sample_rate = "s16", "stereo", 48000
    encoder.options = {"application": "voip"}
    at = np.arange(48000) / 48000
    voice = sum(np.sin(2 * np.pi * 140 * n * at) / n for n in range(1, 12))
    samples = np.int16(6000 * voice * (1 + np.sin(2 * np.pi * 4 * at)) / 2)
    found = []
    for number, piece in enumerate(np.split(samples, 50)):
        stereo = np.repeat(piece, 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(stereo, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48000, number * 960
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


class PlaneProcess:
    """A plane's process and the commands to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._numbers = itertools.count()
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.media_planes",
            self.name,
            str(GATEWAY_CORE),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        self._reading = asyncio.create_task(self._read())

    async def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Have a command carried out; its reply."""
        number = next(self._numbers)
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        command = {"id": number, "do": do, **arguments}
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        told = await asyncio.wait_for(reply, 60)
        if "fault" in told:
            raise RuntimeError(f"{self.name} {do}: {told['fault']}")
        return told

    async def stop(self) -> None:
        self._process.kill()
        await self._process.wait()
        self._reading.cancel()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            reply = json.loads(line)
            self._replies.pop(reply["id"]).set_result(reply)


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
    """Calls through one plane. `peers` is empty towards the echo, which knows no browsers."""

    def __init__(self, plane: str) -> None:
        self.process = PlaneProcess(plane)
        self.trunk = Trunk()
        self.peers: list[OfferingPeer] = []
        self.ports: list[int] = []
        self.heard = 0
        self._speech = speech()
        self._opus = opus_frames() if plane == "naive_opus" else None

    @property
    def echoes(self) -> bool:
        return self.process.name == "echo"

    async def open(self, calls: int) -> None:
        """Start the process and set up so many calls."""
        await self.process.start()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self.trunk, local_addr=("127.0.0.1", 0)
        )
        self.trunk_port = transport.get_extra_info("sockname")[1]
        await self.grow(calls)

    async def grow(self, calls: int) -> None:
        """Set up calls until there are so many."""
        while len(self.ports) < calls:
            if self.echoes:
                reply = await self.process.ask("add", offer="", trunk=self.trunk_port)
            else:
                peer = OpusPeer(codecs=("PCMU",)) if self._opus else OfferingPeer(codecs=("PCMU",))
                reply = await self.process.ask(
                    "add", offer=await peer.offer(), trunk=self.trunk_port
                )
                await peer.connect(reply["answer"])
                peer.sink = self._hear
                self.peers.append(peer)
            self.ports.append(reply["port"])

    async def talk(self, seconds: float, *, calls: int, warm_up_s: float = 1.0) -> Window:
        """Talk on the first `calls` of them; what the plane used and how late packets were."""
        collector.settle()  # a pause of ours would count as the plane's delay
        stop = asyncio.Event()
        talking = asyncio.create_task(self._talk(stop, calls))
        await asyncio.sleep(warm_up_s)
        self.trunk.delays_ms.clear()
        self.trunk.received = self.heard = 0
        before = await self.process.ask("used")
        await asyncio.sleep(seconds)
        after = await self.process.ask("used")
        took_s = after["at"] - before["at"]
        window = Window(
            share=(after["cpu_s"] - before["cpu_s"]) / took_s,
            calls=calls,
            up=self.trunk.received / (50 * calls * took_s),
            down=self.heard / (50 * calls * took_s),
            delays_ms=list(self.trunk.delays_ms),
        )
        stop.set()
        await talking
        return window

    async def close(self) -> None:
        await self.process.stop()
        for peer in self.peers:
            await peer.vanish()

    def _hear(self, packet: RtpPacket) -> None:
        self.heard += 1

    async def _talk(self, stop: asyncio.Event, calls: int) -> None:
        loop = asyncio.get_running_loop()
        number, due = 0, loop.time()
        while not stop.is_set():
            frame, slot = divmod(number, SLOTS)
            stamp = frame * FRAME_SAMPLES & 0xFFFFFFFF
            for place in range(slot, calls, SLOTS):
                self._send(place, frame, stamp)
            number += 1
            due += 0.02 / SLOTS
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _send(self, place: int, frame: int, stamp: int) -> None:
        voice = self._speech[(frame + 97 * place) % len(self._speech)]  # each says something else
        payload = STAMP.pack(b"sent", time.monotonic_ns()) + voice[STAMP.size :]
        if self.peers and self._opus:
            opus = self._opus[frame % len(self._opus)]
            self.peers[place].send(opus, timestamp=stamp * 6 & 0xFFFFFFFF)
        elif self.peers:
            self.peers[place].send(payload, timestamp=stamp)
        down = payload if self.echoes else voice
        datagram = build(down, payload_type=0, sequence=frame & 0xFFFF, timestamp=stamp, ssrc=place)
        self.trunk.transport.sendto(datagram, ("127.0.0.1", self.ports[place]))


class Window:
    """One stretch of talking."""

    def __init__(
        self, *, share: float, calls: int, up: float, down: float, delays_ms: list[float]
    ) -> None:
        self.share = share  # of a core
        self.per_call = share / calls
        self.up, self.down = up, down  # shares of the packets that arrived
        self.delays_ms = delays_ms
