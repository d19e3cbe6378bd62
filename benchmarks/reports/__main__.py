"""Reports over a year of a large house: seconds cold and warm, and whether the figures are right.

    python -m benchmarks.reports [--calls 10000000] [--moves 30000000] [--operators 1000]
        [--customers 500000] [--fields 40] [--months 12] [--database sqlite|postgresql]
        [--keep DIRECTORY]

Makes the rows (or takes those kept in DIRECTORY), makes the facts of them, and asks for the busiest
month. Warm is the median of five in one process, cold a new process for each, its start included.
The figures of some random days and campaigns are counted again by plain SQL over the rows.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.store import schema
from agent_desk.store.facts import figures, pivot
from agent_desk.store.facts.layout import CALLS
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.reports import figures as reporting
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from benchmarks.reports import people, year
from tests.postgresql_cluster import Cluster

SEALER = Sealer.of_keys([b"d" * 32], b"i" * 32)
WARM, COLD = 5, 3


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reports")
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--moves", type=int, default=30_000_000)
    parser.add_argument("--operators", type=int, default=1000)
    parser.add_argument("--customers", type=int, default=500_000)
    parser.add_argument("--fields", type=int, default=40)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--ask", help="one report, for a cold process")
    parser.add_argument("--url")
    given = parser.parse_args()
    if given.ask:
        return ask_once(given.ask, given.url, given.keep)
    size = year.Size(
        given.calls,
        given.moves,
        given.operators,
        given.customers,
        given.fields,
        months=given.months,
    )
    with tempfile.TemporaryDirectory(prefix="reports-") as scratch:
        directory = given.keep or Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        cluster = None
        if given.database == "postgresql":
            cluster = Cluster(durable=True)
            url = cluster.url(cluster.create())
        else:
            url = f"sqlite:///{directory / 'desk.db'}"
        try:
            run(size, url, directory)
        finally:
            if cluster is not None:
                cluster.stop()
    return 0


def run(size: year.Size, url: str, directory: Path) -> None:
    """Everything once, on one database."""
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"    {time.monotonic() - began:7.1f} s  {what}", flush=True)

    database = Database(url)
    there = url.startswith("sqlite") and (directory / "rows-are-there").exists()
    if not there:
        schema.upgrade(database)
        year.write(url, size, SEALER, say)
        (directory / "rows-are-there").touch()
    writer = FactWriter(
        directory / "facts",
        database=database,
        identity="benchmark",
        sealer=SEALER,
        now=lambda: datetime.now(UTC),
    )
    calls = moves = 0
    started = time.monotonic()
    while True:
        done = writer.one_pass()
        calls, moves = calls + done.calls, moves + done.moves
        if done.whole:
            break
        if writer.manifest.generation % 50 == 0:
            say(f"facts of {calls:,} calls and {moves:,} moves")
    spent = time.monotonic() - started
    if calls:
        say(f"facts made of {calls:,} calls, {moves:,} moves in {spent:.0f} s")
    size_bytes = sum(path.stat().st_size for path in (directory / "facts").rglob("*.facts"))
    say(f"facts: {size_bytes / 1e6:,.0f} MB; peak memory {peak_mb():.0f} MB")
    facts = Facts(directory / "facts", SEALER)
    month = busiest(facts)
    print(
        f"\nBusiest month {month:%Y-%m}\n\n| report | rows | cold s | warm s |\n|---|---|---|---|"
    )
    for name in ASKED:
        rows, warm = timed(name, facts, database, month)
        cold = [cold_s(name, url, directory) for _ in range(COLD)]
        print(f"| {name} | {rows:,} | {statistics.median(cold):.2f} | {warm:.3f} |", flush=True)
    right(facts, database, month)
    database.close()


def busiest(facts: Facts) -> date:
    """The first day of the month with the most calls."""
    month = max(facts.months(CALLS), key=lambda each: facts.rows(CALLS, each))
    return date.fromisoformat(f"{month}-01")


def bounds(month: date) -> tuple[datetime, datetime]:
    """The instants of a month."""
    after = (month + timedelta(days=31)).replace(day=1)
    return instant_of(month, 0), instant_of(after, 0)


def operators(facts: Facts, session: Any, month: date) -> int:
    """The report of operators."""
    start, end = bounds(month)
    return len(figures.operators(facts, session, start, end, now=facts.as_of))


def funnel(facts: Facts, session: Any, month: date) -> int:
    """The funnel of all campaigns."""
    start, end = bounds(month)
    return figures.funnel(facts, session, start, end).attempts


def pivoted(*by: str, year_long: bool = False) -> Callable[[Facts, Any, date], int]:
    """Calls by these axes, with the usual figures."""
    sums = ("attempts", "answered", "status:contact", "valid", "status:payment_date", "talk_ms")

    def made(facts: Facts, session: Any, month: date) -> int:
        start, end = bounds(month)
        if year_long:
            start, _ = bounds(date.fromisoformat(f"{facts.months(CALLS)[0]}-01"))
            _, end = bounds(date.fromisoformat(f"{facts.months(CALLS)[-1]}-01"))
        asked = pivot.Asked(start, end, by, sums, {})
        return len(pivot.pivot(facts, session, asked, figures.scope_of(session, None, None)))

    return made


ASKED: dict[str, Callable[[Facts, Any, date], int]] = {
    "operators": operators,
    "funnel": funnel,
    "weekday x hour": pivoted("weekday", "hour"),
    "field of 3 values": pivoted("field:項目1"),
    "field of thousands": pivoted("field:項目40"),
    "field x operator": pivoted("field:項目20", "operator"),
    "year: field x hour": pivoted("field:項目30", "hour", year_long=True),
    "year: field of thousands x operator": pivoted("field:項目40", "operator", year_long=True),
}


def timed(name: str, facts: Facts, database: Database, month: date) -> tuple[int, float]:
    """Rows, and the median of the warm seconds."""
    samples = []
    rows = 0
    for _ in range(WARM + 1):
        began = time.perf_counter()
        with database.read() as session:
            rows = ASKED[name](facts, session, month)
        samples.append(time.perf_counter() - began)
    return rows, statistics.median(samples[1:])


def cold_s(name: str, url: str, directory: Path) -> float:
    """A new process that answers once; its own start included."""
    command = [sys.executable, "-m", "benchmarks.reports", "--ask", name]
    began = time.perf_counter()
    subprocess.run(
        [*command, "--url", url, "--keep", str(directory)], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def ask_once(name: str, url: str, directory: Path) -> int:
    """One report of the busiest month, in a process that has not done anything before."""
    facts = Facts(directory / "facts", SEALER)
    database = Database(url)
    with database.read() as session:
        ASKED[name](facts, session, busiest(facts))
    return 0


def right(facts: Facts, database: Database, month: date) -> None:
    """Random days and campaigns, counted by SQL over the rows."""
    rng = random.Random(1)
    start, end = bounds(month)
    same = 0
    with database.read() as session:
        for _ in range(6):
            day = start + timedelta(days=rng.randrange((end - start).days))
            campaign = rng.choice((None, rng.randrange(1, people.CAMPAIGNS + 1)))
            asked = (session, day, day + timedelta(days=1))
            told = figures.operators(facts, *asked, now=facts.as_of, campaign_id=campaign)
            rows = reporting.operators(*asked, now=facts.as_of, campaign_id=campaign)
            steps = figures.funnel(facts, *asked, campaign_id=campaign)
            counted = reporting.funnel(*asked, campaign_id=campaign)
            if told != rows or steps != counted:
                raise SystemExit(f"{day}, campaign {campaign}: the facts are not what the rows say")
            same += 1
    print(f"\n{same} random days: every figure as counted by SQL over the rows")


def peak_mb() -> float:
    """Of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
