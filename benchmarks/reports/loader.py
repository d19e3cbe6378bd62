"""Rows into tables as fast as the database takes them."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import psycopg2
from sqlalchemy import create_mock_engine
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateIndex

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.customers import Customer, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.models.seat_moves import SeatMove

NUMBERED = (Customer, Phone, ListEntry, SeatMove, StatusMark, Result, Promise)
LOADED = (*NUMBERED, Attempt, Call, AttemptOutcome)
ROWS_AT_ONCE = 20_000


class Loader:
    """Rows into tables as fast as the database takes them; indexes are made at the end."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self.sqlite = self._url.get_backend_name() == "sqlite"
        if self.sqlite:
            self._sqlite = sqlite3.connect(str(self._url.database), isolation_level=None)
            for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
                self._sqlite.execute(f"PRAGMA {pragma}")
        else:
            query = dict(self._url.query)
            self._postgresql = psycopg2.connect(
                host=query.get("host", self._url.host),
                user=self._url.username,
                dbname=self._url.database,
            )
            self._postgresql.autocommit = True
            with self._postgresql.cursor() as cursor:
                cursor.execute("SET session_replication_role = replica")  # no foreign keys

    def execute(self, statement: str) -> None:
        if self.sqlite:
            self._sqlite.execute(statement)
        else:
            with self._postgresql.cursor() as cursor:
                cursor.execute(statement)

    def load(self, model: Any, columns: str, rows: Iterable[Sequence[Any]]) -> int:
        """Insert into these columns, named with spaces between; returns how many there were."""
        table, named = model.__tablename__, columns.split()
        names = ", ".join(f'"{name}"' for name in named)
        done = 0
        for some in _some(rows):
            if self.sqlite:
                marks = ", ".join("?" * len(named))
                self._sqlite.execute("BEGIN")
                self._sqlite.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", some)
                self._sqlite.execute("COMMIT")
            else:
                lines = io.StringIO("".join("\t".join(map(_copied, row)) + "\n" for row in some))
                with self._postgresql.cursor() as cursor:
                    cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", lines)
            done += len(some)
        return done

    def copy_lines(self, table: str, columns: Sequence[str], lines: Iterable[tuple[str]]) -> int:
        """Rows that are written as COPY reads them, into PostgreSQL; how many there were."""
        names = ", ".join(f'"{name}"' for name in columns)
        done = 0
        with self._postgresql.cursor() as cursor:
            for some in _some(lines):
                text = io.StringIO("".join(f"{line}\n" for (line,) in some))
                cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', text)
                done += len(some)
        return done

    def without_indexes(self) -> Callable[[], None]:
        """Drop what can be made again; returns what makes it again."""
        indexes = [each for model in LOADED for each in model.__table__.indexes]
        for each in indexes:
            self.execute(f'DROP INDEX "{each.name}"')

        def again() -> None:
            dialect = self._url.get_backend_name()
            engine = create_mock_engine(f"{dialect}://", lambda *_: None)
            for each in indexes:
                self.execute(str(CreateIndex(each).compile(dialect=engine.dialect)))
            self.execute("ANALYZE")
            for model in () if self.sqlite else NUMBERED:
                name = model.__tablename__
                self.execute(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
                )

        return again

    def close(self) -> None:
        (self._sqlite if self.sqlite else self._postgresql).close()


def _some(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    some: list[Sequence[Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == ROWS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _copied(value: Any) -> str:
    """A value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
