"""Plans the server keeps: the same answers, thought about once per connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Select, bindparam, create_engine, func, literal_column, select, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DataError

from agent_desk.store.kept_plans import FRESH_S, MOST, keep_plans, kept
from agent_desk.store.unit_of_work import Database
from tests.postgresql_cluster import Cluster

pytestmark = pytest.mark.postgresql
CHOSEN: Select[int] = kept(
    select(literal_column("n"))
    .select_from(text("generate_series(0, 4) AS n"))
    .where(literal_column("n").in_(bindparam("ids", expanding=True)))
    .order_by(literal_column("n"))
)


@pytest.fixture(scope="module")
def postgresql_url(postgresql_cluster: Cluster) -> Iterator[str]:
    """An empty database: nothing here needs a table."""
    name = postgresql_cluster.create()
    yield postgresql_cluster.url(name)
    postgresql_cluster.drop(name)


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def connection(postgresql_url: str, seconds: list[float]) -> Iterator[Connection]:
    engine = create_engine(postgresql_url)
    keep_plans(engine, elapsed=lambda: seconds[0])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def plans(connection: Connection) -> int:
    found = connection.execute(text("SELECT count(*) FROM pg_prepared_statements"))
    return int(found.scalar_one())


def chosen(connection: Connection, *ids: int) -> list[int]:
    return list(connection.scalars(CHOSEN, {"ids": ids}))


def test_a_statement_is_planned_once_for_each_number_of_values(connection: Connection) -> None:
    assert [chosen(connection, 1), chosen(connection, 4)] == [[1], [4]]
    assert plans(connection) == 1
    assert chosen(connection, 3, 2) == [2, 3]
    assert plans(connection) == 2


def test_what_is_not_marked_is_sent_as_it_is(connection: Connection) -> None:
    connection.execute(select(func.now()))
    assert plans(connection) == 0


def test_a_percent_sign_and_a_value_said_twice_come_out_as_they_went_in(
    connection: Connection,
) -> None:
    statement = kept(text("SELECT '5 %', :again + 1, 2 * :again"))
    assert connection.execute(statement, {"again": 20}).one() == ("5 %", 21, 40)


def test_a_failure_and_a_rollback_leave_the_plans_usable(connection: Connection) -> None:
    divided = kept(text("SELECT 12 / :by"))
    assert connection.scalar(divided, {"by": 4}) == 3
    with pytest.raises(DataError):
        connection.scalar(divided, {"by": 0})
    connection.rollback()
    assert connection.scalar(divided, {"by": 6}) == 2


def test_plans_are_given_up_after_a_minute(connection: Connection, seconds: list[float]) -> None:
    chosen(connection, 1)
    chosen(connection, 1, 2)
    seconds[0] += FRESH_S
    assert chosen(connection, 1) == [1]
    assert plans(connection) == 1


def test_no_connection_keeps_more_than_so_many(connection: Connection) -> None:
    for number in range(MOST + 5):
        assert connection.scalar(kept(text(f"SELECT {number} + :one")), {"one": 1}) == number + 1
    assert plans(connection) == MOST


def test_the_desks_own_door_keeps_plans_and_replaces_what_the_server_closed(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, other = Database(postgresql_url, pool_size=1), Database(postgresql_url)
    try:
        with database.write() as session:
            assert list(session.connection().scalars(CHOSEN, {"ids": [2]})) == [2]
            mine = session.scalar(text("SELECT pg_backend_pid()"))
        with other.write() as session:
            session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
        monkeypatch.setattr("agent_desk.store.unit_of_work._TRUSTED_S", 0.0)
        with database.write() as session:
            assert list(session.connection().scalars(CHOSEN, {"ids": [3]})) == [3]
    finally:
        database.close()
        other.close()


def test_a_database_of_another_kind_needs_no_mark(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    try:
        with database.write() as session:
            assert session.connection().scalar(kept(select(literal_column("7")))) == 7
    finally:
        database.close()


def test_engines_are_told_apart(postgresql_url: str) -> None:
    plain: Engine = create_engine(postgresql_url)
    with plain.connect() as connection:
        assert chosen(connection, 1) == [1]
        assert plans(connection) == 0
    plain.dispose()
