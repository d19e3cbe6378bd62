"""Desk, gateway and carrier of `benchmarks.sip`, and what so many attempts come to.

The gateway has core 0, everything else core 1. The desk orders calls by a mix and checks the end of
each; it keeps none of the events.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import orjson

from benchmarks.sip_peer import Answer, Carrier
from softphone.protocol import (
    CallAnswered,
    CallEnded,
    CallNotPlaced,
    CallScreened,
    CommandReply,
    EventEnvelope,
    HangUp,
    PlaceCall,
    TrunkShare,
)
from tests.fakes.desk_server import FakeDesk
from tests.softphone.gateway_process import ROOT, GatewayProcess, place_call
from tests.waiting import await_until

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
DEFAULT_PORTS = "40000-40999"
MANY_PORTS = "20000-29999"
MADE_UP_S = 0.05
RING_S = 2.0
# A 200 that is lost again and again: eight are sent in this time, so that one call in 400,000 of
# its kind hears none (with two of five lost it was one in 1,500, and SIPp gave that call up).
LOST_200_S = 20.0
# A call that is cancelled and whose INVITE nobody answers any more ends after 64·T1.
END_WITHIN_S = LOST_200_S + 40.0
LONG_RING_S = 100.0
MIX = {
    Answer.TALK: 22,
    Answer.LEAVES: 5,
    Answer.LOST_200: 3,
    Answer.BUSY: 15,
    Answer.NO_ANSWER: 40,
    Answer.UNKNOWN: 12,
    Answer.FAILED: 3,
}
# How a call must end: answered, and the code of the refusal.
WANTED = {
    Answer.TALK: (True, None),
    Answer.LEAVES: (True, None),
    Answer.LOST_200: (True, None),
    Answer.BUSY: (False, 486),
    Answer.NO_ANSWER: (False, 487),
    Answer.UNKNOWN: (False, 404),
    Answer.FAILED: (False, 503),
}


class HangingUpDesk(FakeDesk):
    """Ends every call as soon as it is offered; keeps of events what is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.shares = (TrunkShare("trunk1", 5000, 1000.0),)
        self.open: dict[str, Answer] = {}
        self.ordered: dict[str, float] = {}
        self.answer_delays: list[float] = []
        self.ended: Counter[Answer] = Counter()
        self.wrong: list[str] = []
        self.not_placed: Counter[str] = Counter()
        self._last = 0
        self._tasks_of_orders: set[asyncio.Task[CommandReply]] = set()

    def order(self, answer: Answer, n: int, *, ring_s: float) -> None:
        """One `PlaceCall`; its reply is awaited by nobody."""
        call_id = f"{random.getrandbits(128):032x}"
        number = f"+81900{n % 1000000:06}{answer.value}"
        self.open[call_id] = answer
        self.ordered[call_id] = asyncio.get_running_loop().time()
        self._send(place_call(call_id, number, desk=self, ring_limit_s=ring_s), call_id)

    def _send(self, command: PlaceCall | HangUp, call_id: str) -> None:
        task = asyncio.ensure_future(self.send(command))
        self._tasks_of_orders.add(task)
        placed = isinstance(command, PlaceCall)
        task.add_done_callback(lambda done: self._replied(done, call_id, placed=placed))

    def _replied(self, task: asyncio.Task[CommandReply], call_id: str, *, placed: bool) -> None:
        self._tasks_of_orders.discard(task)
        if task.cancelled() or task.exception() is not None:
            self.wrong.append(f"{call_id}: no reply")
        elif placed and (refusal := task.result().refusal) is not None:
            self.not_placed[refusal.error_id] += 1
            self.open.pop(call_id, None)

    def _store(self, envelope: EventEnvelope) -> None:
        if envelope.seq != self._last + 1:
            self.gaps.append(envelope.seq)
            return
        self._last = envelope.seq
        event = envelope.event
        if isinstance(event, CallAnswered):
            self._note_answer(event.call_id)
        elif isinstance(event, CallScreened) and self.open.get(event.call_id) != Answer.LEAVES:
            self._send(HangUp(event.call_id, "measured"), event.call_id)
        elif isinstance(event, CallEnded):
            self._note_end(event)
        elif isinstance(event, CallNotPlaced):
            self.not_placed[event.refusal.error_id] += 1
            self.open.pop(event.call_id, None)

    def _note_answer(self, call_id: str) -> None:
        if self.open.get(call_id) in (Answer.TALK, Answer.LEAVES):
            delay = asyncio.get_running_loop().time() - self.ordered[call_id]
            self.answer_delays.append(delay * 1000)

    def _note_end(self, event: CallEnded) -> None:
        answer = self.open.pop(event.call_id, None)
        self.ordered.pop(event.call_id, None)
        if answer is None:
            self.wrong.append(f"{event.call_id}: ended twice")
        elif (event.answered, event.sip_code) != WANTED[answer]:
            self.wrong.append(f"{answer.name}: {event}")
        else:
            self.ended[answer] += 1

    def _last_stored(self, boot_id: str) -> int:
        return self._last


