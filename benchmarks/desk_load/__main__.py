"""How large a floor one desk carries: seats, viewers and a dialing gateway, until a limit breaks.

    python -m benchmarks.desk_load [--seats 1000] [--viewers 60] [--minutes 1] [--warm 70]
        [--database postgresql|sqlite] [--search] [--profile]

A desk process of its own on a database of its own (PostgreSQL waits for the disk at each commit).
A second process, behind it in priority, holds every seat's page and every viewer's, and a gateway
without audio that speaks the real wire: customers ring, are busy, do not answer, or talk, by a
fixed seed; operators mark, note, save. Screening is off: how long it listens is not what is
measured. Push lag is from the instant of a seat's move, as the desk wrote it, to a viewer that has
applied it; answer → record ends on the right operator's page. At the end everything comes to rest
and each viewer's picture, built from a snapshot and numbered updates, is compared with a fresh one.

`--search` doubles the seats (and with them all rates) until a limit breaks, then halves the
distance, and names the limit. `--profile` says where the desk's time went; figures of such a run
count for nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.__main__ import machine
from benchmarks.crowd import ROOT
from benchmarks.desk_load.figures import Outcome, percentile
from benchmarks.desk_load.generator import Order
from benchmarks.desk_load.plan import Plan
from benchmarks.desk_load.scene import Scene, machine_seconds, processor_seconds, scene
from benchmarks.imports import gaps
from benchmarks.table import percentiles
from config import DeskConfig

MOST_SEATS = 8_000
AS_NEAR_AS = 1.15  # a search ends when the two seat counts are this close
SHOWN = 25


async def measure(here: Scene, plan: Plan) -> Outcome:
    """One load from the first log-in to the last comparison."""
    secret = DeskConfig.from_environ(here.product.environ).gateway_secret
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.desk_load.generator"),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
        limit=1 << 28,
    )
    assert child.stdin is not None
    child.stdin.write(Order(here.product.url, secret, plan).line())
    try:
        come = await _phase(child, "come")
        progress(f"{plan.seats} seats and {plan.viewers} viewers came in {come['seconds']:.0f} s")
        begin = await _phase(child, "measuring")
        before, profile = _spent(here, child), _profile(here)
        end = await _phase(child, "measured")
        spent = [after - began for began, after in zip(before, _spent(here, child), strict=True)]
        megabytes = here.desk_mb()
        if here.profile.exists():
            print(told_of_profile(profile, _profile(here)))
        progress(f"measured; {begin['busy']} seats were busy, then {end['busy']}")
        told = await _phase(child, "done")
        await child.wait()
    finally:
        if child.returncode is None:
            child.terminate()
            await child.wait()
    desk, server, generator, worked, had = spent
    seconds = end["at"] - begin["at"]
    return Outcome(
        seats=plan.seats,
        seconds=seconds,
        **{name: told[name] for name in ("lags", "records", "presses", "loop_gaps")},
        **{name: told[name] for name in ("counts", "refused", "faults")},
        hub_gaps=[each / 1000 for each in gaps(here.gaps, begin["at"], end["at"])],
        desk_cores=desk / seconds,
        desk_mb=megabytes,
        server_cores=server / seconds,
        generator_cores=generator / seconds,
        machine_busy=worked / had,
    )


def _spent(here: Scene, child: Process) -> tuple[float, ...]:
    """Processor seconds so far: desk, PostgreSQL, generator, all cores worked, all cores had."""
    return (
        here.desk_cpu(),
        here.server_cpu(),
        processor_seconds(child.pid),
        *machine_seconds(),
    )


def _profile(here: Scene) -> dict[str, dict[str, int]]:
    """What the desk has counted so far, if it counts."""
    if not here.profile.exists():
        return {"own": {}, "within": {}}
    told: dict[str, dict[str, int]] = json.loads(here.profile.read_text("utf-8"))
    return told


async def _phase(child: Process, name: str) -> dict[str, Any]:
    """The generator's next word, which must be this one."""
    assert child.stdout is not None
    line = await child.stdout.readline()
    if not line:
        raise RuntimeError(f"the generator ended before `{name}`: {await child.wait()}")
    told: dict[str, Any] = json.loads(line)
    if told["phase"] != name:
        raise RuntimeError(f"the generator said {told['phase']}, not {name}")
    return told


def run(options: argparse.Namespace, seats: int) -> Outcome:
    """A fresh desk under one load."""
    plan = Plan(seats, options.viewers, options.warm, options.minutes * 60)
    progress(f"{machine()}; {seats} seats on {options.database}")
    with scene(plan, options.database, profiled=options.profile) as here:
        return asyncio.run(measure(here, plan))


