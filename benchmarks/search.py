"""How long looking a customer up takes among a million, on SQLite and on PostgreSQL.

    python -m benchmarks.search [--customers 1000000] [--rounds 40] [--database /tmp/search.db]
                               [--only postgresql]

Customers are made by bulk SQL: 60,000 names in about the frequencies of Japan (佐藤 one in 65), two
thirds of them with a reading, every customer with a number, an external id and all the keys an
import writes. A search is the service's own (`CustomerSearch.look`): scope, keys, opening of the 50
rows that are shown; the row of the audit trail that the page writes beside it is one insert. The
lead's team has one customer in a hundred, so that most of what a key finds is not theirs. With
`--database` the SQLite file is kept and used again, and PostgreSQL is left out.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from agent_desk.clock import SystemClock
from agent_desk.models.base import to_microseconds
from agent_desk.services.actor import Actor
from agent_desk.services.customers.search import Asked, CustomerSearch
from agent_desk.services.lists import normalise
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.store import schema
from agent_desk.store.customers import search_keys
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from benchmarks.leasing import databases

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
SEALER = Sealer.of_keys([b"d" * 32], b"i" * 32)
NAMES = 60_000
CHUNK = 100_000
# Of each the share in 1,000 people; the rest have rarer names.
SURNAMES = (
    ("佐藤", "サトウ", 15),
    ("鈴木", "スズキ", 14),
    ("高橋", "タカハシ", 11),
    ("田中", "タナカ", 10),
    ("伊藤", "イトウ", 8),
    ("渡辺", "ワタナベ", 8),
    ("山本", "ヤマモト", 8),
    ("中村", "ナカムラ", 8),
    ("小林", "コバヤシ", 8),
    ("加藤", "カトウ", 7),
    ("吉田", "ヨシダ", 6),
    ("山田", "ヤマダ", 6),
    ("佐々木", "ササキ", 5),
    ("山口", "ヤマグチ", 5),
    ("松本", "マツモト", 5),
    ("井上", "イノウエ", 5),
)
FIRST = "木林森川田山谷野原村井上下中東西南北大小石岩土水火金銀竹梅桜藤松杉柳青赤白黒"
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
GIVEN = (("太郎", "タロウ"), ("花子", "ハナコ"), ("一郎", "イチロウ"), ("美咲", "ミサキ"))
SEARCHES = (
    ("number", Asked(number="090-1000-0777")),
    ("last four digits", Asked(last4="0777")),
    ("external id", Asked(external_id="E777")),
    ("kana, 2 characters", Asked(kana="サト")),
    ("kana, whole", Asked(kana="サトウタロウ")),
    ("name, 1 character", Asked(name="佐")),
    ("name, surname", Asked(name="佐藤")),
    ("name, whole", Asked(name="佐藤 太郎")),
    ("kana and last four", Asked(kana="サトウ", last4="0777")),
    ("nobody", Asked(kana="ンンンン")),
)


def names() -> Iterator[tuple[str, str]]:
    """Names and readings, the common ones as often as they are."""
    dice = random.Random(1)  # the same names every time
    common = [(name, kana) for name, kana, share in SURNAMES for _ in range(share)]
    for _ in range(NAMES):
        if dice.random() < len(common) / 1000:
            name, kana = dice.choice(common)
        else:
            name = "".join(dice.choice(FIRST) for _ in range(2))
            kana = "".join(dice.choice(KANA) for _ in range(dice.randint(2, 4)))
        given, read = dice.choice(GIVEN)
        if dice.random() < 0.7:
            given += dice.choice(FIRST)
            read += dice.choice(KANA)
        yield f"{name} {given}", kana + read


def fill(database: Database, customers: int) -> None:
    """That many customers, one in a hundred on the list of team 1."""
    schema.upgrade(database)
    now = to_microseconds(NOW)
    with database.write() as session:
        _names(session)
        for statement in _house(now):
            session.execute(text(statement))
    for first in range(0, customers, CHUNK):
        with database.write() as session:
            span = {"first": first + 1, "last": min(first + CHUNK, customers), "now": now}
            for statement in _people():
                wanted = {key: value for key, value in span.items() if f":{key}" in statement}
                session.execute(text(statement), wanted)
    with database.write() as session:
        for statement in _keys():
            session.execute(text(statement))
        session.execute(text("DROP TABLE bench_keys"))
        session.execute(text("DROP TABLE bench_names"))
    with database.engine().execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def _names(session: Session) -> None:
    blob = "BYTEA" if session.get_bind().dialect.name == "postgresql" else "BLOB"
    session.execute(
        text(
            f"CREATE TABLE bench_names (id BIGINT PRIMARY KEY, name {blob}, kana {blob},"
            " name_key TEXT, kana_key TEXT)"
        )
    )
    session.execute(text("CREATE TABLE bench_keys (key TEXT, name_id BIGINT, last4 BIGINT)"))
    rows, keys = [], []
    for number, (name, kana) in enumerate(names()):
        read = kana if number % 3 else None
        form = normalise.name(name)
        rows.append(
            {
                "id": number,
                "name": SEALER.seal(name),
                "kana": SEALER.seal(read) if read else None,
                "name_key": SEALER.name_key(form),
                "kana_key": SEALER.kana_key(read) if read else None,
            }
        )
        found_by = search_keys.keys_of(SEALER, search_keys.Findable(form, read))
        keys += [{"key": key, "name_id": number, "last4": None} for key in found_by]
    for last4 in range(10_000):
        key = search_keys.last4_key(SEALER, f"{last4:04}")
        keys.append({"key": key, "name_id": None, "last4": last4})
    session.execute(
        text("INSERT INTO bench_names VALUES (:id, :name, :kana, :name_key, :kana_key)"), rows
    )
    session.execute(text("INSERT INTO bench_keys VALUES (:key, :name_id, :last4)"), keys)
    sealed = SEALER.seal("+819010000777")
    session.execute(
        text(f"CREATE TABLE bench_number (sealed {blob}, key TEXT)"),
    )
    number_key = SEALER.number_key("+819010000777")
    session.execute(
        text("INSERT INTO bench_number VALUES (:sealed, :key)"),
        {"sealed": sealed, "key": number_key},
    )


def _house(now: int) -> tuple[str, ...]:
    return (
        "INSERT INTO teams (id, name) VALUES (1, 'first')",
        "INSERT INTO products (id, name) VALUES (1, 'bench')",
        "INSERT INTO campaigns (id, name, kind, product_id, mode, ratio, running, ring_limit_s,"
        " screening, bridge_within_s, wrap_up_s, wrap_up_extension_s, wrap_up_extensions,"
        " after_wrap_up, abandon_target, identity_needed, identity_factor, identity_tries,"
        " promise_max_days, daily_cap, min_gap_minutes, max_tries, window_start_minute,"
        " window_end_minute, caller_id, script, retry, created_at) VALUES (1, 'bench', 'sales', 1,"
        " 'progressive', 1.0, 'stopped', 25, 'off', 2.0, 60, 30, 2, 'available', 0.01, (1 = 0),"
        f" 'birth_date', 3, 31, 2, 15, 6, 540, 1200, '', '', '{{}}', {now})",
        "INSERT INTO campaign_teams (campaign_id, team_id) VALUES (1, 1)",
        "INSERT INTO lists (id, name, product_id, source, lawful_basis, created_at)"
        f" VALUES (1, 'bench', 1, 'bench', '', {now})",
        "INSERT INTO campaign_lists (campaign_id, list_id, enabled) VALUES (1, 1, (1 = 1))",
    )


NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS BIGINT) UNION ALL"
    " SELECT i + 1 FROM n WHERE i < :last) "
)


def _people() -> tuple[str, ...]:
    return (
        "INSERT INTO customers (id, source, external_id, name_sealed, kana_sealed, name_key,"
        f" kana_key, created_at, updated_at) {NUMBERS}SELECT i, 'bench', 'E' || i, b.name, b.kana,"
        " b.name_key, b.kana_key, :now, :now FROM n"
        f" JOIN bench_names b ON b.id = i * 7919 % {NAMES}",
        "INSERT INTO phones (id, customer_id, position, kind, number_sealed, number_key,"
        f" created_at) {NUMBERS}SELECT i, i, 1, 'mobile', (SELECT sealed FROM bench_number),"
        " CASE WHEN i = 777 THEN (SELECT key FROM bench_number) ELSE 'key' || i END, :now FROM n",
        "INSERT INTO list_entries (id, list_id, customer_id, priority, state, next_at, tries,"
        f" ladder_times, created_at) {NUMBERS}SELECT i, 1, i, 5, 'ready', :now, 0, 0, :now FROM n"
        " WHERE i * 7919 / 100 % 100 = 0",
    )


def _keys() -> tuple[str, ...]:
    """In the order of the key: as many in any other order take far longer."""
    return (
        "INSERT INTO search_keys (key, customer_id) SELECT k.key, c.id FROM bench_keys k"
        f" JOIN customers c ON c.id * 7919 % {NAMES} = k.name_id WHERE k.name_id IS NOT NULL"
        " ORDER BY k.key, c.id",
        "INSERT INTO search_keys (key, customer_id) SELECT k.key, c.id FROM customers c"
        " JOIN bench_keys k ON k.last4 = c.id % 10000 ORDER BY k.key, c.id",
        "DROP TABLE bench_number",
    )


def measure(database: Database, rounds: int) -> Iterator[tuple[str, ...]]:
    """Median and 95th percentile of each kind of search, as a manager and as a lead."""
    service = CustomerSearch(
        database=database,
        sealer=SEALER,
        commits=DirectDoor(database),
        clock=SystemClock(start=NOW, anchor=None),
        practice=False,
    )
    asking = {
        "manager": Actor("manager1", "manager"),
        "lead": Actor("lead1", "lead", frozenset({1})),
    }
    for label, asked in SEARCHES:
        for who, actor in asking.items():
            took = []
            for _ in range(rounds):
                began = time.perf_counter()
                found = service.look(asked, actor=actor)
                took.append((time.perf_counter() - began) * 1000)
            took.sort()
            yield (
                label,
                who,
                f"{len(found.rows)}{'+' if found.more else ''}",
                f"{statistics.median(took):.1f}",
                f"{took[int(0.95 * (len(took) - 1))]:.1f}",
                f"{took[-1]:.1f}",
            )


def main() -> None:
    """Fill, measure, print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--database", type=Path)
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    chosen = options.parse_args()
    print(f"{chosen.customers:,} customers\n")
    print("| database | search | who | found | p50 ms | p95 ms | longest ms |")
    print("|---|---|---|---|---|---|---|")
    if chosen.database is not None:
        there = chosen.database.exists()
        database = Database(f"sqlite:///{chosen.database}")
        if not there:
            fill(database, chosen.customers)
        _table("sqlite", database, chosen.rounds)
        return
    with databases() as found:
        for kind, database in found:
            if chosen.only not in (None, kind):
                continue
            fill(database, chosen.customers)
            _table(kind, database, chosen.rounds)


def _table(kind: str, database: Database, rounds: int) -> None:
    for row in measure(database, rounds):
        print(f"| {kind} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
