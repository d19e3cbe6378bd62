"""What a backup costs a working desk, how old it is when it is whole, how fast it comes back (F39).

    python -m benchmarks.backup [--rows 300000] [--rate 50] [--seconds 10]

A SQLite database with so many rows of the audit trail (about 300 bytes each) is written to so many
times a second, through the product's own door, first alone and then beside `backup` and its
digests in another process. The age is what would be lost if the disk died at the moment the backup
is whole; between two backups the time to the next one is added. Restore times are with all checks;
for 10 GB they are scaled up, which is fair for what goes by bytes and by rows.
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
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, text

from agent_desk.models.audit import AuditRow
from agent_desk.store import audit, schema
from agent_desk.store.unit_of_work import Database
from benchmarks.table import percentiles

AT_ONCE = 5_000
TEN_GB = 10e9


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


def fill(database: Database, rows: int) -> None:
    """Rows with details of the usual length."""
    schema.upgrade(database)
    row = {
        "at": datetime.now(UTC),
        "actor": "operator1",
        "action": "customer.record.shown",
        "subject": "customer:123456",
        "details": {"call": "0" * 32, "why": "x" * 120},
    }
    for _ in range(0, rows, AT_ONCE):
        with database.write() as session:
            session.execute(insert(AuditRow), [row] * AT_ONCE)


def command(environ: dict[str, str], *arguments: str) -> float:
    """How long one command took; it must succeed."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "agent_desk", *arguments],
        env=environ,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir()
        environ = {**os.environ, "DESK_DATA_DIR": str(data)}
        database = Database(f"sqlite:///{data / 'desk.db'}")
        fill(database, options.rows)
        size = (data / "desk.db").stat().st_size
        alone = Writer(database, options.rate)
        time.sleep(options.seconds)  # pace: what the writer does by itself
        alone.stop()
        beside = Writer(database, options.rate)
        took = command(environ, "backup", str(folder / "backup"), "--with-keys")
        whole = time.monotonic()
        beside.stop()
        kept = json.loads((folder / "backup" / "manifest.json").read_text())["tables"]["audit"]
        new = kept["rows"] - len(alone.committed) - _ceiling(options.rows)
        newest = beside.committed[max(0, new - 1)][0]
        restored = command(
            environ, "restore", str(folder / "backup"), "--into", str(folder / "again")
        )
        with database.read() as session:
            total = session.scalar(text("SELECT count(*) FROM audit"))
    print(f"{size / 1e6:.0f} MB, {total} rows, {options.rate:g} commits a second\n")
    print("| commit (ms) | samples | p50 | p95 | p99 | worst |")
    print("|---|---|---|---|---|---|")
    for what, writer in (("alone", alone), ("beside a backup", beside)):
        print(
            f"| {what} | {percentiles([1000 * each for _, each in writer.committed], digits=1)} |"
        )
    print("\n| | seconds | for 10 GB |")
    print("|---|---|---|")
    print(f"| backup | {took:.1f} | {took * TEN_GB / size / 60:.1f} min |")
    print(
        f"| restore with every check | {restored:.1f} | {restored * TEN_GB / size / 60:.1f} min |"
    )
    print(f"| age of the newest row in it when it is whole | {whole - newest:.1f} | |")


def _ceiling(rows: int) -> int:
    return -(-rows // AT_ONCE) * AT_ONCE


if __name__ == "__main__":
    main()
