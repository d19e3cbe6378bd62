"""Leases per second from a million list entries, on SQLite and on PostgreSQL.

    python -m benchmarks.leasing [--entries 1000000] [--seconds 10]

Entries are made by bulk SQL: one list of a collections campaign, four priorities, a fifth of the
entries not yet due; each customer has a debt, every fifth was called three days ago. Each lease is
one transaction through the product's own door (commit included, `synchronous=FULL`), judged by the
product's own judge with all it looks at, and asks for 1 or for 10 attempts. `share` is a lease of 1
where 95 % of the customers are left to the AI; `outcome` writes a no-answer, which asks the rules
and the best hour for the next try. PostgreSQL runs as a private cluster without fsync, as in the
tests: what is measured is our work, not a disk's. `cpu ms` is processor time of this process, which
a busy machine leaves alone.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from agent_desk.dialer.events import CallFinished
from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, ListEntryId
from agent_desk.models.base import to_microseconds
from agent_desk.services.dialing.judging import Judge
from agent_desk.services.dialing.next_try import NextTry
from agent_desk.store import schema
from agent_desk.store.campaigns import campaigns
from agent_desk.store.leasing.candidates import candidates
from agent_desk.store.leasing.lease import LeasedRow, Route, lease
from agent_desk.store.lists import lists
from agent_desk.store.rows.journal import Journal
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.sealing import Sealer
from agent_desk.store.strategy import calling_plans
from agent_desk.store.unit_of_work import Database
from tests.postgresql_cluster import Cluster, binaries

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
SEALER = Sealer.of_keys([b"d" * 32], b"i" * 32)
CHUNK = 100_000
WARM_UP = 20
OUTCOMES = 300
TRUE, FALSE = "(1 = 1)", "(1 = 0)"  # alike on both databases
IDS = itertools.count(1)


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
            session,
            at=NOW,
            name="bench",
            kind="collections",
            product_id=product_id,
            running="running",
        )
        list_id = lists.list_id_of(session, "bench", product_id, source="bench", at=NOW)
        campaigns.add_list(session, campaign_id, list_id)
    now = to_microseconds(NOW)
    due = (NOW - timedelta(days=10)).date()
    for start in range(0, entries, CHUNK):
        with database.write() as session:
            connection = session.connection()
            span = {"first": start + 1, "last": min(start + CHUNK, entries), "due": due}
            span["sealed"] = SEALER.seal("+819012345678")  # the same for all: sealing is slow
            for statement in _statements(list_id, now):
                wanted = {name: value for name, value in span.items() if f":{name}" in statement}
                connection.execute(text(statement), wanted)
    with database.engine().execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    return campaign_id


def _statements(list_id: int, now: int) -> tuple[str, ...]:
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
        "INSERT INTO customers"
        " (id, source, name_sealed, name_key, delinquency, created_at, updated_at) "
        f"{numbers}SELECT i, 'bench', 'x', 'k', 'd1_30', {now}, {now} FROM n",
        "INSERT INTO debts"
        " (id, customer_id, product_id, external_id, amount_yen, due_on, created_at) "
        f"{numbers}SELECT i, i, 1, '', 10000, :due, {now} FROM n",
        "INSERT INTO phones"
        " (id, customer_id, position, kind, number_sealed, number_key, created_at) "
        f"{numbers}SELECT i, i, 1, 'mobile', :sealed, 'key' || i, {now} FROM n",
        "INSERT INTO list_entries"
        " (id, list_id, customer_id, priority, state, next_at, tries, ladder_times, created_at) "
        f"{numbers}SELECT i, {list_id}, i, 3 + i * 7919 % 4, 'ready', {next_at}, 0, 0, {now}"
        " FROM n",
        "INSERT INTO attempts (id, campaign_id, list_entry_id, customer_id, phone_id, number_key,"
        " number_today, cap_today, trunk_id, gateway_id, desk_epoch, leased_at, not_after,"
        " placed_at, open, counts) "
        f"{numbers}SELECT 'past' || i, 1, i, i, i, 'key' || i, 1, 2, 'trunk1', 'gw1', 1,"
        f" {now} - 259200000000, {now}, {now} - 259200000000, {FALSE}, {TRUE}"
        " FROM n WHERE i % 5 = 1",
        "INSERT INTO attempt_outcomes (attempt_id, campaign_id, outcome, blame, by, counts,"
        " answered, live_answer, abandoned, cause, at) "
        f"{numbers}SELECT 'past' || i, 1, 'no_answer', 'customer', 'trunk', {TRUE}, {FALSE},"
        f" {FALSE}, {FALSE}, '', {now} - 259180000000 FROM n WHERE i % 5 = 1",
    )


@dataclass
class Took:
    """Seconds of each round, by the wall and of this process's processor time."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @contextmanager
    def round(self) -> Iterator[None]:
        began, worked = time.perf_counter(), time.process_time()
        yield
        self.wall.append(time.perf_counter() - began)
        self.processor.append(time.process_time() - worked)