class MeasuredGateway(GatewayProcess):
    """The gateway that tells what it holds (`sip_gateway.py`), on a core of its own."""

    def start(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._held = self.data_dir / "held.json"
        with open(self.log_path, "ab") as output, on_core(0):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.sip_gateway"],
                cwd=ROOT,
                env={**self._environ, "HELD_FILE": str(self._held)},
                stdout=output,
                stderr=output,
            )

    async def held(self) -> dict[str, int]:
        """Ask it, and wait for the answer."""
        self._held.unlink(missing_ok=True)
        os.kill(self.pid, signal.SIGUSR1)
        await await_until(self._held.exists, within_s=30, what="what the gateway holds")
        held: dict[str, int] = orjson.loads(self._held.read_bytes())
        return held

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS_PER_SECOND


class on_core:
    """Whatever is started inside runs there."""

    def __init__(self, core: int) -> None:
        self._core = core

    def __enter__(self) -> None:
        self._before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self._core})

    def __exit__(self, *fault: object) -> None:
        os.sched_setaffinity(0, self._before)


@dataclass(frozen=True)
class Figure:
    """What so many attempts came to."""

    attempts: int
    rate: float
    wrong: int
    not_placed: int
    missing: int
    cpu_ms: float
    core_share: float
    lag_ms: float
    delays_ms: list[float]

    def __str__(self) -> str:
        held = not (self.wrong or self.not_placed or self.missing)
        p95 = quantiles(self.delays_ms, n=20)[-1] if len(self.delays_ms) > 20 else 0.0
        middle = median(self.delays_ms) if self.delays_ms else 0.0
        return (
            f"{self.rate:5.0f}/s: {self.attempts} attempts, {self.wrong} wrong, "
            f"{self.not_placed} not placed, {self.missing} missing; {self.cpu_ms:.2f} ms CPU an "
            f"attempt, {self.core_share:.0%} of a core, loop lag ≤ {self.lag_ms:.0f} ms; order → "
            f"answered event of {len(self.delays_ms)} calls p50 {middle:.1f} p95 {p95:.1f} ms"
            f"{'' if held else '   NOT HELD'}"
        )


class Stand:
    """Desk, carrier and gateway, started and stopped together."""

    def __init__(self, folder: Path, *, rtp_ports: str = DEFAULT_PORTS) -> None:
        self.desk = HangingUpDesk()
        self.carrier = Carrier(folder)
        self._folder, self._rtp_ports = folder, rtp_ports
        self._rng = random.Random(1)
        self._placed = 0

    async def __aenter__(self) -> Stand:
        os.sched_setaffinity(0, {1})
        await self.desk.start()
        await self.carrier.start()
        self.gateway = MeasuredGateway(
            self._folder, self.desk, sip_port=self.carrier.port, rtp_ports=self._rtp_ports
        )
        self.gateway.start()
        await self.desk.linked(within_s=30)
        return self

    async def __aexit__(self, *fault: object) -> None:
        self.gateway.end()
        await self.carrier.stop()
        await self.desk.stop()

    async def place(
        self, attempts: int, rate: float, *, kinds: dict[Answer, int], ring_s: float = RING_S
    ) -> None:
        """So many orders, evenly, drawn by weight. A stall of this process is not made up for:
        the burst after it would be no rate any more."""
        loop = asyncio.get_running_loop()
        chosen, weights = list(kinds), list(kinds.values())
        due = loop.time()
        for _ in range(attempts):
            await asyncio.sleep(max(0.0, due - loop.time()))
            due = max(due, loop.time() - MADE_UP_S) + 1 / rate
            self._placed += 1
            answer = self._rng.choices(chosen, weights)[0]
            patience_s = LOST_200_S if answer is Answer.LOST_200 else ring_s
            self.desk.order(answer, self._placed, ring_s=patience_s)

    async def ended(self, *, but: int = 0) -> None:
        """Until no call is open, or only so many; what is missing then is told by the figure."""
        with contextlib.suppress(AssertionError):
            await await_until(lambda: len(self.desk.open) <= but, within_s=END_WITHIN_S)

    async def measure(self, attempts: int, rate: float, *, beside: int = 0) -> Figure:
        """The mix at a rate, `beside` so many calls that live."""
        desk, loop = self.desk, asyncio.get_running_loop()
        wrong, refused = len(desk.wrong), desk.not_placed.total()
        desk.answer_delays.clear()
        desk.liveness.clear()
        began, used = loop.time(), self.gateway.cpu_seconds()
        await self.place(attempts, rate, kinds=MIX)
        took = loop.time() - began
        await self.ended(but=beside)
        cpu = self.gateway.cpu_seconds() - used
        return Figure(
            attempts=attempts,
            rate=attempts / took,
            wrong=len(desk.wrong) - wrong,
            not_placed=desk.not_placed.total() - refused,
            missing=len(desk.open) - beside,
            cpu_ms=cpu / attempts * 1000,
            core_share=cpu / (loop.time() - began),
            lag_ms=max((each.loop_lag_ms for each in desk.liveness), default=0.0),
            delays_ms=list(desk.answer_delays),
        )
