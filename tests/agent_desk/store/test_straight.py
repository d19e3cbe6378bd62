"""Statements run straight on the driver: they read, write and fail as SQLAlchemy's own would."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Executable,
    Float,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from agent_desk.models.base import UtcDateTime, from_microseconds
from agent_desk.store import straight
from agent_desk.store.straight import Values
from agent_desk.store.unit_of_work import Database, Session

THINGS = Table(
    "things",
    MetaData(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime),
    Column("on", Date),
    Column("flag", Boolean, default=True, nullable=False),
    Column("told", JSON(none_as_null=True)),
    Column("sealed", LargeBinary),
    Column("share", Float),
    Column("name", Text),
)
COLUMNS = ("at", "on", "flag", "told", "sealed", "share", "name")
ADD = insert(THINGS)
RENAME = update(THINGS).where(THINGS.c.id == bindparam("thing")).values(name=bindparam("to"))
ALL = select(THINGS).order_by(THINGS.c.id)
ONE = select(THINGS).where(THINGS.c.id == bindparam("thing"))
NAMES = select(THINGS.c.id, THINGS.c.name).order_by(THINGS.c.id)
AMONG = (
    select(THINGS.c.id)
    .where(
        THINGS.c.id.in_(bindparam("ids", expanding=True)),
        THINGS.c.name.in_(("a", "b")),
    )
    .order_by(THINGS.c.id)
)
COUNT = select(func.count()).select_from(THINGS)


@pytest.fixture
def things(database: Database) -> Database:
    THINGS.metadata.create_all(database.engine())
    return database


def thing(number: int, **values: Any) -> dict[str, Any]:
    return {"id": number, **values}


def names(things: Database) -> list[tuple[int, str]]:
    with things.read() as session:
        return [tuple(row) for row in session.execute(NAMES)]


def sent(session: Session) -> list[str]:
    """What goes to the database by way of SQLAlchemy from now on."""
    found: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: found.append(told[2]))
    return found


INSTANTS = st.integers(0, 4 * 10**15).map(from_microseconds)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
PLAIN = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS
ROWS = st.fixed_dictionaries(
    {
        "at": st.none() | INSTANTS,
        "on": st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        "flag": st.booleans(),
        "told": st.none() | st.lists(PLAIN, max_size=3) | st.dictionaries(TEXTS, PLAIN, max_size=3),
        "sealed": st.none() | st.binary(max_size=20),
        "share": st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32),
        "name": st.none() | TEXTS,
    }
)


def test_every_kind_of_value_is_put_and_read_as_sqlalchemy_would(things: Database) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(ROWS, min_size=1, max_size=5))
    def alike(found: Sequence[dict[str, Any]]) -> None:
        with things.write() as session:
            session.execute(THINGS.delete())
            straight.write(session, ADD, *(thing(n, **row) for n, row in enumerate(found)))
        with things.write() as session:
            ours = straight.rows(session, ALL, {})
            theirs = session.execute(ALL).all()
            assert [tuple(row) for row in ours] == [tuple(row) for row in theirs]
            assert [tuple(row[1:]) for row in ours] == [
                tuple(row[name] for name in COLUMNS) for row in found
            ]

    alike()


def test_a_row_has_the_names_of_its_columns_and_can_be_missing(things: Database) -> None:
    with things.write() as session:
        straight.write(session, ADD, thing(1, name="a", share=0.5))
        found = straight.first(session, ONE, {"thing": 1})
        assert found is not None
        assert (found.id, found.name, found.on, found.flag) == (1, "a", None, True)
        assert math.isclose(found.share, 0.5)
        assert straight.first(session, ONE, {"thing": 2}) is None
        assert straight.scalar(session, ONE, {"thing": 2}) is None
        assert straight.scalar(session, COUNT, {}) == 1


@pytest.mark.parametrize("many", [0, 1, 2, 3, 5, 8, 9, 40])
def test_a_list_of_any_length_is_looked_for(things: Database, many: int) -> None:
    with things.write() as session:
        straight.write(session, ADD, *(thing(n, name="abc"[n % 3]) for n in range(60)))
        ids = [row.id for row in straight.rows(session, AMONG, {"ids": list(range(many))})]
    assert ids == [n for n in range(many) if n % 3 < 2]


def test_a_default_that_must_be_worked_out_is_refused_and_a_plain_one_is_written(
    things: Database,
) -> None:
    worked_out = Table("others", MetaData(), Column("id", BigInteger, default=lambda: 7))
    with things.write() as session:
        straight.write(session, ADD, thing(1))
        assert straight.first(session, ONE, {"thing": 1}).flag is True  # type: ignore[union-attr]
        with pytest.raises(TypeError, match="say its value"):
            straight.write(session, insert(worked_out), {})


def test_writes_stay_in_order_with_everything_else_of_their_transaction(things: Database) -> None:
    with things.write() as session:
        straight.write(session, ADD, thing(1, name="a"))
        session.execute(RENAME, {"thing": 1, "to": "b"})
        straight.write(session, RENAME, {"thing": 1, "to": "c"})
        assert session.execute(NAMES).all() == [(1, "c")]
        straight.write(session, RENAME, {"thing": 1, "to": "d"})
        assert straight.changed(session, RENAME, {"thing": 1, "to": "e"}) == 1
        assert straight.changed(session, RENAME, {"thing": 2, "to": "e"}) == 0
        straight.write(session, RENAME, {"thing": 1, "to": "f"})
    assert names(things) == [(1, "f")]


def test_what_an_exception_undoes_does_not_join_the_next_transaction(things: Database) -> None:
    with pytest.raises(ZeroDivisionError), things.write() as session:
        straight.write(session, ADD, thing(1, name="undone"))
        raise ZeroDivisionError
    with things.write() as session:
        straight.write(session, ADD, thing(2, name="b"))
    assert names(things) == [(2, "b")]


def test_a_write_that_fails_undoes_all_and_says_what_without_the_values(things: Database) -> None:
    with things.write() as session:
        straight.write(session, ADD, thing(1, name="a"))
    with pytest.raises(IntegrityError) as failed, things.write() as session:
        straight.write(session, ADD, thing(2, name="b"), thing(1, name="山田"))
    assert "山田" not in str(failed.value)
    assert names(things) == [(1, "a")]
    with things.write() as session:
        assert straight.scalar(session, COUNT, {}) == 1


def test_a_question_that_fails_is_told_as_sqlalchemy_tells_it(things: Database) -> None:
    missing = select(Column("nothing", Text)).select_from(text("things"))
    with pytest.raises(DBAPIError), things.read() as session:
        straight.rows(session, missing, {})
    assert names(things) == []


@pytest.mark.postgresql
def test_writes_nobody_waits_for_go_together_with_the_next_statement(database: Database) -> None:
    if database.dialect != "postgresql":
        pytest.skip("SQLite is no journey away: it writes on the spot")
    THINGS.metadata.create_all(database.engine())
    with database.write() as session:
        straight.write(session, ADD, *(thing(n, name="a") for n in range(5)))
        connection: Any = session.connection().connection
        with connection.cursor() as beside:
            beside.execute("SELECT count(*) FROM things")
            assert beside.fetchone() == (0,)
            assert straight.scalar(session, COUNT, {}) == 5
            straight.write(session, RENAME, {"thing": 1, "to": "b"})
            session.execute(text("SELECT 1"))
            beside.execute("SELECT name FROM things WHERE id = 1")
            assert beside.fetchone() == ("b",)


@pytest.mark.parametrize("statement", [ALL, NAMES, AMONG])
def test_a_statement_is_built_once(things: Database, statement: Executable) -> None:
    values: Values = {"ids": [1]} if statement is AMONG else {}
    with things.write() as session:
        straight.rows(session, statement, values)
        known = dict(straight._known)
        compiled = sent(session)
        straight.rows(session, statement, values)
        assert straight._known == known and compiled == []


def test_a_look_sees_what_was_committed_a_moment_ago(things: Database) -> None:
    with things.look() as session:
        assert straight.scalar(session, COUNT, {}) == 0
    with things.write() as session:
        straight.write(session, ADD, thing(1))
    with things.look() as session:
        assert straight.scalar(session, COUNT, {}) == 1
