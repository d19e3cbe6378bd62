"""Thousands of rows written at once, and their ids before they are.

On SQLite they go past SQLAlchemy's compiler, which costs more than the database does, hundreds of
values in a statement. Where the statements may be run aside they are collected and run there in
one go: the driver drops the GIL while the database works, so whoever wants the processor has it.
On PostgreSQL the compiler is what sends many at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, insert, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

# Runs a call and gives what it gave: here, or in a real thread while others have their turn.
Aside = Callable[..., Any]
_Statement = tuple[str, tuple[Any, ...]]

_PLACES = 1000  # in one statement
_NEXT = "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"


def here(work: Callable[..., Any], *arguments: Any) -> Any:
    """Run a call where it stands."""
    return work(*arguments)


@dataclass(frozen=True)
class BulkRows:
    """Writes into one transaction, at once or, where there is an `aside`, at `flush`."""

    session: Session
    aside: Aside | None = None
    _waiting: list[_Statement] = field(default_factory=list)

    def ids(self, table: Table, count: int) -> Sequence[int]:
        """So many ids that nobody has or will get, in rising order."""
        if self._sqlite:
            # The transaction holds the only lock there is: nobody else counts on.
            newest = f"SELECT max(id) FROM {table.name}"
            last = self.session.connection().exec_driver_sql(newest).scalar() or 0
            return range(last + 1, last + 1 + count)
        found = self.session.execute(text(_NEXT), {"name": table.name, "count": count})
        return sorted(int(row[0]) for row in found)

    def write(
        self,
        table: Table,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        **same: Any,
    ) -> None:
        """Insert rows of these columns; `same` are columns in which all of them agree."""
        rows = list(rows)
        if not rows:
            return
        connection = self.session.connection()
        same = {**_defaults(table), **same}
        for name in columns:
            same.pop(name, None)
        if not self._sqlite:
            named = [{**same, **dict(zip(columns, row, strict=True))} for row in rows]
            connection.execute(insert(table), named)
            return
        names = (*columns, *same)
        head = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES "
        place = f"({', '.join('?' * len(names))})"
        constant = tuple(
            value if form is None else form(value)
            for value, form in zip(same.values(), self._forms(table, same), strict=True)
        )
        forms = self._forms(table, columns)
        if any(forms):
            rows = [
                [v if form is None else form(v) for v, form in zip(row, forms, strict=True)]
                for row in rows
            ]
        at_once = max(1, _PLACES // len(names))
        for first in range(0, len(rows), at_once):
            some = rows[first : first + at_once]
            values = tuple(chain.from_iterable((*row, *constant) for row in some))
            self._waiting.append((head + ", ".join([place] * len(some)), values))
        if self.aside is None:
            self.flush()

    def flush(self) -> None:
        """Run what was collected."""
        if self._waiting:
            connection, run = self.session.connection(), self.aside or here
            run(_execute, connection, tuple(self._waiting))
            self._waiting.clear()

    @property
    def _sqlite(self) -> bool:
        return self.session.get_bind().dialect.name == "sqlite"

    def _forms(self, table: Table, columns: Iterable[str]) -> list[Callable[[Any], Any] | None]:
        """What makes of a column's value one that SQLite's driver takes."""
        dialect = self.session.get_bind().dialect
        return [
            None
            if isinstance(table.c[name].type, LargeBinary)  # it takes bytes
            else table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
            for name in columns
        ]


def _execute(connection: Connection, statements: Iterable[_Statement]) -> None:
    for statement, values in statements:
        connection.exec_driver_sql(statement, values)


def _defaults(table: Table) -> dict[str, Any]:
    """What columns hold that nobody says anything of."""
    return {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }
