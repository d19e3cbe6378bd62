"""Faults of networks, pages, microphones and trunks, measured against what is promised.

    python -m benchmarks.faults                   # few rounds of each, some minutes
    python -m benchmarks.faults --full            # or: make soak FAULTS=1 (about half an hour)
    python -m benchmarks.faults --only F07 F16

Each fault is brought about by the functions of `tests/chaos`, through relays in user space; those
of single seats at the same time, each on seats of its own. What does not come to pass at all is an
error and named; what came late is `no` in the last column. Rows are added to benchmarks/soak.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.soak import ROOT, TABLE, commit, with_row
from tests.chaos import faults
from tests.chaos.floor import Floor, Operator, picks_up
from tests.chaos.instants import Hasty
from tests.chaos.network import CLEAR, Weather
from tests.chaos.reloads import reload_rounds
from tests.chaos.starvation import busy_core
from tests.chaos.trunk_failure import failing_trunk, flapping_trunk, silent_trunk

SEED = 20301126
HEADING = "# Faults"
HEAD = f"""
{HEADING}

Faults brought about and measured (`make soak FAULTS=1`, see `benchmarks/faults.py`); seconds unless
it says otherwise. A row per figure and run.

| date (UTC) | commit | fault | what | n | p50 | p95 | worst | promised | ok |
|---|---|---|---|---|---|---|---|---|---|
"""
ROUGH_SIP = Weather(duplicated=0.3, reordered=0.3, delay_s=0.01, jitter_s=0.01)


@dataclass(frozen=True)
class Limit:
    """What is promised of one figure; `p95`: of the 95th percentile instead of the worst."""

    most: float
    p95: bool = False
    least: float = float("-inf")


@dataclass
class Row:
    """Samples of one figure of one fault."""

    fault: str
    what: str
    limit: Limit
    samples: list[float] = field(default_factory=list)
    error: str = ""

    @property
    def ok(self) -> bool:
        if self.error or not self.samples:
            return False
        judged = self._at(0.95) if self.limit.p95 else max(self.samples)
        return judged <= self.limit.most and min(self.samples) >= self.limit.least

    def _at(self, share: float) -> float:
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def __str__(self) -> str:
        if self.error:
            return f"| {self.fault} | {self.what} | {self.error} |||| | no |"
        figures = (self._at(0.5), self._at(0.95), max(self.samples))
        measured = " | ".join(f"{figure:.2f}" for figure in figures)
        promised = f"{'p95 ' if self.limit.p95 else ''}≤ {self.limit.most:g}"
        if self.limit.most == float("inf"):
            promised = "reported"
        ok = "yes" if self.ok else "no"
        name = f"| {self.fault} | {self.what} | {len(self.samples)} "
        return f"{name}| {measured} | {promised} | {ok} |"


REPORTED = Limit(float("inf"))
SEATS: dict[str, tuple[str, Callable[[Floor, Operator], Awaitable[faults.Figures]], dict]] = {
    **{
        f"F06 {length} s": (
            "F06",
            partial(faults.partition, lasts_s=float(length)),
            {"back": Limit(3.0), "lagged": Limit(float(length > 30), least=float(length > 35))},
        )
        for length in (5, 15, 60)
    },
    "F07 voice lost": (
        "F07",
        faults.one_way_audio,
        {"known": Limit(1.0), "treated": Limit(3.0), "resumed": Limit(1.0)},
    ),
    "F07 operator deaf": (
        "F07",
        faults.deaf_operator,
        {"known": Limit(2.0), "resumed": Limit(1.0)},
    ),
    "F07 seat lost": ("F07", faults.lost_seat, {"ended": Limit(20.0), "back": Limit(3.0)}),
    "F12 no microphone": ("F12", faults.lost_microphone, {"back": Limit(3.0)}),
}
# The longest take turns on several seats; every other kind has one.
LANES = {"F06 60 s": 4, "F06 15 s": 2, "F07 seat lost": 2, "F12 no microphone": 2}


@dataclass(frozen=True)
class Counts:
    """How often each fault is brought about."""

    rounds: int
    bad_network_s: float
    starved_s: float
    hang_ups: int
    reloads: int
    reconnects: int


FEW = Counts(rounds=3, bad_network_s=20.0, starved_s=10.0, hang_ups=60, reloads=5, reconnects=1)
FULL = Counts(
    rounds=20, bad_network_s=600.0, starved_s=60.0, hang_ups=1000, reloads=100, reconnects=5
)


@contextlib.asynccontextmanager
async def floor(
    *, operators: int, customers: int, turn: asyncio.Lock | None = None, **campaign: Any
) -> AsyncIterator[Floor]:
    """A product with its people. `turn`: floors that share it are opened one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        made = Floor(Path(folder), seed=SEED)
        try:
            async with turn or contextlib.nullcontext():
                await made.open(operators=operators, customers=customers, **campaign)
            yield made
            print((await made.audit()).strip(), flush=True)
        finally:
            await made.close()


