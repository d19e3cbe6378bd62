"""A shift of many seats for hours: does memory grow, does anything get stuck?

    python -m benchmarks.long_shift --hours 1 --seats 50     # or: make soak HOURS=1

Real processes of the product (desk, gateway, practice carrier), real SIP and RTP, and WebRTC
clients of our own that work as operators do: they take calls, press statuses, talk, hang up, save.
Twice a minute the resident memory of every process is read. At the end everybody goes home, and
nothing may be left: no dialog at the carrier, no open attempt, no line in use, and
`python -m agent_desk audit` must agree with the rows.

Memory is judged after a warm-up: the straight line through the medians of each minute, in per cent
of the mean an hour, with the interval in which the slope lies with 95 % probability. The warm-up is
the first quarter of the time, twenty minutes at most (the gateway keeps ended calls for fifteen,
so that long it must grow). Of two hours and more the slope from the sixtieth minute on is told
beside it, and judged: what fills up (the allocator's arenas, pools, the day's own figures) has done
so by then, while a leak goes on. A row for each run, with both, goes to benchmarks/soak.md.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import shutil
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.soak import ROOT, TABLE, commit, with_row
from softphone.audio.ticker import Ticker
from tests.acceptance.kill_rounds import MORNING
from tests.acceptance.proofs import Proofs
from tests.acceptance.shift import Pace, Shift
from tests.operator_client import OperatorClient
from tests.population import numbers, populate, usernames
from tests.product import Product
from tests.waiting import await_until

HEADING = "## Long shifts"
HEAD = f"""

{HEADING}

Many seats for hours (`make soak HOURS=…`, see `benchmarks/long_shift.py`). Memory: slope in per
cent an hour after the warm-up, with its 95 % interval.

| date (UTC) | commit | hours run | seats | bridged | attempts | memory: desk | gateway | carrier \
| stuck | audit | load |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""
SAMPLE_S = 30.0
WARM_S = 1200.0
FILLED_S, LONG_S = 3600.0, 7200.0
MOST_AN_HOUR = 1.0  # per cent, the interval included
# Longer than any talk, wrap-up or pause of these operators.
STUCK_S = 150.0
PACE = Pace(talk_s=(10.0, 40.0), wrap_up_s=(2.0, 15.0))
# People who hum for ever (9300-9899: their tone), who hang up by themselves, busy, no answer.
ENDINGS = (
    *(str(ending) for ending in range(9310, 9890, 20)),
    *("9202", "9203", "9205", "9009", "9001", "9002", "9906", "9102", "9105"),
)
# Student's t for 95 %, by degrees of freedom; above 30 the normal's.
_T95 = {1: 12.7, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 7: 2.36, 10: 2.23, 15: 2.13, 20: 2.09}


