"""Reports over a year of a large house: seconds cold and warm, and whether the figures are right.

    python -m benchmarks.reports [--calls 10000000] [--moves 30000000] [--operators 1000]
        [--customers 500000] [--fields 40] [--months 12] [--database sqlite|postgresql]
        [--keep DIRECTORY] [--anew] [--cold 3] [--check 20] [--seed 1] [--only TEXT,TEXT]

Makes the rows (or takes those kept in DIRECTORY; a PostgreSQL there gets the rows of the SQLite
file beside it), makes the facts of them (`--anew`: also where there are some), and asks for the
busiest month and for a year.

Every figure is of the real process that makes reports, at the desk's own queue: *warm* is the
median of five, *first* the first page of a process that has come for work, *from its start* the
time from starting the process to its first page. The page around a report is left out.

`--cold` processes are started for each of the two. `--check` counts the figures of so many random
days and hours again over the rows. `--only` asks for the reports with one of these in their name.
`python -m benchmarks.reports.storm` asks a working desk.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from agent_desk.store import schema, system
from agent_desk.store.facts.layout import CALLS, INTERVALS
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from benchmarks.reports import beside, copying, right, year
from benchmarks.reports.questions import QUESTIONS, Question, end_of
from benchmarks.reports.server import KeptServer

SEALER = Sealer.of_keys([beside.DATA_KEY], beside.INDEX_KEY)
WARM = 5
SLOW_S = 5.0  # so slow a report is not asked for so often
ROWS = "rows-are-there"
Say = Callable[[str], None]


def main() -> int:
    """Print the tables."""
    given = _options()
    size = year.Size(
        given.calls,
        given.moves,
        given.operators,
        given.customers,
        given.fields,
        months=given.months,
    )
    with tempfile.TemporaryDirectory(prefix="reports-") as scratch:
        kept = given.keep or Path(scratch)
        kept.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()

        def say(what: str) -> None:
            print(f"    {time.monotonic() - began:7.1f} s  {what}", flush=True)

        with rows(given.database, kept, size, say) as (url, directory):
            database = Database(url, readonly=True)
            facts = made(database, directory, say, anew=given.anew)
            month = busiest(facts)
            ask(url, directory, facts, month, only=given.only.split(","), cold=given.cold)
            if given.check:
                told = right.check(
                    facts, database, SEALER, month, samples=given.check, seed=given.seed
                )
                print(f"\n{told}")
            database.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reports")
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--moves", type=int, default=30_000_000)
    parser.add_argument("--operators", type=int, default=1000)
    parser.add_argument("--customers", type=int, default=500_000)
    parser.add_argument("--fields", type=int, default=40)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--anew", action="store_true")
    parser.add_argument("--check", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cold", type=int, default=3)
    parser.add_argument("--only", default="")
    return parser.parse_args()


@contextmanager
def rows(database: str, kept: Path, size: year.Size, say: Say) -> Iterator[tuple[str, Path]]:
    """The URL of a database with the year in it, and the folder its facts belong in."""
    file = kept / "desk.db"
    if not (kept / ROWS).exists():
        made_here = Database(f"sqlite:///{file}")
        schema.upgrade(made_here)
        made_here.close()
        year.write(f"sqlite:///{file}", size, SEALER, say)
        (kept / ROWS).touch()
    if database == "sqlite":
        yield f"sqlite:///{file}", kept
        return
    directory = kept / "postgresql"
    if not (directory / ROWS).exists():
        loading = KeptServer(directory, loading=True)
        try:
            copying.copy(file, loading.url, say)
        finally:
            loading.stop()
        (directory / ROWS).touch()
    server = KeptServer(directory)
    try:
        yield server.url, directory
    finally:
        server.stop()


def made(database: Database, directory: Path, say: Say, *, anew: bool) -> Facts:
    """The facts of the rows there are, made here where they are not made yet."""
    with database.read() as session:
        identity = system.identity(session)
    writer = FactWriter(
        directory / "facts",
        database=database,
        identity=identity,
        sealer=SEALER,
        now=lambda: datetime.now(UTC),
    )
    if anew:
        writer.begin_anew()
    calls = moves = passes = 0
    began, worked = time.monotonic(), time.process_time()
    while True:
        done = writer.one_pass()
        calls, moves, passes = calls + done.calls, moves + done.moves, passes + 1
        if done.whole:
            break
        if passes % 50 == 0:
            say(f"facts of {calls:,} calls and {moves:,} moves")
    if calls:
        spent, worked = time.monotonic() - began, time.process_time() - worked
        say(
            f"facts made of {calls:,} calls, {moves:,} moves in {spent:.0f} s, {worked:.0f} s of"
            f" processor; peak memory {peak_mb():.0f} MB"
        )
    size_bytes = sum(path.stat().st_size for path in (directory / "facts").rglob("*.facts"))
    facts = Facts(directory / "facts", SEALER)
    stays = sum(facts.rows(INTERVALS, month) for month in facts.months(INTERVALS))
    say(f"facts: {size_bytes / 1e6:,.0f} MB, {stays:,} stays")
    return facts


def busiest(facts: Facts) -> date:
    """The first day of the month with the most calls."""
    month = max(facts.months(CALLS), key=lambda each: facts.rows(CALLS, each))
    return date.fromisoformat(f"{month}-01")


def ask(
    url: str, directory: Path, facts: Facts, month: date, *, only: Sequence[str], cold: int
) -> None:
    """Every question, of the real process."""
    known = [date.fromisoformat(f"{each}-01") for each in facts.months(CALLS)]
    whole = (known[0], end_of(known[-1]))
    wanted = [each for each in QUESTIONS if any(some in each.name for some in only)]
    print(f"\nBusiest month {month:%Y-%m}: {facts.rows(CALLS, f'{month:%Y-%m}'):,} calls\n")
    print("| report | promised s | from its start s | first s | warm s |\n|---|---|---|---|---|")
    with beside.running(url, directory) as process:
        for question in wanted:
            if not question.year:
                params = question.asked(month, whole)
                print(_line(process, question, params, cold), flush=True)
    jobs = [each for each in wanted if each.year]
    if jobs:
        print("\n| job | promised s | s | told of its progress | s to the next after cancel |")
        print("|---|---|---|---|---|")
    with beside.running(url, directory) as process:
        process.start()
        process.ready()
        for question in jobs:
            params = question.asked(month, whole)
            took, shares = process.job(question.kind, params)
            gone = process.cancelled(question.kind, params)
            print(
                f"| {question.name} | {question.within_s} | {took:.1f} |"
                f" {len(shares) - 1} times | {gone:.2f} |",
                flush=True,
            )


def _line(process: beside.Beside, question: Question, params: dict[str, str], cold: int) -> str:
    """One question: of a process that is started for it, of a ready one, again and again."""
    whole, first, warm = [], [], []
    for _ in range(cold):
        began = time.perf_counter()
        process.start()
        process.ask(question.kind, params)
        whole.append(time.perf_counter() - began)
        process.stop()
        process.start()
        process.ready()
        first.append(process.ask(question.kind, params))
        if first[0] > SLOW_S:
            break
        process.stop()
    if first[0] <= SLOW_S:
        process.start()
        process.ask(question.kind, params)
    for _ in range(1 if first[0] > SLOW_S else WARM):
        warm.append(process.ask(question.kind, params))
    process.stop()
    cells = " | ".join(f"{statistics.median(each):.2f}" for each in (whole, first, warm))
    return f"| {question.name} | {question.within_s or ''} | {cells} |"


def peak_mb() -> float:
    """Of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