def lease_some(database: Database, campaign_id: int, count: int) -> tuple[LeasedRow, ...]:
    """One lease as the desk makes it."""
    with database.write() as session:
        settings = rule_settings.settings(session, campaign_id, NOW)
        judge = Judge(settings, SEALER, NOW, practice=False)
        found = lease(
            session,
            settings,
            count=count,
            now=NOW,
            judge=judge,
            routes=[Route("trunk1", "gw1")] * count,
            new_call_id=lambda: f"{next(IDS):032x}",
            desk_epoch=1,
        )
        judge.keep(session, actor="dialer")
    if len(found.rows) < count:
        raise RuntimeError(f"only {len(found.rows)} of {count} found: make more entries")
    return found.rows


def measure(
    database: Database, campaign_id: int, count: int, seconds: float
) -> tuple[Took, list[LeasedRow]]:
    """Leases of `count`, for as long as told, and what was leased."""
    took, leased = Took(), []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(took.wall) <= WARM_UP:
        with took.round():
            rows = lease_some(database, campaign_id, count)
        leased += rows
    return Took(took.wall[WARM_UP:], took.processor[WARM_UP:]), leased


def measure_outcomes(database: Database, campaign_id: int, rows: list[LeasedRow]) -> Took:
    """Each ends unanswered; one transaction each, where the desk writes up to 64 in one."""
    journal = Journal(SEALER, NextTry(sealer=SEALER, practice=False))
    took = Took()
    for row in rows:
        ended = CallFinished(
            call_id=CallId(row.call_id),
            list_entry_id=ListEntryId(row.list_entry_id),
            customer_id=CustomerId(row.customer_id),
            campaign_id=CampaignId(campaign_id),
            outcome="no_answer",
            blame="customer",
            by="trunk",
            counts=True,
            answered=False,
            live_answer=False,
            abandoned=False,
            sip_code=480,
            q850=None,
            cause="",
            seat_id=None,
            at=NOW + timedelta(seconds=25),
        )
        with took.round(), database.write() as session:
            journal.write_events(session, [ended])
    return took


def share_with_ai(database: Database, campaign_id: int) -> None:
    """Leave 95 % of the customers to the AI."""
    with database.write() as session:
        calling_plans.set_human_share_only(session, campaign_id, True)


def measure_candidates(database: Database, campaign_id: int, rounds: int = 200) -> Took:
    """Finding the next ten entries."""
    took = Took()
    for _ in range(rounds):
        with database.write() as session, took.round():
            candidates(session, campaign_id, NOW, 10)
    return took


def _line(name: str, what: str, took: Took, count: int) -> str:
    wall = sorted(took.wall)
    p50, p99 = statistics.median(wall), wall[int(len(wall) * 0.99)]
    rate = count * len(wall) / sum(wall)
    processor = statistics.mean(took.processor)
    return (
        f"| {name} | {what} | {len(wall)} | {rate:.0f} | {p50 * 1e3:.2f} | {p99 * 1e3:.2f}"
        f" | {processor * 1e3:.2f} |"
    )


def main() -> None:
    """Fill, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    print(f"{options.entries:,} list entries\n")
    print("| database | what | samples | leases/s | p50 ms | p99 ms | cpu ms |")
    print("|---|---|---|---|---|---|---|")
    with databases() as found:
        for name, database in found:
            campaign_id = fill(database, options.entries)
            took = measure_candidates(database, campaign_id)
            print(_line(name, "find 10 (no write)", took, 10), flush=True)
            for count in (1, 10):
                took, rows = measure(database, campaign_id, count, options.seconds)
                print(_line(name, f"lease {count}", took, count), flush=True)
            took = measure_outcomes(database, campaign_id, rows[:OUTCOMES])
            print(_line(name, "outcome", took, 1), flush=True)
            share_with_ai(database, campaign_id)
            took, _ = measure(database, campaign_id, 1, options.seconds)
            print(_line(name, "lease 1, share", took, 1), flush=True)


if __name__ == "__main__":
    main()