@dataclass
class Memory:
    """What one process held over time: (seconds since the start, kB)."""

    samples: list[tuple[float, int]] = field(default_factory=list)

    def slope(self, after_s: float) -> tuple[float, float]:
        """Growth in per cent of the mean an hour, and half of its 95 % interval."""
        minutes: dict[int, list[int]] = defaultdict(list)
        for at, held in self.samples:
            if at >= after_s:
                minutes[int(at // 60)].append(held)
        points = [(minute / 60, statistics.median(held)) for minute, held in minutes.items()]
        if len(points) < 3:
            return math.nan, math.inf
        return line(points)


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Least squares: the slope and half of its 95 % interval, in per cent of the mean."""
    count = len(points)
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
    error = math.sqrt(rest / (count - 2) / spread)
    freedom = max((known for known in _T95 if known <= count - 2), default=1)
    times = 1.96 if count - 2 > 30 else _T95[freedom]
    return 100 * slope / mean_y, 100 * times * error / mean_y


class LongShift:
    """One product, its operators, and what is read of them."""

    def __init__(self, folder: Path, *, seats: int, seed: int) -> None:
        self.product = Product(folder, keep_heard=False)
        self.memory: dict[str, Memory] = defaultdict(Memory)
        self.stuck: list[str] = []
        self._seats = seats
        self._rng = random.Random(seed)
        self._shifts: list[Shift] = []
        self._since: dict[str, tuple[str, float]] = {}

    async def open(self, *, hours: float) -> None:
        """Everything up, everybody at work."""
        product = self.product
        await asyncio.to_thread(product.run, "migrate")
        product.set_clock(MORNING)
        customers = min(1000 * len(ENDINGS), round(self._seats * 300 * max(hours, 0.2)))
        populate(
            product.environ,
            operators=self._seats,
            customers=list(numbers(ENDINGS, customers)),
            now=product.now(),
            screening="strict",
            ring_limit_s=15,
            daily_cap=2,
        )
        self.proofs = Proofs(product)
        await asyncio.to_thread(product.start_all)
        ticker = Ticker()
        for username in usernames(self._seats):
            client = OperatorClient(product.url, username, ticker=ticker)
            rng = random.Random(self._rng.random())
            self._shifts.append(Shift(product, client, rng, pace=PACE))
        await asyncio.gather(*(shift.begin() for shift in self._shifts))

    async def work(self, seconds: float) -> float:
        """Watch until the time is over; the seconds that were really worked."""
        began = time.monotonic()
        while (worked := time.monotonic() - began) < seconds:
            for part, process in self.product.processes.items():
                assert process.poll() is None, f"{part} died\n{self.product.logs()}"
                self.memory[part].samples.append((worked, resident_kb(process.pid)))
            for shift in self._shifts:
                shift.check()
                self._look(shift)
            await asyncio.sleep(min(SAMPLE_S, seconds - worked))  # pace: twice a minute
        return worked

    def _look(self, shift: Shift) -> None:
        """A seat that has done the same for too long; waiting for a customer is no fault."""
        client = shift.client
        doing = f"{client.seat_state} {client.call_id}"
        now = time.monotonic()
        known, since = self._since.get(client.username, ("", now))
        if doing != known:
            self._since[client.username] = (doing, now)
        elif now - since > STUCK_S and client.seat_state != "available":
            self.stuck.append(f"{client.username}: {doing} for {now - since:.0f} s")
            self._since[client.username] = (doing, now)

    async def go_home(self) -> list[str]:
        """Everybody finishes; what is left that should not be."""
        for shift in self._shifts:
            shift.leave()
        left = []
        for done in await asyncio.gather(*(s.left() for s in self._shifts), return_exceptions=True):
            if done is not None:
                left.append(f"an operator cannot leave: {done!r}")
        checks = {
            "dialogs at the carrier": lambda: len(self.proofs.carrier.live()),
            "open attempts": lambda: self._count("SELECT count(*) FROM attempts WHERE open"),
            "live calls": lambda: self._count("SELECT count(*) FROM calls WHERE live"),
        }
        for what, count in checks.items():
            try:
                await await_until(lambda count=count: count() == 0, within_s=60)
            except AssertionError:
                left.append(f"{count()} {what}")
        return left

    def _count(self, sql: str) -> int:
        return int(self.product.query(sql)[0][0])

    @property
    def figures(self) -> tuple[int, int]:
        """Calls bridged and attempts made."""
        bridged = "SELECT count(*) FROM calls WHERE bridged_at IS NOT NULL"
        return self._count(bridged), self._count("SELECT count(*) FROM attempts")

    def write_memory(self, path: Path) -> None:
        """Every sample, so that what grows can be told from what fills up once."""
        lines = ["part,seconds,kilobytes"]
        for part, memory in self.memory.items():
            lines += [f"{part},{at:.0f},{held}" for at, held in memory.samples]
        path.write_text("\n".join(lines) + "\n", "utf-8")

    async def audit(self) -> bool:
        """Whether the rows hold every invariant."""
        done = await asyncio.to_thread(self.product.run, "audit", check=False)
        if done.returncode != 0:
            print(done.stdout, done.stderr, flush=True)
        return done.returncode == 0

    async def close(self) -> None:
        await asyncio.gather(*(shift.close() for shift in self._shifts), return_exceptions=True)
        await asyncio.to_thread(self.product.stop_all)


def resident_kb(pid: int) -> int:
    """VmRSS of a process."""
    for text in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if text.startswith("VmRSS:"):
            return int(text.split()[1])
    raise ProcessLookupError(pid)


async def run(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    shutil.rmtree(folder, ignore_errors=True)
    shift = LongShift(folder, seats=options.seats, seed=options.seed)
    seconds = options.hours * 3600
    try:
        await shift.open(hours=options.hours)
        worked = await shift.work(seconds)
        left = await shift.go_home()
        sound = await shift.audit()
        bridged, attempts = shift.figures
    finally:
        await shift.close()
    shift.write_memory(folder / "memory.csv")
    warm_s = min(WARM_S, seconds / 4)
    early = {part: memory.slope(warm_s) for part, memory in shift.memory.items()}
    slopes = early
    if seconds >= LONG_S:
        slopes = {part: memory.slope(FILLED_S) for part, memory in shift.memory.items()}
    for part, (slope, half) in slopes.items():
        held = shift.memory[part].samples
        verdict = "ok" if slope + half < MOST_AN_HOUR else "grows, or not shown to stand"
        growth = f"{slope:+.2f} ± {half:.2f} % an hour: {verdict}"
        print(f"{part}: {held[0][1]} → {held[-1][1]} kB, {growth}")
    for fault in (*shift.stuck, *left):
        print(f"stuck: {fault}")
    grown = [told(early[part], slopes[part]) for part in ("desk", "gateway", "carrier")]
    stuck = len(shift.stuck) + len(left)
    row = (
        f"| {datetime.now(UTC):%Y-%m-%d %H:%M} | {commit()} | {worked / 3600:.2f} "
        f"| {options.seats} | {bridged} | {attempts} | {' | '.join(grown)} | {stuck} "
        f"| {'sound' if sound else 'violations'} | {os.getloadavg()[1]:.1f} |\n"
    )
    print(row, end="")
    record(row)
    stands = all(slope + half < MOST_AN_HOUR for slope, half in slopes.values())
    return 0 if sound and stands and not stuck else 1


def told(early: tuple[float, float], late: tuple[float, float]) -> str:
    """A slope as the table has it: after the warm-up and, of a long run, from the first hour on."""
    text = f"{early[0]:+.2f} ± {early[1]:.2f}"
    return text if late is early else f"{text}; from 60 min {late[0]:+.2f} ± {late[1]:.2f}"


def record(row: str) -> None:
    """Add the row to the table of long shifts in benchmarks/soak.md."""
    text = TABLE.read_text("utf-8")
    if HEADING not in text:
        before, separator, failures = text.partition("\n## Failures\n")
        text = before.rstrip("\n") + HEAD + separator + failures
    TABLE.write_text(with_row(text, row, heading=HEADING), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--seats", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20301126)
    parser.add_argument("--folder", type=Path, default=ROOT / "data" / "long_shift")
    raise SystemExit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
