"""Crashes, edges and races in full numbers.

    python -m benchmarks.crashes --quick          # some minutes
    python -m benchmarks.crashes                  # or: make soak CRASHES=1 (some hours)
    python -m benchmarks.crashes --only machine kills
    python -m benchmarks.crashes --only machine --minutes 30 --from 2500

Runs the tests the suite runs in small, each with a count in its environment:

* machine  F46, and F18 among it: runs of a call centre that hypothesis kills and reorders
* edges    F21: crossings of opening and closing time, with late orders and restarts
* week     looks at a whole week, of each kind of campaign
* audit    F38: tamperings with the audit trail
* races    F15, F24: interleavings of away and the next customer; nights
* shuffled F18: shuffled logs of one call
* leaders  F20: attempts by desks that freeze and wake while others lead, on PostgreSQL

and what needs the product's real processes:

* kills    F22: the desk ends itself with SIGKILL at each of eight marked points of its code; then
           every INVITE, acknowledgement and row must agree (F05, all at once: make soak N=300)
* frozen   F04: desk, then gateway, stopped for 10 s under load
* gateway  F02: the gateway is killed with as many calls talking and ringing as there are seats
* desks    F20: a second desk takes over from one that stands still, which then wakes up
* answers  F14: more people answer in one instant than there are operators
* clock    F23: the desk's clock is set an hour ahead or back (needs libfaketime, Debian: faketime)

Rows are added to benchmarks/soak.md, each with the count that was truly run: with `--minutes` a
kind begins no other batch after that time, and the next run goes on `--from` where it stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.soak import ROOT, TABLE, commit, with_row
from tests.chaos.clock_steps import clock_rounds
from tests.chaos.crash_rounds import answer_rounds, frozen_rounds, gateway_rounds, point_rounds
from tests.chaos.two_desks import two_desk_rounds

SEED = 20301126
HEADING = "# Crashes"
HEAD = f"""
{HEADING}

What must survive any crash, at any line and any hour (`make soak CRASHES=1`, see
`benchmarks/crashes.py`). A row per kind and run.

| date (UTC) | commit | what | count | failures | minutes |
|---|---|---|---|---|---|
"""
# Tests by name: where they are, and which variable says how many.
TESTS: dict[str, tuple[str, str]] = {
    "machine": ("tests/chaos/test_machine.py", "CHAOS_RUNS"),
    "edges": ("tests/chaos/test_edges.py", "EDGE_CROSSINGS"),
    "week": (
        "tests/chaos/test_edges.py::test_a_whole_week_of_each_kind_has_no_invite_outside_its_hours",
        "WEEK_LOOKS",
    ),
    "audit": ("tests/agent_desk/store/test_audit_tampering.py", "AUDIT_TAMPERINGS"),
    "races": ("tests/chaos/test_races.py", "RACES"),
    "shuffled": ("tests/chaos/test_shuffled_events.py", "CHAOS_EXAMPLES"),
    "leaders": ("tests/chaos/test_two_leaders.py", "LEADER_ATTEMPTS"),
}
EVERY_NIGHT = "4"
Rounds = Callable[[Path, int], Awaitable[list[str]]]
PROCESSES: dict[str, Rounds] = {
    "kills": point_rounds,
    "frozen": frozen_rounds,
    "gateway": gateway_rounds,
    "desks": two_desk_rounds,
    "answers": answer_rounds,
    "clock": clock_rounds,
}
FULL = {
    **{"machine": 10_000, "edges": 1000, "audit": 1000, "races": 10_000, "shuffled": 10_000},
    **{"week": 7 * 24 * 60, "leaders": 100_000},
    **{"kills": 1000, "frozen": 20, "gateway": 20, "desks": 20, "answers": 100, "clock": 20},
}
QUICK = {
    **{"machine": 100, "edges": 40, "audit": 1000, "races": 2000, "shuffled": 2000},
    **{"week": 7 * 24, "leaders": 2000},
    **{"kills": 8, "frozen": 2, "gateway": 1, "desks": 1, "answers": 5, "clock": 2},
}
# A fresh rig now and then: its customers would run out. `--minutes` ends a run after a batch.
BATCHES = {
    **{"edges": 20, "machine": 100, "races": 2000, "leaders": 5000},
    **{"kills": 16, "frozen": 2, "gateway": 1, "desks": 1, "answers": 10, "clock": 2},
}


@dataclass
class Result:
    """What one kind came to; `failures` in words."""

    what: str
    count: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        minutes = f"{self.seconds / 60:.1f}"
        return f"| {self.what} | {self.count} | {len(self.failures)} | {minutes} |"


def batches(what: str, count: int, minutes: float) -> Iterator[int]:
    """Sizes of batches that come to `count`; none begins after so many minutes."""
    end = time.monotonic() + minutes * 60
    size, left = BATCHES.get(what, count), count
    while left and time.monotonic() < end:
        yield min(size, left)
        left -= min(size, left)


def run_tests(what: str, count: int, *, minutes: float, first: int) -> Result:
    """The tests of a kind, in batches with a seed each; stops at the first that fails."""
    room, variable = TESTS[what]
    result = Result(what)
    began = time.monotonic()
    for batch in batches(what, count, minutes):
        seed = first + result.count
        environ = {
            **os.environ,
            "EDGE_STEP_S": "0.5",
            variable: str(batch),
            "EDGE_SEED": str(SEED + seed),
            "CHAOS_SEED": str(seed),
            "RACES_FROM": str(seed),
            "NIGHTS": EVERY_NIGHT,
        }
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", room]
        command += ["--timeout", "0"]
        done = subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
        result.count += batch
        if done.returncode != 0:
            result.failures.append(done.stdout[-4000:])
            break
    result.seconds = time.monotonic() - began
    return result


def run_processes(what: str, count: int, *, minutes: float) -> Result:
    """Rounds on real processes, a fresh product for each batch."""
    result = Result(what)
    began = time.monotonic()
    for batch in batches(what, count, minutes):
        with tempfile.TemporaryDirectory() as folder:
            try:
                result.failures += asyncio.run(PROCESSES[what](Path(folder), batch))
            except AssertionError as stuck:
                result.failures.append(str(stuck)[:4000])
        result.count += batch
    result.seconds = time.monotonic() - began
    return result


def record(results: Sequence[Result]) -> None:
    """Add the rows to the table in the tree."""
    text = TABLE.read_text("utf-8")
    if f"{HEADING}\n" not in text:
        text = text.rstrip("\n") + "\n" + HEAD
    date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    for result in results:
        text = with_row(text, f"| {date} | {commit()} {result}\n", heading=HEADING)
    TABLE.write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few of each")
    parser.add_argument("--only", nargs="+", choices=list(FULL), default=list(FULL))
    parser.add_argument("--minutes", type=float, default=float("inf"), help="for each kind")
    parser.add_argument("--from", type=int, default=0, dest="first", help="seed of the first test")
    options = parser.parse_args()
    counts = QUICK if options.quick else FULL
    results = []
    for what in options.only:
        count = counts[what]
        if what in TESTS:
            done = run_tests(what, count, minutes=options.minutes, first=options.first)
        else:
            done = run_processes(what, count, minutes=options.minutes)
        results.append(done)
        print(results[-1], *results[-1].failures, sep="\n", flush=True)
    record(results)
    raise SystemExit(1 if any(result.failures for result in results) else 0)


if __name__ == "__main__":
    main()
