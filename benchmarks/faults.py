"""Faults of networks, pages, microphones and trunks, measured against what is promised.

    python -m benchmarks.faults                   # few rounds of each, some minutes
    python -m benchmarks.faults --full            # or: make soak FAULTS=1 (an hour and more)
    python -m benchmarks.faults --only F07 F16

Each fault is brought about by the functions of `tests/chaos`, through relays in user space. What
does not come to pass at all is an error and named; what came late is `no` in the last column. The
rows are added to benchmarks/soak.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.soak import ROOT, TABLE, commit, with_row
from tests.chaos import faults
from tests.chaos.floor import Floor, Operator, picks_up
from tests.chaos.instants import Hasty
from tests.chaos.network import CLEAR, Weather
from tests.chaos.reloads import reload_rounds
from tests.chaos.trunk_failure import failing_trunk

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
        {"known": Limit(2.0), "treated": Limit(3.0), "resumed": Limit(1.0)},
    ),
    "F07 operator deaf": (
        "F07",
        faults.deaf_operator,
        {"known": Limit(2.0), "resumed": Limit(1.0)},
    ),
    "F07 seat lost": ("F07", faults.lost_seat, {"ended": Limit(20.0), "back": Limit(3.0)}),
    "F12 no microphone": ("F12", faults.lost_microphone, {"back": Limit(3.0)}),
}


@dataclass(frozen=True)
class Counts:
    """How often each fault is brought about."""

    rounds: int
    bad_network_s: float
    hang_ups: int
    reloads: int
    reconnects: int


FEW = Counts(rounds=3, bad_network_s=20.0, hang_ups=60, reloads=5, reconnects=1)
FULL = Counts(rounds=20, bad_network_s=600.0, hang_ups=1000, reloads=100, reconnects=5)


@contextlib.asynccontextmanager
async def floor(*, operators: int, customers: int) -> AsyncIterator[Floor]:
    with tempfile.TemporaryDirectory() as folder:
        made = Floor(Path(folder), seed=SEED)
        try:
            await made.open(operators=operators, customers=customers)
            yield made
            print((await made.audit()).strip(), flush=True)
        finally:
            await made.close()


async def seats(counts: Counts, wanted: Sequence[str]) -> list[Row]:
    """F06, F07, F12, one seat at a time; F08 beside them, on a seat of its own."""
    rows: list[Row] = []
    async with floor(operators=2, customers=40 * counts.rounds + 20) as here:
        operator, other = here.operators.values()
        beside = None
        if "F08" in wanted:
            beside = asyncio.ensure_future(
                faults.bad_network(here, other, lasts_s=counts.bad_network_s)
            )
        for name, (fault, bring, limits) in SEATS.items():
            if fault in wanted:
                rows += await _rounds(here, operator, name, bring, limits, counts.rounds)
        if beside is not None:
            rows += await _bad_network(beside)
    return rows


async def _rounds(
    here: Floor,
    operator: Operator,
    name: str,
    bring: Callable[[Floor, Operator], Awaitable[faults.Figures]],
    limits: dict[str, Limit],
    rounds: int,
) -> list[Row]:
    rows = {what: Row(name, what, limit) for what, limit in limits.items()}
    for _ in range(rounds):
        try:
            figures = await bring(here, operator)
        except AssertionError as failed:
            for row in rows.values():
                row.error = str(failed)[:200].replace("\n", " ").replace("|", "/")
            return tell(list(rows.values()))
        for what, row in rows.items():
            row.samples.append(figures[what])
    return tell(list(rows.values()))


async def _bad_network(beside: asyncio.Future[faults.Figures]) -> list[Row]:
    limits = {"shown": Limit(5.0), "mos": REPORTED, "loss": REPORTED, "gap": REPORTED}
    rows = [Row("F08 5 %, 60±20 ms", what, limit) for what, limit in limits.items()]
    try:
        figures = await beside
    except AssertionError as failed:
        figures = {}
        for row in rows:
            row.error = str(failed)[:200].replace("\n", " ").replace("|", "/")
    for row in rows:
        row.samples += [figures[row.what]] if row.what in figures else []
    return tell(rows)


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
    """F27: 503 and 408, and back; every floor is a new one, for rests grow."""
    rows: list[Row] = []
    for code in (503, 408):
        async with floor(operators=3, customers=200) as here:
            figures = await failing_trunk(here, code=code, recovers=True)
            # Calls already on their way when the fifth failure is heard of are refused as well.
            limits = {"refused": Limit(5.0 + 3), "burnt": Limit(0.0), "back": Limit(60.0)}
            rows += [Row(f"F27 {code}", k, limit, [figures[k]]) for k, limit in limits.items()]
            here.customer = picks_up
            for operator in here.operators.values():
                if operator.seat_state == "talking":
                    await operator.finish()
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
            row.error = str(failed)[:200].replace("\n", " ").replace("|", "/")
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
    for fault, measure in (("F16", hang_ups), ("F27", trunks), ("F09", reloads), ("F41", herd)):
        if fault in wanted:
            rows += await measure(counts)
    return rows


def main() -> None:
    everything = ["F06", "F07", "F08", "F09", "F12", "F16", "F27", "F41"]
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
