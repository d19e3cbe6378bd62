"""Migrations: one head, equal to the models, and each one reversible with rows in the tables."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from agent_desk.models.tables import METADATA
from agent_desk.store import schema
from agent_desk.store.unit_of_work import Database
from tests.postgresql_cluster import Cluster

SCRIPTS = ScriptDirectory(str(schema.DIRECTORY))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]


@pytest.fixture
def empty(empty_database_url: str) -> Any:
    database = Database(empty_database_url)
    yield database
    database.close()


@pytest.fixture(scope="module", autouse=True)
def scripts_read_once() -> Iterator[None]:
    """Alembic reads every script for every command; here they are the same all along."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "from_config", lambda config: SCRIPTS)
        yield


@pytest.fixture(scope="module")
def climbed() -> dict[str, tuple[str, str]]:
    """By dialect: a database that goes up with the tests, one revision after the other, and where
    it stands."""
    return {}


@pytest.fixture
def database_at(
    dialect: str,
    climbed: dict[str, tuple[str, str]],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[str], Database]]:
    """A database of a test's own at a revision, without rows: `database_at("0007_…")`."""
    opened: list[Database] = []
    cluster: Cluster | None = None
    if dialect == "postgresql":
        cluster = request.getfixturevalue("postgresql_cluster")

    def climb(revision: str) -> str:
        template, stands = climbed.get(dialect, ("", ""))
        if not template or stands > revision:
            empty = tmp_path_factory.mktemp("climbed") / "desk.db"
            template = cluster.create() if cluster else str(empty)
        database = Database(cluster.url(template) if cluster else f"sqlite:///{template}")
        schema.upgrade(database, revision)
        database.close()
        climbed[dialect] = (template, revision)
        return template

    def copy(revision: str) -> Database:
        template = climb(revision)
        if cluster:
            url = cluster.url(cluster.create(template=template))
        else:
            url = f"sqlite:///{shutil.copy(template, tmp_path / 'desk.db')}"
        opened.append(Database(url))
        return opened[-1]

    yield copy
    for database in opened:
        name = database.engine().url.database
        database.close()
        if cluster and name:
            cluster.drop(name)


def test_the_file_names_the_one_head() -> None:
    assert SCRIPTS.get_heads() == [schema.head()]


def test_numbers_follow_and_files_are_named_by_them() -> None:
    assert [int(revision[:4]) for revision in REVISIONS] == list(range(1, len(REVISIONS) + 1))
    for script in SCRIPTS.walk_revisions():
        assert Path(script.path).stem == script.revision


def test_the_head_equals_the_models(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_partial_indexes_and_checks_equal_those_of_the_models(
    empty: Database, tmp_path: Path
) -> None:
    """Alembic compares neither, so the database's own text of them is compared."""
    schema.upgrade(empty)
    migrated = _definitions(empty)
    schema.downgrade(empty, "base")
    METADATA.create_all(empty.engine())
    assert _definitions(empty) == migrated


def test_all_the_way_down_leaves_nothing(empty: Database) -> None:
    schema.upgrade(empty)
    schema.downgrade(empty, "base")
    assert set(sa.inspect(empty.engine()).get_table_names()) <= {"alembic_version"}
    assert schema.revision(empty) is None


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_one_goes_down_and_up_again_with_rows_present(
    database_at: Callable[[str], Database], revision: str
) -> None:
    before = REVISIONS[REVISIONS.index(revision) - 1] if revision != REVISIONS[0] else "base"
    database = database_at(revision)
    kept = _fill(database)
    schema.downgrade(database, before)
    remaining = _counts(database)
    assert all(remaining[name] == 1 for name in remaining if name in kept)
    schema.upgrade(database, revision)
    assert set(_counts(database)) == kept
    schema.upgrade(database)
    assert schema.revision(database) == schema.head()


def _definitions(database: Database) -> set[str]:
    if database.dialect == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
        with database.engine().connect() as connection:
            return {_plain(row) for row in connection.scalars(sa.text(query))}
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    checks = "SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0"
    found = set()
    with database.engine().connect() as connection:
        for query in (indexes, checks):
            found |= {_plain(row) for row in connection.scalars(sa.text(query))}
    return {row for row in found if "alembic_version" not in row}


def _plain(text: str) -> str:
    """Its words, sorted: columns and constraints may come in another order."""
    return " ".join(sorted(re.findall(r"[^\s,()\"]+", text)))


def _fill(database: Database) -> set[str]:
    """One row in every table, its keys pointing at the others; the names of the tables."""
    metadata = sa.MetaData()
    metadata.reflect(database.engine())
    metadata.remove(metadata.tables["alembic_version"])
    with database.engine().begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.insert().values(**_row(table)))
    return set(metadata.tables)


def _row(table: sa.Table) -> dict[str, Any]:
    """Values that satisfy types, foreign keys (every id is 1 or "1") and checks."""
    chosen = {
        "campaigns": {"kind": "sales", "window_start_minute": 540, "window_end_minute": 1200}
        | {"ring_limit_s": 25, "abandon_target": 0.01},
        "campaign_schedules": {"start_minute": 540, "end_minute": 1200},
        # empty only for callers nobody knows, who have no place in the tables before 0009
        "attempts": {"list_entry_id": 1, "customer_id": 1, "phone_id": 1, "number_key": "1"},
        "calls": {"customer_id": 1},
        "results": {"customer_id": 1},
        "notes": {"customer_id": 1},
        "do_not_call": {"number_key": "k"},
        "list_entries": {"state": "ready"},
        "phones": {"kind": "mobile"},
        "strategy_classes": {"delinquency": "d91"},
        "users": {"role": "operator"},
        "promises": {"state": "open"},
        "promise_parts": {"state": "open"},
        "callbacks": {"state": "open"},
        "orders": {"cooling_off_days": 8},
        "listening_answers": {"level": "met"},
        "record_fields": {"access": "locked"},
        "import_batches": {"state": "queued", "list_id": 1},
        "import_rows": {"state": "added"},
        "jobs": {"state": "queued"},
        "area_holds": {"kind": "city"},
        "consents": {"kind": "workplace"},
        "customer_holds": {"reason": "hospital"},
        "overrides": {"customer_id": 1},
        "time_corrections": {"kind": "paid"},
        "roster_shifts": {"start_minute": 540, "end_minute": 1080},
        "daily_targets": {"user_id": 1},
        "call_scores": {"state": "answered", "score": 5},
        "seat_messages": {"scope": "all"},
        "floor_thresholds": {"too_long_s": 2},
        "closed_months": {"kind": "closed"},
        "report_schedules": {"often": "daily"},
        "report_deliveries": {"state": "failed"},
        "customer_voices": {"heard": "talk"},
        "tariff_versions": {"kind": "metered", "billed_by": "booth"},
    }.get(table.name, {})
    words = {"mode": "ratio", "running": "running", "screening": "off", "after_wrap_up": "away"}
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name in chosen:
            row[column.name] = chosen[column.name]
        elif column.name in words and table.name == "campaigns":
            row[column.name] = words[column.name]
        elif not column.nullable:
            row[column.name] = _value(column.type)
    return row


def _value(kind: sa.types.TypeEngine[Any]) -> Any:
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Date):
        return date(2026, 1, 1)
    if isinstance(kind, sa.LargeBinary):
        return b"1"
    if isinstance(kind, sa.JSON):
        return {}
    return "1" if isinstance(kind, sa.String) else 1


def _counts(database: Database) -> dict[str, int]:
    names = set(sa.inspect(database.engine()).get_table_names()) - {"alembic_version"}
    with database.engine().connect() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0
            for name in names
        }