def search(first: int, attempt: Callable[[int], Outcome]) -> list[Outcome]:
    """Double until a limit breaks, halve where the first attempt broke one; then close in."""
    tried = [attempt(first)]
    held, broke = (0, first) if tried[0].broken() else (first, 0)
    while (not broke and held < MOST_SEATS) or (not held and broke > 1):
        seats = held * 2 if held else broke // 2
        tried.append(attempt(seats))
        held, broke = (held, seats) if tried[-1].broken() else (seats, broke)
    while held and broke and broke / held > AS_NEAR_AS:
        seats = round(math.sqrt(held * broke))
        tried.append(attempt(seats))
        held, broke = (held, seats) if tried[-1].broken() else (seats, broke)
    return sorted(tried, key=lambda outcome: outcome.seats)


# --- what is shown ------------------------------------------------------------------------------


def told_of(outcome: Outcome) -> str:
    """One load as tables."""
    rows = [
        ("push lag", outcome.lags),
        ("answer → record", outcome.records),
        ("press → durable", outcome.presses),
        ("hub gap", outcome.hub_gaps),
        ("the generator's own gap", outcome.loop_gaps),
    ]
    lines = [
        "| what | samples | p50 ms | p95 ms | p99 ms | worst ms |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {what} | {percentiles([each * 1000 for each in samples], digits=1)} |"
        for what, samples in rows
        if samples
    ]
    counts = outcome.counts
    lines += [
        "",
        f"attempts {outcome.rate('attempts'):.1f}/s, answers {outcome.rate('answers'):.1f}/s,"
        f" bridges {outcome.rate('bridges'):.1f}/s, abandoned {counts.get('abandoned', 0)},"
        f" presses {outcome.rate('presses'):.1f}/s, beats {outcome.rate('beats'):.0f}/s, events of"
        f" gateways {outcome.rate('gateway events'):.0f}/s, updates to viewers"
        f" {outcome.rate('updates'):.0f}/s with {outcome.rate('tiles'):.0f} tiles/s",
        f"desk {outcome.desk_cores:.2f} cores, {outcome.desk_mb:.0f} MB; PostgreSQL"
        f" {outcome.server_cores:.2f} cores; generator {outcome.generator_cores:.2f} cores; machine"
        f" {outcome.machine_busy:.0%} of {os.cpu_count()} cores busy",
        f"refused: {outcome.refused or 'nothing'}; answered after a second:"
        f" {counts.get('late presses', 0)}; orders past their time:"
        f" {counts.get('orders past their time', 0)}; faults: {outcome.faults or 'none'}",
        "limits: " + "; ".join(map(str, outcome.limits())),
        "broken: " + ("; ".join(map(str, outcome.broken())) or "none"),
    ]
    return "\n".join(lines)


def told_of_search(tried: list[Outcome]) -> str:
    """One row for each load, and where the first limit broke."""
    lines = [
        "| seats | attempts/s | bridges/s | push lag p99 ms | answer → record p95 ms | desk cores"
        " | desk MB | hub gap p99 ms | generator cores | machine | broken |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for each in tried:
        broken = "; ".join(limit.what for limit in each.broken())
        lines.append(
            f"| {each.seats} | {each.rate('attempts'):.1f} | {each.rate('bridges'):.1f}"
            f" | {percentile(each.lags, 0.99) * 1000:.0f}"
            f" | {percentile(each.records, 0.95) * 1000:.0f}"
            f" | {each.desk_cores:.2f} | {each.desk_mb:.0f}"
            f" | {percentile(each.hub_gaps, 0.99) * 1000:.1f}"
            f" | {each.generator_cores:.2f} | {each.machine_busy:.0%} | {broken or '–'} |"
        )
    first = next((each for each in tried if each.broken()), None)
    if first is None:
        return "\n".join([*lines, "", f"no limit broke up to {tried[-1].seats} seats"])
    broken = "; ".join(map(str, first.broken()))
    held = max((each.seats for each in tried if each.seats < first.seats), default=0)
    return "\n".join([*lines, "", f"{held} seats hold; at {first.seats} breaks: {broken}"])


def told_of_profile(before: dict[str, dict[str, int]], after: dict[str, dict[str, int]]) -> str:
    """Where the desk was between two profiles: by itself, and with all it called."""
    total = sum(after["own"].values()) - sum(before["own"].values())
    lines = [f"{total} samples"]
    for kind in ("own", "within"):
        counts = Counter(after[kind]) - Counter(before[kind])
        most = SHOWN if kind == "own" else 5 * SHOWN
        lines += ["", f"| {kind} | share |", "|---|---|"]
        lines += [f"| {where} | {n / total:.1%} |" for where, n in counts.most_common(most)]
    return "\n".join(lines)


def progress(text: str) -> None:
    """For whoever waits."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seats", type=int, default=1_000)
    parser.add_argument("--viewers", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=1.0, help="measured, after the warm-up")
    parser.add_argument("--warm", type=float, default=70.0, help="seconds before; talks build up")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--search", action="store_true", help="find where the first limit breaks")
    parser.add_argument("--profile", action="store_true", help="say where the desk's time goes")
    options = parser.parse_args()
    if options.search:
        print(told_of_search(search(options.seats, lambda seats: run(options, seats))))
        return
    outcome = run(options, options.seats)
    print(told_of(outcome))
    raise SystemExit(1 if outcome.broken() else 0)


if __name__ == "__main__":
    main()
