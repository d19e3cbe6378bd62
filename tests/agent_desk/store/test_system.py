"""The fence between desks: who writes has not been superseded when it commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from agent_desk.store import system
from agent_desk.store.system import Superseded
from agent_desk.store.unit_of_work import Database
from tests.waiting import PATIENCE_S, until


@pytest.fixture
def another(database_url: str) -> Iterator[Database]:
    """The door of another process."""
    opened = Database(database_url)
    yield opened
    opened.close()


def begin(database: Database) -> int:
    with database.write() as session:
        return system.begin_epoch(session)


def test_an_older_desk_is_fenced_off(database: Database) -> None:
    older, newer = begin(database), begin(database)
    with database.write() as session:
        system.fence(session, newer)
        with pytest.raises(Superseded, match=f"desk {newer}"):
            system.fence(session, older)


def test_nobody_takes_over_while_an_older_desk_has_a_write_under_way(
    database: Database, another: Database
) -> None:
    """What passed the fence is committed, and seen by who takes over, or it is not written."""
    first = begin(database)
    seen: list[str | None] = []

    def take_over() -> None:
        with another.write() as session:
            system.begin_epoch(session)
            seen.append(system.get(session, "what the first wrote"))

    taking_over = threading.Thread(target=take_over)
    with database.write() as session:
        system.fence(session, first)
        taking_over.start()
        until(
            lambda: _waits(database) or database.dialect == "sqlite", what="waiting for the first"
        )
        assert seen == []
        system.put(session, "what the first wrote", "a lease")
    taking_over.join(PATIENCE_S)
    assert seen == ["a lease"]
    with pytest.raises(Superseded), database.write() as session:
        system.fence(session, first)


def test_two_desks_that_start_at_once_are_two_epochs(database: Database, another: Database) -> None:
    begin(database)
    begun: list[int] = []
    starting = threading.Thread(target=lambda: begun.append(begin(another)))
    with database.write() as session:
        begun.append(system.begin_epoch(session))
        starting.start()
        until(
            lambda: _waits(database) or database.dialect == "sqlite", what="waiting for the other"
        )
    starting.join(PATIENCE_S)
    assert begun == [2, 3]


@pytest.mark.parametrize(
    "dialect", [pytest.param("postgresql", marks=pytest.mark.postgresql)], scope="session"
)
def test_a_desk_that_stands_still_within_a_write_keeps_nobody_out(
    database_url: str, another: Database
) -> None:
    first = begin(another)
    frozen = Database(database_url, forsaken_after_s=0.1)
    with pytest.raises(OperationalError), frozen.write() as session:
        system.fence(session, first)
        system.put(session, "what the first wrote", "a lease")
        assert begin(another) == first + 1
    with another.read() as session:
        assert system.get(session, "what the first wrote") is None
    frozen.close()


def _waits(database: Database) -> bool:
    """Whether PostgreSQL has somebody wait for a lock; SQLite's one door needs no asking."""
    if database.dialect == "sqlite":
        return False
    with database.read() as session:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(session.connection().exec_driver_sql(waiting).scalar())
