"""What a backup that follows costs a working desk, what a dead disk loses, how it comes back (F39).

    python -m benchmarks.following [--calls 60000] [--rate 50] [--seconds 20] [--kills 5]

A SQLite database as in `benchmarks.backup` is written to so many times a second, alone, then beside
`backup --follow`, which copies the database first and follows its log then. It is killed (kill -9)
at an instant of its own, so many times; each time what it had copied is put back elsewhere with all
checks. Lost is the time from the first commit that is not in it to the kill, when the disk is taken
to have died. Ends with 1 when a promise was not kept.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from agent_desk.store.unit_of_work import Database
from benchmarks.backup import Took, Writer, command, for_ten_gb
from benchmarks.table import percentiles
from benchmarks.worked_desk import fill
from config import DeskConfig

PROMISED_LOSS_S = 5.0
PROMISED_RESTORE_S = 600.0  # of 10 GB
PATIENCE_S = 120.0
COUNT = text("SELECT count(*) FROM audit WHERE action = 'bench.row'")


def follow(environ: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    """Started, with its copy made."""
    words = [sys.executable, "-m", "agent_desk", "backup", str(folder), "--follow", "--with-keys"]
    made = subprocess.Popen(words, env=environ, stderr=subprocess.PIPE, text=True)
    assert made.stderr is not None
    for line in made.stderr:
        if "following it" in line or "going on with" in line:
            return made
    raise SystemExit(f"the follower ended with {made.wait()}")


def kept(folder: Path) -> int:
    """How many commits of the writer a restored copy has."""
    database = Database(f"sqlite:///{folder / 'desk.db'}", readonly=True)
    with database.read() as session:
        found = session.scalar(COUNT)
    database.close()
    return int(found or 0)


def restore_of_nothing(folder: Path) -> Took:
    """What a restore takes of a desk without rows."""
    data, copies = folder / "data", folder / "copies"
    data.mkdir(parents=True)
    environ = {**os.environ, "DESK_DATA_DIR": str(data)}
    database = Database(f"sqlite:///{data / 'desk.db'}")
    fill(database, 0, DeskConfig.from_environ(environ).audit_key)
    follower = follow(environ, copies)
    follower.kill()
    follower.communicate()
    database.close()
    return command(environ, "restore", str(copies), "--into", str(folder / "again"))


def report(
    size: int,
    log: int,
    samples: dict[str, list[float]],
    *,
    lost: list[float],
    restored: Took,
    nothing: Took,
) -> bool:
    """Print the tables; whether the promises were kept. `nothing`: see `for_ten_gb`."""
    scaled = for_ten_gb(restored, size, nothing)
    print(f"{size / 1e6:.0f} MB, log {log / 1e6:.1f} MB\n")
    print("| commit (ms) | samples | p50 | p95 | p99 | worst |")
    print("|---|---|---|---|---|---|")
    for what, took_s in samples.items():
        print(f"| {what} | {percentiles([1000 * each for each in took_s], digits=1)} |")
    kept_s, fast = max(lost) <= PROMISED_LOSS_S, scaled.wall_s <= PROMISED_RESTORE_S
    print("\n| | worst | promised | ok |")
    print("|---|---|---|---|")
    told = f"≤ {PROMISED_LOSS_S:g} | {'yes' if kept_s else 'no'}"
    print(f"| lost with the disk (s) | {max(lost):.2f} | {told} |")
    told = f"≤ {PROMISED_RESTORE_S:g} | {'yes' if fast else 'no'}"
    worst = f"{restored.wall_s:.1f}; {scaled.wall_s:.0f}"
    print(f"| restore with every check (s; for 10 GB) | {worst} | {told} |")
    print(f"| its processor time (s; for 10 GB) | {restored.cpu_s:.1f}; {scaled.cpu_s:.0f} | | |")
    print(f"\nlost: {', '.join(f'{each:.2f}' for each in lost)} s")
    return kept_s and fast


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=60_000)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--kills", type=int, default=5)
    options = parser.parse_args()
    chance = random.Random(39)
    lost, restores, following = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, copies = folder / "data", folder / "copies"
        data.mkdir()
        environ = {**os.environ, "DESK_DATA_DIR": str(data)}
        database = Database(f"sqlite:///{data / 'desk.db'}")
        nothing = restore_of_nothing(folder / "none")
        fill(database, options.calls, DeskConfig.from_environ(environ).audit_key)
        size = (data / "desk.db").stat().st_size
        alone = Writer(database, options.rate)
        time.sleep(options.seconds)  # pace: what the writer does by itself
        alone.stop()
        written = [*alone.committed]
        for number in range(options.kills):
            beside = Writer(database, options.rate)
            follower = follow(environ, copies)
            followed_from = time.monotonic()
            time.sleep(options.seconds / 2 + chance.uniform(0, 2))  # pace: it follows
            killed_at = time.monotonic()
            follower.kill()
            follower.communicate()
            beside.stop()
            written += beside.committed
            following += [took for at, took in beside.committed if at > followed_from]
            again = folder / f"again{number}"
            restores.append(command(environ, "restore", str(copies), "--into", str(again)))
            rest = [at for at, _ in written[kept(again) :] if at < killed_at]
            lost.append(killed_at - rest[0] if rest else 0.0)
        log = (data / "desk.db-wal").stat().st_size
        database.close()
    samples = {"alone": [each for _, each in alone.committed], "followed": following}
    slowest = max(restores, key=lambda each: each.wall_s)
    raise SystemExit(not report(size, log, samples, lost=lost, restored=slowest, nothing=nothing))


if __name__ == "__main__":
    main()
