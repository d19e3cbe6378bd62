"""What a backup costs a working desk, how old it is when it is whole, how fast it comes back (F39).

    python -m benchmarks.backup [--calls 60000] [--rate 50] [--seconds 10]

A SQLite database with so many past calls (`worked_desk.py`) is written to so many times a second,
through the product's own door, first alone and then beside `backup` and its digests in another
process. The age is what would be lost if the disk died at the moment the backup is whole; between
two backups the time to the next one is added. Restore times are with all checks; for
10 GB they are scaled up, less what a desk without rows takes, which is fair for what goes by bytes
and by rows.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from agent_desk.store import audit
from agent_desk.store.unit_of_work import Database
from benchmarks.table import percentiles
from benchmarks.worked_desk import fill
from config import DeskConfig

TEN_GB = 10e9
ROWS_OF_THE_TRAIL = text("SELECT count(*) FROM audit")


class Writer:
    """Commits a row so many times a second, and notes when and how long each took."""

    def __init__(self, database: Database, rate: float) -> None:
        self._database, self._pause_s = database, 1 / rate
        self.committed: list[tuple[float, float]] = []  # when it was durable, how long it took
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(self._pause_s):
            began = time.monotonic()
            with self._database.write() as session:
                at = datetime.now(UTC)
                audit.append(session, at=at, actor="bench", action="bench.row", subject="n")
            ended = time.monotonic()
            self.committed.append((ended, ended - began))


@dataclass(frozen=True)
class Took:
    """What a command took: by the clock, and of processors, which a busy machine does not stretch
    by others' work. Seconds."""

    wall_s: float
    cpu_s: float


def command(environ: dict[str, str], *arguments: str) -> Took:
    """What one command took, with the processes it started; it must succeed."""
    began, before = time.monotonic(), os.times()
    subprocess.run(
        [sys.executable, "-m", "agent_desk", *arguments],
        env=environ,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = os.times()
    cpu_s = after.children_user + after.children_system
    return Took(time.monotonic() - began, cpu_s - before.children_user - before.children_system)


def for_ten_gb(took: Took, size: int, nothing: Took) -> Took:
    """Scaled up to 10 GB: `nothing`, what the command takes of a desk without rows, is not."""
    times = TEN_GB / size
    wall_s, cpu_s = max(0.0, took.wall_s - nothing.wall_s), max(0.0, took.cpu_s - nothing.cpu_s)
    return Took(nothing.wall_s + wall_s * times, nothing.cpu_s + cpu_s * times)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=60_000)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = of_a_new_desk(folder / "none")
        data = folder / "data"
        data.mkdir()
        environ = {**os.environ, "DESK_DATA_DIR": str(data)}
        database = Database(f"sqlite:///{data / 'desk.db'}")
        fill(database, options.calls, DeskConfig.from_environ(environ).audit_key)
        size = (data / "desk.db").stat().st_size
        with database.read() as session:
            filled = session.scalar(ROWS_OF_THE_TRAIL) or 0
        alone = Writer(database, options.rate)
        time.sleep(options.seconds)  # pace: what the writer does by itself
        alone.stop()
        beside = Writer(database, options.rate)
        took = command(environ, "backup", str(folder / "backup"), "--with-keys")
        whole = time.monotonic()
        beside.stop()
        kept = json.loads((folder / "backup" / "manifest.json").read_text())["tables"]["audit"]
        new = kept["rows"] - len(alone.committed) - filled
        newest = beside.committed[max(0, new - 1)][0]
        restored = command(
            environ, "restore", str(folder / "backup"), "--into", str(folder / "again")
        )
        with database.read() as session:
            total = session.scalar(ROWS_OF_THE_TRAIL)
    print(f"{size / 1e6:.0f} MB, {total} rows of the trail, {options.rate:g} commits a second\n")
    print("| commit (ms) | samples | p50 | p95 | p99 | worst |")
    print("|---|---|---|---|---|---|")
    for what, writer in (("alone", alone), ("beside a backup", beside)):
        print(
            f"| {what} | {percentiles([1000 * each for _, each in writer.committed], digits=1)} |"
        )
    print("\n| seconds | took | processor time | for 10 GB | processor time |")
    print("|---|---|---|---|---|")
    for what, each, nothing in zip(
        ("backup", "restore with every check"), (took, restored), empty, strict=True
    ):
        scaled = for_ten_gb(each, size, nothing)
        figures = (each.wall_s, each.cpu_s, scaled.wall_s, scaled.cpu_s)
        print(f"| {what} | {' | '.join(f'{figure:.1f}' for figure in figures)} |")
    print(f"\nage of the newest row in it when it is whole: {whole - newest:.1f} s")


def of_a_new_desk(folder: Path) -> tuple[Took, Took]:
    """What a backup and a restore take of a desk without rows."""
    data = folder / "data"
    data.mkdir(parents=True)
    environ = {**os.environ, "DESK_DATA_DIR": str(data)}
    database = Database(f"sqlite:///{data / 'desk.db'}")
    fill(database, 0, DeskConfig.from_environ(environ).audit_key)
    database.close()
    backup = command(environ, "backup", str(folder / "backup"), "--with-keys")
    into = str(folder / "again")
    return backup, command(environ, "restore", str(folder / "backup"), "--into", into)


if __name__ == "__main__":
    main()
