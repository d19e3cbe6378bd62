"""Hostile messages in full numbers: a million mutations of each kind, the wire, seats under fire.

    python -m benchmarks.fuzz --mutations 1000000 --minutes 30      # or: make soak FUZZ=1000000

Runs the tests the suite runs in small: batches of `BATCH` mutations of SIP messages that meet live
calls, of descriptions and of browsers' offers (`tests/softphone/sip/test_fuzz.py`), each with a
seed of its own; then `tests/hostile` with mutated messages on the wire to a real gateway with a
good talk beside them, and seats set up while foreign ClientHellos, alerts and empty datagrams come
in. It ends when everything was run or the minutes are over, and says what was run. A run that is
stopped goes on where it was when the same is asked on the same commit. A row is added to
benchmarks/soak.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.soak import ROOT, TABLE, commit, with_row

BATCH = 50_000
SEED = 20301127
HEADING = "## Hostile messages"
HEAD = f"""
{HEADING}

Mutations of each kind (SIP messages that meet live calls, session descriptions, browsers' offers),
then mutated messages on the wire to a gateway with a talk, and seats set up under stray datagrams
on each media plane (`make soak FUZZ=…`, see `benchmarks/fuzz.py`).

| date (UTC) | commit | mutations asked | run, of each kind | on the wire | set-ups a plane \
| minutes | failures |
|---|---|---|---|---|---|---|---|
"""


@dataclass
class Progress:
    """What was run so far."""

    asked: int
    commit: str
    run: int = 0
    wire: int = 0
    set_ups: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def row(self) -> str:
        """The line for the table."""
        date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
        return (
            f"| {date} | {self.commit} | {self.asked} | {self.run} | {self.wire} | {self.set_ups} "
            f"| {self.seconds / 60:.1f} | {len(self.failures)} |\n"
        )


def run_tests(room: str, **counts: int) -> str:
    """Run tests with these counts in their environment; what they said when they failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", room]
    environ = {**os.environ, **{name: str(count) for name, count in counts.items()}}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else f"{room} {counts}\n{done.stdout[-3000:]}"


def kept(path: Path, asked: int) -> Progress:
    """What an earlier run of the same left, or a new beginning."""
    if path.exists():
        progress = Progress(**json.loads(path.read_text("utf-8")))
        if (progress.asked, progress.commit) == (asked, commit()):
            print(f"going on after {progress.run} mutations", flush=True)
            return progress
    return Progress(asked, commit())


def mutate(progress: Progress, path: Path, *, until: float) -> None:
    """Batch after batch."""
    while progress.run < progress.asked and time.monotonic() < until:
        began, size = time.monotonic(), min(BATCH, progress.asked - progress.run)
        seed = SEED + progress.run // BATCH
        fault = run_tests("tests/softphone/sip/test_fuzz.py", FUZZ=size, FUZZ_SEED=seed)
        progress.failures += [fault] if fault else []
        progress.run += size
        progress.seconds += time.monotonic() - began
        path.write_text(json.dumps(asdict(progress)), "utf-8")
        print(f"{progress.run} of {progress.asked}, failures: {len(progress.failures)}", flush=True)


def attack(progress: Progress, *, wire: int, set_ups: int) -> None:
    """The real gateway, beside a good talk."""
    began = time.monotonic()
    fault = run_tests("tests/hostile", FUZZ_WIRE=wire, STRAY_SET_UPS=set_ups)
    progress.failures += [fault] if fault else []
    progress.wire, progress.set_ups = wire, set_ups
    progress.seconds += time.monotonic() - began


def record(progress: Progress) -> None:
    """Add the row to the table, and print what failed."""
    text = TABLE.read_text("utf-8")
    if f"{HEADING}\n" not in text:
        text = text.rstrip("\n") + "\n" + HEAD
    TABLE.write_text(with_row(text, progress.row(), heading=HEADING), "utf-8")
    print(progress.row(), *progress.failures, sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mutations", type=int, default=1_000_000, help="of each kind")
    parser.add_argument("--wire", type=int, default=20_000, help="mutated messages on the wire")
    parser.add_argument("--set-ups", type=int, default=100, help="seats set up under fire, a plane")
    parser.add_argument("--minutes", type=float, default=30.0, help="begin no batch after these")
    parser.add_argument("--folder", type=Path, default=ROOT / "data" / "soak")
    options = parser.parse_args()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fuzz.json"
    progress = kept(path, options.mutations)
    until = time.monotonic() + 60 * options.minutes
    try:
        mutate(progress, path, until=until)
        if time.monotonic() < until:
            attack(progress, wire=options.wire, set_ups=options.set_ups)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", flush=True)
    else:
        if progress.run >= progress.asked:
            path.unlink(missing_ok=True)
    record(progress)
    raise SystemExit(1 if progress.failures else 0)


if __name__ == "__main__":
    main()
