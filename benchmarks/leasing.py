"""Leases per second from a million list entries, on SQLite and on PostgreSQL.

    python -m benchmarks.leasing [--entries 1000000] [--seconds 10]

Entries are made by bulk SQL: one list, four priorities, a fifth of the entries not yet due, a few
hundred blocked. Each lease is one transaction through the product's own door (commit included,
`synchronous=FULL`), with a judge that allows, and asks for 1 or for 10 attempts. PostgreSQL runs as
a private cluster without fsync, as in the tests: what is measured is our work, not a disk's.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from agent_desk.models.base import to_microseconds
from agent_desk.store import campaigns, lists, schema
from agent_desk.store.candidates import candidates
from agent_desk.store.lease_facts import Candidate, Ledger
from agent_desk.store.leasing import Judgement, Route, lease
from agent_desk.store.unit_of_work import Database
from tests.postgresql_cluster import Cluster, binaries

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
CHUNK = 100_000
WARM_UP = 20


@contextmanager
def databases() -> Iterator[list[tuple[str, Database]]]:
    """One empty database of each kind that is installed here."""
    with tempfile.TemporaryDirectory() as folder:
        found = [("sqlite", Database(f"sqlite:///{Path(folder) / 'bench.db'}"))]
        cluster = Cluster() if binaries() else None
        if cluster is not None:
            found.append(("postgresql", Database(cluster.url(cluster.create()))))
        try:
            yield found
        finally:
            for _, database in found:
                database.close()
            if cluster is not None:
                cluster.stop()


def fill(database: Database, entries: int) -> int:
    """A running campaign with that many entries on its list; the campaign's id."""
    schema.upgrade(database)
    with database.write() as session:
        product_id = campaigns.add_product(session, "bench")
        campaign_id = campaigns.add_campaign(
            session, at=NOW, name="bench", kind="sales", product_id=product_id, running="running"
        )
        list_id = lists.list_id_of(session, "bench", product_id, source="bench", at=NOW)
        campaigns.add_list(session, campaign_id, list_id)
    now = to_microseconds(NOW)
    for start in range(0, entries, CHUNK):
        with database.write() as session:
            connection = session.connection()
            for statement in _statements(list_id, now):
                connection.execute(
                    text(statement), {"first": start + 1, "last": min(start + CHUNK, entries)}
                )
    with database.engine().execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    return campaign_id


def _statements(list_id: int, now: int) -> tuple[str, str, str]:
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS BIGINT) UNION ALL"
        " SELECT i + 1 FROM n WHERE i < :last) "
    )
    # Every fifth entry is due in an hour; the others fell due within the last one.
    next_at = (
        f"CASE WHEN i % 5 = 0 THEN {now} + 3600000000"
        f" ELSE {now} - (i * 104729) % 3600 * 1000000 END"
    )
    return (
        "INSERT INTO customers (id, source, name_sealed, name_key, created_at, updated_at) "
        f"{numbers}SELECT i, 'bench', 'x', 'k', {now}, {now} FROM n",
        "INSERT INTO phones"
        " (id, customer_id, position, kind, number_sealed, number_key, created_at) "
        f"{numbers}SELECT i, i, 1, 'mobile', 'x', 'key' || i, {now} FROM n",
        "INSERT INTO list_entries"
        " (id, list_id, customer_id, priority, state, next_at, tries, ladder_times, created_at) "
        f"{numbers}SELECT i, {list_id}, i, 3 + i * 7919 % 4, 'ready', {next_at}, 0, 0, {now}"
        " FROM n",
    )


def allow(candidate: Candidate, ledger: Ledger) -> Judgement:
    """Every candidate may be called."""
    until = NOW + timedelta(hours=1)
    return Judgement(allowed=True, phone_id=candidate.phones[0].phone_id, not_after=until)


def measure(database: Database, campaign_id: int, count: int, seconds: float) -> list[float]:
    """Seconds per lease of `count`, for as long as told."""
    ids = (f"{count:02x}{number:030x}" for number in itertools.count())
    routes = [Route("trunk1", "gw1")] * count
    took: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(took) <= WARM_UP:
        began = time.perf_counter()
        with database.write() as session:
            found = lease(
                session,
                campaign_id,
                count=count,
                now=NOW,
                judge=allow,
                routes=routes,
                new_call_id=lambda: next(ids),
                desk_epoch=1,
            )
        took.append(time.perf_counter() - began)
        if len(found.rows) < count:
            raise RuntimeError(f"only {len(found.rows)} of {count} found: make more entries")
    return took[WARM_UP:]


def measure_candidates(database: Database, campaign_id: int, rounds: int = 200) -> list[float]:
    """Seconds to find the next ten entries."""
    took = []
    for _ in range(rounds):
        with database.write() as session:
            began = time.perf_counter()
            candidates(session, campaign_id, NOW, 10)
            took.append(time.perf_counter() - began)
    return took


def _line(name: str, what: str, took: list[float], count: int) -> str:
    took = sorted(took)
    p50, p99 = statistics.median(took), took[int(len(took) * 0.99)]
    rate = count * len(took) / sum(took)
    return f"| {name} | {what} | {len(took)} | {rate:.0f} | {p50 * 1e3:.2f} | {p99 * 1e3:.2f} |"


def main() -> None:
    """Fill, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    print(f"{options.entries:,} list entries\n")
    print("| database | what | samples | leases/s | p50 ms | p99 ms |")
    print("|---|---|---|---|---|---|")
    with databases() as found:
        for name, database in found:
            campaign_id = fill(database, options.entries)
            took = measure_candidates(database, campaign_id)
            print(_line(name, "find 10 (no write)", took, 10), flush=True)
            for count in (1, 10):
                took = measure(database, campaign_id, count, options.seconds)
                print(_line(name, f"lease {count}", took, count), flush=True)


if __name__ == "__main__":
    main()
