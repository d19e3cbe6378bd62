"""The door to the database: one writer, snapshots for readers, nothing half written."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from agent_desk.models.system import SystemValue
from agent_desk.models.tables import METADATA
from agent_desk.store import system, unit_of_work
from agent_desk.store.rows import commands
from agent_desk.store.unit_of_work import Database, DatabaseBusy
from tests.agent_desk.store.desk_rows import at


def test_what_a_block_wrote_is_committed_at_its_end(database: Database) -> None:
    with database.write() as session:
        system.put(session, "a", "1")
    with database.read() as session:
        assert system.get(session, "a") == "1"


def test_an_exception_undoes_the_whole_block(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        system.put(session, "a", "1")
        raise ZeroDivisionError
    with database.read() as session:
        assert system.get(session, "a") is None


def test_a_reader_sees_one_snapshot_while_others_write(database: Database) -> None:
    with database.read() as session:
        assert system.get(session, "a") is None
        with database.write() as writing:
            system.put(writing, "a", "1")
        assert system.get(session, "a") is None


def test_what_is_committed_aside_is_all_of_it_or_nothing(sqlite_path: Path) -> None:
    database = Database(f"sqlite:///{sqlite_path}")
    METADATA.create_all(database.engine(), [METADATA.tables["system"]])
    seen: list[object] = []

    def look(work: Callable[..., object], *arguments: object) -> None:
        work(*arguments)
        with database.read() as session:
            seen.append(system.get(session, "one"))

    def fail(work: Callable[..., object], *arguments: object) -> None:
        raise OSError("disk full")

    with database.write(look) as session:
        session.add(SystemValue(key="one", value="pending until now"))
    with pytest.raises(OSError), database.write(fail) as session:
        session.add(SystemValue(key="two", value="never"))
    with database.write() as session:
        seen += [system.get(session, "one"), system.get(session, "two")]
    database.close()
    assert seen == ["pending until now", "pending until now", None]


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.read() as session:
        system.put(session, "a", "1")


def test_a_read_only_database_refuses_the_door(database_url: str) -> None:
    reading = Database(database_url, readonly=True)
    with pytest.raises(PermissionError), reading.write():
        pass
    reading.close()


def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text("INSERT INTO team_leads (team_id, user_id) VALUES (9, 9)"))


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "busy.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    yield path


def test_writers_from_many_threads_queue_and_none_is_refused(sqlite_path: Path) -> None:
    database = Database(f"sqlite:///{sqlite_path}")
    with database.write() as session:
        session.execute(text("INSERT INTO t VALUES (0)"))

    def add() -> None:
        for _ in range(10):
            with database.write() as session:
                value = session.execute(text("SELECT a FROM t")).scalar_one()
                session.execute(text("UPDATE t SET a = :a"), {"a": value + 1})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.execute(text("SELECT a FROM t")).scalar_one() == 40
    database.close()


def test_a_lock_held_by_another_process_is_waited_for_without_sleeping_inside_sqlite(
    sqlite_path: Path,
) -> None:
    other = sqlite3.connect(sqlite_path, isolation_level=None, check_same_thread=False)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            other.execute("COMMIT")

    database = Database(f"sqlite:///{sqlite_path}", pause=pause)
    with database.write() as session:
        session.execute(text("INSERT INTO t VALUES (1)"))
    other.execute("BEGIN IMMEDIATE")
    with database.write() as session:
        session.execute(text("INSERT INTO t VALUES (2)"))
    assert len(pauses) == 3
    database.close()
    other.close()


def test_a_lock_that_never_goes_away_is_an_error_with_a_name(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "BUSY_FOR_S", 0.05)
    database = Database(f"sqlite:///{sqlite_path}", pause=lambda seconds: None)
    other = sqlite3.connect(sqlite_path, isolation_level=None)
    with database.write() as session:
        session.execute(text("INSERT INTO t VALUES (1)"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy), database.write():
        pass
    other.execute("ROLLBACK")
    with database.write() as session:
        session.execute(text("INSERT INTO t VALUES (1)"))
    other.close()
    database.close()


def test_a_command_is_remembered_once(database: Database) -> None:
    with database.write() as session:
        commands.remember(session, "c1", {"ok": True, "details": {"n": 1}}, at=at())
    with pytest.raises(IntegrityError), database.write() as session:
        commands.remember(session, "c1", {"ok": False}, at=at())
    with database.write() as session:
        assert commands.recall(session, ["c1", "c2"]) == {"c1": {"ok": True, "details": {"n": 1}}}
        assert commands.forget_before(session, at(1)) == 1
        assert commands.recall(session, ["c1"]) == {}
