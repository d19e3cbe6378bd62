"""Statements of the busiest paths: built by SQLAlchemy, and run straight on the driver.

Between two attempts the desk asks and writes dozens of small statements, and what SQLAlchemy does
for each of them (a context, a result, a row's descriptions) costs more than the database's answer.
A statement that is a constant of its module needs that once: how it reads in this database's
words, how each value is put and each column is read are kept with it. What runs this way sees the
transaction of its session, as everything does that goes past the session's objects; what is only
pending in the session, it does not see.

    found = straight.first(session, _ENTRY, {"entry_id": 7})   # a row of names, or None
    straight.write(session, _MOVED, {"call_id": "c1", ...})    # nobody waits for it

On PostgreSQL each answer is a journey, so writes wait for company: they go together, in order,
before the next statement of their connection, whoever asks it, and at the latest before the
commit. One that fails there fails the transaction, as it would have alone. Plans are kept
(`kept_plans`). On SQLite a write happens on the spot.

Errors are SQLAlchemy's (`DBAPIError` and those below it), without the values: they are personal.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable, SelectBase, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from agent_desk.store import kept_plans

Values = Mapping[str, Any]
Row = Any  # a named tuple of the columns' names
_Processor = Callable[[Any], Any] | None

_WAITING = "waiting_writes"
_PLACES = {"pyformat": re.compile(r"%\((\w+)\)s"), "named": re.compile(r"(?<![:\w]):(\w+)")}
# The names SQLite's own dialect would give its places have no order one could rely on.
_SQLITE = sqlite.dialect(paramstyle="named")


def rows(session: Session, statement: Executable, values: Values) -> list[Row]:
    """Every row of an answer."""
    built, cursor = _asked(session.connection(), statement, values)
    return built.fetched(cursor)


def first(session: Session, statement: Executable, values: Values) -> Row | None:
    """The first row of an answer that is short, or None."""
    return next(iter(rows(session, statement, values)), None)


def scalar(session: Session, statement: Executable, values: Values) -> Any:
    """The first column of the first row, or None."""
    found = first(session, statement, values)
    return None if found is None else found[0]


def changed(session: Session, statement: Executable, values: Values) -> int:
    """Write at once; how many rows it met."""
    _, cursor = _asked(session.connection(), statement, values)
    return int(cursor.rowcount)


def write(session: Session, statement: Executable, *rows_of_values: Values) -> None:
    """Write, for each of these, when the next statement is sent."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for values in rows_of_values:
            changed(session, statement, values)
        return
    waiting = connection.info.setdefault(_WAITING, [])
    raw: Any = connection.connection
    for values in rows_of_values:
        built = _built(statement, connection.dialect, values)
        with _told(connection, built.text):
            cursor = raw.cursor()
            text = kept_plans.call(connection.info, cursor, built.text, anew=not waiting)
            waiting.append(cursor.mogrify(text, built.put(values)))


def send(connection: Connection) -> None:
    """Have the database do what waits; nothing to do is the rule."""
    waiting = connection.info.get(_WAITING)
    if not waiting:
        return
    together = b"; ".join(waiting)
    waiting.clear()
    raw: Any = connection.connection
    with _told(connection, "(several writes)"):
        raw.cursor().execute(together)


def send_in_time(engine: Engine) -> None:
    """Whatever else is asked on a connection of this engine comes after what waits there, and so
    does the commit; nothing of a transaction that is undone may join the next."""

    @event.listens_for(engine, "before_cursor_execute")
    def before(connection: Connection, *of_no_interest: object) -> None:
        send(connection)

    event.listen(engine, "commit", send)

    @event.listens_for(engine, "rollback")
    def undone(connection: Connection) -> None:
        if not connection.invalidated:
            connection.info.pop(_WAITING, None)


# --- how a statement reads, how its values are put and its columns read ----------------------


class _Statement:
    """One statement with values of certain names, in the words of one database."""

    def __init__(self, statement: Any, dialect: Dialect, values: Values) -> None:
        names = None if isinstance(statement, SelectBase) else list(values)
        self.statement = statement
        self.dialect = dialect
        self.compiled = statement.compile(dialect=dialect, column_keys=names)
        self.fixed = {**self.compiled.params, **_defaults(self.compiled)}
        binds = self.compiled.binds
        self.lists = tuple(name for name in values if name in binds and binds[name].expanding)
        self._by_lengths: dict[tuple[int, ...], _Built] = {}

    def built(self, values: Values) -> _Built:
        """For lists of these lengths. Those between two powers of two are written as the longer:
        each length there is makes a text of its own, and a plan."""
        lengths = tuple(_written(len(values[name])) for name in self.lists)
        found = self._by_lengths.get(lengths)
        if found is None:
            found = self._by_lengths[lengths] = _Built(self, values, lengths)
        return found


