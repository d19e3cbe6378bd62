"""The year of the reports' benchmark: the same on both databases; its check finds differences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from agent_desk.models.tables import METADATA
from agent_desk.store import schema
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.unit_of_work import Database
from benchmarks.reports import copying, right, year
from benchmarks.reports.__main__ import SEALER, busiest
from tests.postgresql_cluster import Cluster

SIZE = year.Size(1500, 4500, 12, 60, 40, first=date(2025, 11, 1), months=1)


def quiet(what: str) -> None:
    """Nobody waits."""


@pytest.fixture
def made(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    schema.upgrade(database)
    year.write(database.url, SIZE, SEALER, quiet)
    return database


@pytest.mark.postgresql
def test_every_row_is_copied_as_it_is(
    made: Database, tmp_path: Path, postgresql_cluster: Cluster
) -> None:
    with made.write() as session:
        odd = "a\\b\tc\nd\re"
        session.execute(text("UPDATE campaigns SET name = :odd WHERE id = 1"), {"odd": odd})
    name = postgresql_cluster.create()
    copied = Database(postgresql_cluster.url(name))
    copying.copy(tmp_path / "desk.db", copied.url, quiet)
    counts = {}
    with made.read() as here, copied.read() as there:
        for table in METADATA.sorted_tables:
            query = select(table).order_by(*table.primary_key.columns)
            rows = [dict(row._mapping) for row in here.execute(query)]
            assert rows == [dict(row._mapping) for row in there.execute(query)], table.name
            counts[table.name] = len(rows)
    assert counts["attempts"] == counts["calls"] > 1000
    assert counts["seat_moves"] > 1000 and counts["customers"] == 60
    copied.close()
    postgresql_cluster.drop(name)


@pytest.fixture
def checked(made: Database, tmp_path: Path) -> Callable[[], str]:
    writer = FactWriter(
        tmp_path / "facts",
        database=made,
        identity="one",
        sealer=SEALER,
        now=lambda: datetime.now(UTC),
    )
    writer.catch_up()
    facts = Facts(writer.directory, SEALER)

    def told() -> str:
        return right.check(facts, made, SEALER, busiest(facts), samples=20, seed=3)

    return told


def test_the_check_agrees_with_what_was_just_made(checked: Callable[[], str]) -> None:
    assert "every figure as counted over the rows" in checked()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE calls SET seat_user_id = seat_user_id % 12 + 1 WHERE seat_user_id IS NOT NULL",
        "UPDATE status_marks SET marked = 0",
        "UPDATE seat_moves SET to_state = 'hold' WHERE to_state = 'talking'",
        "UPDATE promises SET amount_yen = amount_yen + 1",
    ],
)
def test_the_check_finds_rows_that_are_others(
    checked: Callable[[], str], made: Database, statement: str
) -> None:
    with made.write() as session:
        session.execute(text(statement))
    with pytest.raises(right.Wrong):
        checked()
