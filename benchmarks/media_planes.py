"""The process that `benchmarks.media` measures: one media plane, pinned to a core, told what to do.

    python -m benchmarks.media_planes <plane> <core>      # commands come on standard input

Commands and replies are lines of JSON, matched by `id`; commands are carried out at the same time.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.naive_relay import NaiveRelay
from softphone.audio.prompts import load_sounds
from softphone.audio.ticker import Ticker
from softphone.background import Background
from softphone.bridge import Bridge
from softphone.customer.audio_terms import AudioForm
from softphone.customer.line import CustomerLine, MediaRoom
from softphone.health import collector
from softphone.health.quality import SeatQuality, TrunkQuality
from softphone.health.threads import yield_to_loop
from softphone.media_plane import PLANES, PlaneName
from softphone.recording.recorder import Recorder
from softphone.rtp.packet import parse
from softphone.rtp.ports import PortPool
from softphone.seats import Seat, StandingLeg
from softphone.sip.messages.sdp import offer_audio, read_audio
from softphone.webrtc.leg import WebRtcSettings

HOST = "127.0.0.1"
LAG_PERIOD_S = 0.005


class OurPlane:
    """The gateway's own legs, lines and bridges; with `recorded`, its recorder and figures too."""

    def __init__(self, name: PlaneName, *, recorded: bool = False) -> None:
        loop = asyncio.get_running_loop()
        ports = PortPool()
        self.plane = PLANES[name](WebRtcSettings(udp_ports=ports, include_loopback=True))
        self.room = MediaRoom(ports, Ticker(), load_sounds(), Background())
        self.legs: list[StandingLeg] = []
        self.seats: list[Seat] = []
        self.calls: list[SimpleNamespace] = []
        self.recorder: Recorder | None = None
        if recorded:
            folder = Path(tempfile.mkdtemp(prefix="recordings-"))
            self.recorder = Recorder(
                directory=folder,
                notes=folder / "notes",
                keys=(bytes(32),),
                report=lambda event: None,
                business_now=lambda: datetime.now(UTC),
            )
            self.recorder.start()
            self.qualities = SeatQuality(loop.time), TrunkQuality()
            loop.call_later(1.0, self._measure)

    async def add(self, offer: str, trunk: int) -> dict[str, Any]:
        """A bridged call: the answer for the browser, the port for the trunk."""
        line, leg = await self._line(trunk), await self._leg(offer)
        leg.connected.add_done_callback(lambda _: self._join(line, leg))
        return {"answer": leg.answer_sdp, "port": _port(line)}

    async def add_leg(self, offer: str) -> dict[str, Any]:
        """A seat's leg without a call."""
        return {"answer": (await self._leg(offer)).answer_sdp}

    async def add_line(self, trunk: int) -> dict[str, Any]:
        """A customer without an operator, for `bridge`."""
        self.waiting = await self._line(trunk)
        return {"port": _port(self.waiting)}

    async def bridge(self, zip_tone: bool) -> dict[str, Any]:
        """Join the last leg and the waiting line."""
        self.bridged: Bridge = self.waiting.join(self.legs[-1])
        self.bridged.connect(zip_tone=zip_tone)
        return {}

    async def separate(self) -> dict[str, Any]:
        self.bridged.separate()
        return {}

    async def up(self) -> dict[str, Any]:
        """How many legs are connected."""
        return {"legs": sum(leg.connected.done() for leg in self.legs)}

    async def _leg(self, offer: str) -> StandingLeg:
        leg = await self.plane.answer(offer)
        self.legs.append(leg)
        return leg

    async def _line(self, trunk: int) -> CustomerLine:
        form = AudioForm(codecs=("PCMU",))
        line = await CustomerLine.open(self.room, host=HOST, form=form)
        line.connect(offer_audio(host=HOST, port=trunk, codecs=("PCMU",), session_id=1))
        return line

    def _join(self, line: CustomerLine, leg: StandingLeg) -> None:
        line.join(leg).connect(zip_tone=False)
        if self.recorder is not None:
            number = str(len(self.calls))
            self.recorder.record(number, line)
            seat = Seat(number, self.room.ticker)
            seat.leg = leg
            self.seats.append(seat)
            self.calls.append(SimpleNamespace(call_id=number, media=line.media))

    def _measure(self) -> None:
        seats, calls = self.qualities
        seats.measure(self.seats)
        calls.measure(self.calls)
        asyncio.get_running_loop().call_later(1.0, self._measure)


class Echo(asyncio.DatagramProtocol):
    """What asyncio and the kernel take for themselves: each datagram goes back as it came."""

    async def add(self, offer: str, trunk: int) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, 0))
        return {"port": transport.get_extra_info("sockname")[1], "trunk": trunk}

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        if parse(data) is not None:
            self.transport.sendto(data, address)


class Watch:
    """The worst lag of the loop since it was last asked."""

    def __init__(self) -> None:
        self.worst_s = 0.0
        self.on = False

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while self.on:
            due = loop.time() + LAG_PERIOD_S
            await asyncio.sleep(LAG_PERIOD_S)
            self.worst_s = max(self.worst_s, loop.time() - due)


class Server:
    """Carries out commands; see the module."""

    def __init__(self, plane: Any) -> None:
        self.plane = plane
        self.watch = Watch()
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 20)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            task = asyncio.create_task(self._carry_out(json.loads(line)))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _carry_out(self, command: dict[str, Any]) -> None:
        number, name = command.pop("id"), command.pop("do")
        does = getattr(self, name, None) or getattr(self.plane, name)
        try:
            reply = await does(**command)
        except Exception as fault:  # boundary: whoever gave the command is told
            reply = {"fault": repr(fault)}
        sys.stdout.write(json.dumps({"id": number, **reply}) + "\n")
        sys.stdout.flush()

    async def used(self) -> dict[str, Any]:
        """Processor time of this process so far, and its resident memory."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        pages = _resident_pages()
        return {
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "at": time.monotonic(),
            "rss_kb": pages * resource.getpagesize() / 1024,
        }

    async def watch_lag(self, on: bool) -> dict[str, Any]:
        """Begin, or end and tell the worst lag."""
        self.watch.on = on
        if on:
            self.watch.worst_s = 0.0
            self.running = asyncio.create_task(self.watch.run())
        return {"worst_ms": self.watch.worst_s * 1000}


def make_plane(name: str) -> Any:
    """A plane by the name the command line gives it."""
    if name == "echo":
        return Echo()
    if name in ("naive_pcmu", "naive_opus"):
        return NaiveRelay(codec="PCMU" if name == "naive_pcmu" else "opus")
    if name == "recorded":
        return OurPlane("direct", recorded=True)
    return OurPlane(name)  # type: ignore[arg-type]  # the command line's choices are these


def _resident_pages() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1])


def _port(line: CustomerLine) -> int:
    return read_audio(line.offer_sdp, ("PCMU",)).port


async def _serve(name: str) -> None:
    server = Server(make_plane(name))
    if isinstance(server.plane, OurPlane):  # as the gateway does when it starts
        yield_to_loop()
    collector.settle()
    await server.run()


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[2])})
    asyncio.run(_serve(sys.argv[1]))