def _written(length: int) -> int:
    return 1 << (length - 1).bit_length() if length else 0


class _Built:
    """How one text reads, what is put into its places, and what its columns are read as."""

    def __init__(self, of: _Statement, values: Values, lengths: Sequence[int]) -> None:
        self._of = of
        sample = {
            name: (list(values[name]) * length)[:length]
            for name, length in zip(of.lists, lengths, strict=True)
        }
        state = of.compiled.construct_expanded_state({**of.fixed, **values, **sample})
        self.text = state.statement
        in_lists = {
            place: (name, index)
            for name, places in state.parameter_expansion.items()
            for index, place in enumerate(places)
        }
        self._from = []
        for place in dict.fromkeys(_PLACES[of.dialect.paramstyle].findall(self.text)):
            name, index = in_lists.get(place, (place, None))
            kind = of.compiled.binds[name].type.dialect_impl(of.dialect)
            self._from.append((place, name, index, kind.bind_processor(of.dialect)))
        self._reader: _Reader | None = None

    def put(self, values: Values) -> dict[str, Any]:
        """The values as the driver takes them; a list ends with its last one again and again."""
        fixed, found = self._of.fixed, {}
        for place, name, index, processor in self._from:
            value = values[name] if name in values else fixed[name]
            if index is not None:
                value = value[min(index, len(value) - 1)]
            found[place] = value if processor is None else processor(value)
        return found

    def fetched(self, cursor: Any) -> list[Row]:
        """The answer's rows."""
        reader = self._reader
        if reader is None:
            reader = self._reader = _reader(self._of, cursor.description)
        return reader.read(cursor.fetchall())


@dataclass(frozen=True)
class _Reader:
    make: Callable[[Sequence[Any]], Row]
    processed: tuple[tuple[int, Callable[[Any], Any]], ...]

    def read(self, found: Sequence[Sequence[Any]]) -> list[Row]:
        if not self.processed:
            return [self.make(row) for row in found]
        return [self.make(self._processed(row)) for row in found]

    def _processed(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for index, processor in self.processed:
            values[index] = processor(values[index])
        return values


def _reader(of: _Statement, description: Sequence[Sequence[Any]]) -> _Reader:
    columns = list(of.statement.selected_columns)
    names = [getattr(column, "key", None) or "_" for column in columns]
    row: Any = namedtuple("row", names, rename=True)  # type: ignore[misc]
    processors = [
        column.type.dialect_impl(of.dialect).result_processor(of.dialect, told[1])
        for column, told in zip(columns, description, strict=True)
    ]
    return _Reader(row._make, tuple((i, each) for i, each in enumerate(processors) if each))


def _defaults(compiled: SQLCompiler) -> dict[str, Any]:
    """What an insert puts where nothing is said; only plain values are known here."""
    found = {}
    for column in compiled.insert_prefetch:
        default = column.default
        if default is None or not default.is_scalar:
            raise TypeError(f"{column} has a default that must be worked out: say its value")
        found[column.key] = default.arg  # type: ignore[attr-defined]
    return found


_known: dict[tuple[Executable, str, tuple[str, ...]], _Statement] = {}


def _built(statement: Executable, dialect: Dialect, values: Values) -> _Built:
    """Made once for each statement with values of these names, and lists of these lengths."""
    key = (statement, dialect.name, tuple(values))
    found = _known.get(key)
    if found is None:
        words = _SQLITE if dialect.name == "sqlite" else dialect
        found = _known[key] = _Statement(statement, words, values)
    return found.built(values)


# --- on the driver ---------------------------------------------------------------------------


def _asked(connection: Connection, statement: Executable, values: Values) -> tuple[_Built, Any]:
    """The statement as built, and the driver's cursor with its answer; what waits goes with it."""
    built = _built(statement, connection.dialect, values)
    put = built.put(values)
    raw: Any = connection.connection
    with _told(connection, built.text):
        cursor = raw.cursor()
        if connection.dialect.name == "sqlite":
            cursor.execute(built.text, put)
            return built, cursor
        waiting = connection.info.get(_WAITING)
        text = kept_plans.call(connection.info, cursor, built.text, anew=not waiting)
        if not waiting:
            cursor.execute(text, put)
            return built, cursor
        together = b"; ".join((*waiting, cursor.mogrify(text, put)))
        waiting.clear()
        cursor.execute(together)
    return built, cursor


@contextmanager
def _told(connection: Connection, text: str) -> Iterator[None]:
    """The driver's errors as SQLAlchemy's own; a connection that is lost is not used again."""
    dialect = connection.dialect
    try:
        yield
    except dialect.loaded_dbapi.Error as error:
        lost = dialect.is_disconnect(error, None, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        ) from error
