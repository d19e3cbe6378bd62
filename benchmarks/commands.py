"""Durable commands per second through group commit, on SQLite and on PostgreSQL.

    python -m benchmarks.commands [--seconds 5] [--sources 16]

Every source is an operator on a live call who presses a status button, waits for the answer and
presses again: a decision of the core, its row, the remembered reply, one commit, the answer. The
desk's own runtime (green threads) and its own recovery are used; both databases wait for the disk
at each commit. The baseline, measured in turn with it, is the same with one source: a transaction
per command. It says what the disk and one transaction cost, the other what sharing them brings.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
SEATS = 16


def serve(sources: int, seconds: float) -> None:
    """In a process that is patched as the desk is: fill, measure in turn, print."""
    from agent_desk.__main__ import Eventlet

    Eventlet()
    from benchmarks.commands_floor import talking_floor

    talks = talking_floor(SEATS)
    took: dict[int, list[float]] = {1: [], sources: []}
    batches: dict[int, list[float]] = {1: [], sources: []}
    rates: dict[int, list[float]] = {1: [], sources: []}
    for _ in range(ROUNDS):
        for count in took:
            before = (talks.commits.committed_commands, talks.commits.committed_batches)
            began = time.perf_counter()
            took[count] += talks.press(count, seconds)
            spent = time.perf_counter() - began
            commands = talks.commits.committed_commands - before[0]
            rates[count].append(commands / spent)
            batches[count].append(commands / (talks.commits.committed_batches - before[1]))
    name = talks.dialect
    for count in took:
        print(_row(name, count, took[count], sorted(rates[count]), batches[count]), flush=True)


def _row(name: str, count: int, took: list[float], rates: list[float], batches: list[float]) -> str:
    ordered = sorted(took)
    p50, p95, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.95, 0.99))
    rate, batch = rates[len(rates) // 2], sum(batches) / len(batches)
    return (
        f"| {name} | {count} | {len(ordered)} | {rate:.0f} | {batch:.1f} "
        f"| {p50:.1f} | {p95:.1f} | {p99:.1f} |"
    )


def run(options: argparse.Namespace, url: str | None, data_dir: Path) -> None:
    """One child, for one database."""
    environ = {**os.environ, "DESK_DATA_DIR": str(data_dir)}
    if url is not None:
        environ["DESK_DATABASE_URL"] = url
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.commands", "--serve"]
    command += ["--sources", str(options.sources), "--seconds", str(options.seconds)]
    subprocess.run(command, cwd=ROOT, env=environ, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help=f"each of {ROUNDS} rounds")
    parser.add_argument("--sources", type=int, default=SEATS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options: Any = parser.parse_args()
    if options.serve:
        serve(options.sources, options.seconds)
        return
    from tests.postgresql_cluster import Cluster, binaries

    print("| database | sources | samples | commands/s | a batch | p50 ms | p95 ms | p99 ms |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        run(options, None, Path(folder) / "sqlite")
        if binaries() is None:
            print("PostgreSQL is not installed (apt-get install postgresql)")
            return
        cluster = Cluster(durable=True)
        try:
            run(options, cluster.url(cluster.create()), Path(folder) / "postgresql")
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