async def seats(counts: Counts, wanted: Sequence[str]) -> list[Row]:
    """F06, F07, F12 and F08, each on seats of its own."""
    names = [name for name, (fault, _, _) in SEATS.items() if fault in wanted]
    lanes = [name for name in names for _ in range(min(counts.rounds, LANES.get(name, 1)))]
    async with floor(operators=len(lanes) + 1, customers=60 * counts.rounds + 60) as here:
        *operators, other = here.operators.values()
        beside = [_bad_network(here, other, counts.bad_network_s)] if "F08" in wanted else []
        shares = [
            _rounds(here, operator, name, -(-counts.rounds // lanes.count(name)))
            for operator, name in zip(operators, lanes, strict=True)
        ]
        measured = await asyncio.gather(*shares, *beside)
    rows: dict[tuple[str, str], Row] = {}
    for row in (row for share in measured for row in share):
        one = rows.setdefault((row.fault, row.what), row)
        if one is not row:
            one.samples += row.samples
            one.error = one.error or row.error
    return tell(list(rows.values()))


async def _rounds(here: Floor, operator: Operator, name: str, rounds: int) -> list[Row]:
    """So many rounds of one fault on one seat; the first that does not come right is the last."""
    _, bring, limits = SEATS[name]
    rows = {what: Row(name, what, limit) for what, limit in limits.items()}
    for _ in range(rounds):
        try:
            figures = await bring(here, operator)
        except AssertionError as failed:
            _blame(rows.values(), failed)
            break
        for what, row in rows.items():
            row.samples.append(figures[what])
    return list(rows.values())


async def _bad_network(here: Floor, operator: Operator, lasts_s: float) -> list[Row]:
    limits = {"shown": Limit(5.0), "mos": REPORTED, "loss": REPORTED, "gap": REPORTED}
    rows = [Row("F08 5 %, 60±20 ms", what, limit) for what, limit in limits.items()]
    try:
        figures = await faults.bad_network(here, operator, lasts_s=lasts_s)
    except AssertionError as failed:
        figures = {}
        _blame(rows, failed)
    for row in rows:
        row.samples += [figures[row.what]] if row.what in figures else []
    return rows


async def hang_ups(counts: Counts) -> list[Row]:
    """F16, on SIP that doubles and overtakes (F18)."""
    dead = Row("F16 + F18 on the wire", "seat talks on", Limit(1.0))
    wrong = Row("F16 + F18 on the wire", "wrong outcomes (count)", Limit(0.0))
    async with floor(operators=6, customers=2 * counts.hang_ups + 50) as here:
        here.sip.up = here.sip.down = ROUGH_SIP
        gone = await Hasty(here, count=counts.hang_ups).play()
        here.sip.up = here.sip.down = CLEAR
        dead.samples = [each.dead_air_s for each in gone]
        wrong.samples = [float(sum(each.wrong is not None for each in gone))]
    return tell([dead, wrong])


async def trunks(counts: Counts) -> list[Row]:
    """F27: 503, 408, silence, two calls of three; each on a floor of its own, for rests grow."""
    kinds: dict[str, Callable[[Floor], Awaitable[faults.Figures]]] = {
        "503": partial(failing_trunk, code=503, recovers=True),
        "408": partial(failing_trunk, code=408, recovers=True),
        "no answer": silent_trunk,
        "flapping": partial(flapping_trunk, talks=counts.rounds),
    }
    turn = asyncio.Lock()
    measured = await asyncio.gather(*(_trunk(kind, bring, turn) for kind, bring in kinds.items()))
    return tell([row for rows in measured for row in rows])


async def _trunk(
    kind: str, bring: Callable[[Floor], Awaitable[faults.Figures]], turn: asyncio.Lock
) -> list[Row]:
    # Calls already on their way when the fifth failure is heard of are refused as well.
    limits = {"refused": Limit(5.0 + 3), "burnt": Limit(0.0), "back": Limit(60.0)}
    if kind == "flapping":
        limits = {"refused": REPORTED, "burnt": Limit(0.0)}
    rows = [Row(f"F27 {kind}", what, limit) for what, limit in limits.items()]
    async with floor(operators=3, customers=400, turn=turn) as here:
        try:
            figures = await bring(here)
        except AssertionError as failed:
            _blame(rows, failed)
            return rows
        for row in rows:
            row.samples.append(figures[row.what])
        here.customer = picks_up
        for operator in here.operators.values():
            if operator.seat_state == "talking":
                await operator.finish()
    return rows


async def starved(counts: Counts) -> list[Row]:
    """F26: the processor; see tests/softphone/gateway/test_starvation.py for descriptors."""
    limits = {"lost": Limit(0.01), "gap": REPORTED, "seat": Limit(5.0)}
    rows = [Row("F26 busy core", what, limit) for what, limit in limits.items()]
    with tempfile.TemporaryDirectory() as folder:
        try:
            figures = await busy_core(Path(folder), lasts_s=counts.starved_s)
        except AssertionError as failed:
            _blame(rows, failed)
            return tell(rows)
    for row in rows:
        row.samples.append(figures[row.what])
    return tell(rows)


async def reloads(counts: Counts) -> list[Row]:
    """F09, in Chromium."""
    row = Row("F09 reload", "customer heard again", Limit(3.0, p95=True))
    with tempfile.TemporaryDirectory() as folder:
        try:
            row.samples = await asyncio.to_thread(
                reload_rounds, Path(folder), rounds=counts.reloads
            )
        except AssertionError as failed:
            _blame([row], failed)
    return tell([row])


async def herd(counts: Counts) -> list[Row]:
    """F41: see benchmarks/reconnect.py."""
    command = [sys.executable, "-m", "benchmarks.reconnect", "--rounds", str(counts.reconnects)]
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    told, _ = await child.communicate()
    found = re.findall(r"^\| 300 \| [\d.]+ \| ([\d.]+) \| (\d+) \|", told.decode(), re.MULTILINE)
    back = Row("F41 300 pages", "all back", Limit(10.0), [float(took) for took, _ in found])
    missing = Row("F41 300 pages", "not back (count)", Limit(0.0), [float(n) for _, n in found])
    return tell([back, missing])


def _blame(rows: Iterable[Row], fault: AssertionError) -> None:
    for row in rows:
        row.error = str(fault)[:200].replace("\n", " ").replace("|", "/")


def tell(rows: list[Row]) -> list[Row]:
    for row in rows:
        print(row, flush=True)
    return rows


def record(rows: Sequence[Row]) -> None:
    """Add the rows to the table in the tree."""
    text = TABLE.read_text("utf-8")
    if f"{HEADING}\n" not in text:
        text = text.rstrip("\n") + "\n" + HEAD
    date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    for row in rows:
        text = with_row(text, f"| {date} | {commit()} {row}\n", heading=HEADING)
    TABLE.write_text(text, "utf-8")


async def run(counts: Counts, wanted: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    if {"F06", "F07", "F08", "F12"} & set(wanted):
        rows += await seats(counts, wanted)
    parts = {"F16": hang_ups, "F26": starved, "F27": trunks, "F09": reloads, "F41": herd}
    for fault, measure in parts.items():
        if fault in wanted:
            rows += await measure(counts)
    return rows


def main() -> None:
    everything = ["F06", "F07", "F08", "F09", "F12", "F16", "F26", "F27", "F41"]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="as often as promised")
    parser.add_argument("--only", nargs="+", choices=everything, default=everything)
    options = parser.parse_args()
    began = time.monotonic()
    print("| fault | what | n | p50 | p95 | worst | promised | ok |")
    print("|---|---|---|---|---|---|---|---|")
    rows = asyncio.run(run(FULL if options.full else FEW, options.only))
    record(rows)
    print(f"{(time.monotonic() - began) / 60:.1f} min")
    raise SystemExit(0 if all(row.ok for row in rows) else 1)


if __name__ == "__main__":
    main()
