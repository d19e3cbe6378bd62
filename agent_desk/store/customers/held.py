"""Everything held about one person, table by table: the customer's row and whatever hangs on it.

What hangs on it is found along the foreign keys, so that a table made tomorrow is part of it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint, and_, or_, select
from sqlalchemy.orm import Session

from agent_desk.models.base import Base
from agent_desk.models.customers import Customer
from agent_desk.store.sealing import Sealer

# A line of a file that was taken repeats nothing of it, and hashes tell nobody anything.
LEFT_OUT = frozenset({"import_rows", "search_keys"})
SEALED = "_sealed"
MOST_KEYS = 500  # values of one IN


@dataclass(frozen=True)
class HeldRows:
    """The rows of one table, as they are in the database."""

    table: Table
    rows: Sequence[Mapping[str, Any]]


def held(
    session: Session, customer_id: int, *, between: Callable[[], None] = lambda: None
) -> list[HeldRows]:
    """The rows of each table that has any, parents first; `between` is called after each table."""
    found: dict[str, HeldRows] = {}
    start = Customer.__table__
    for table in Base.metadata.sorted_tables:
        if table.name in LEFT_OUT:
            continue
        if table is start:
            rows = _rows(session, table, {"id": [customer_id]})
        else:
            rows = _rows(session, table, _ties(table, found))
        if rows:
            found[table.name] = HeldRows(table, rows)
        between()
    return list(found.values())


def opened(rows: HeldRows, sealer: Sealer) -> Iterator[dict[str, Any]]:
    """The rows as a person may read them: seals opened, hashes left out, instants as ISO text."""
    for row in rows.rows:
        shown: dict[str, Any] = {}
        for name, value in row.items():
            if name.endswith(SEALED):
                shown[name.removesuffix(SEALED)] = sealer.open_optional(value)
            elif isinstance(value, date | datetime):
                shown[name] = value.isoformat()
            elif not name.endswith(("_key", "sha256")):
                shown[name] = value
        yield shown


def _ties(table: Table, found: Mapping[str, HeldRows]) -> dict[str, list[Any]]:
    """By which columns rows of a table belong to rows found before, and the values that do."""
    ties: dict[str, list[Any]] = {}
    for key in table.foreign_keys:
        parent = found.get(key.column.table.name)
        if parent is not None and key.column.table is not table and _looked_up(table, key):
            ties[key.parent.name] = [row[key.column.name] for row in parent.rows]
    return ties


def _looked_up(table: Table, key: Any) -> bool:
    """Whether rows are found by this column without reading the table from end to end."""
    name = key.parent.name
    indexes = [[column.name for column in index.columns] for index in table.indexes]
    unique = [
        [column.name for column in constraint.columns]
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint)
    ]
    return any(columns and columns[0] == name for columns in [*indexes, *unique])


def _rows(session: Session, table: Table, ties: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Rows of which any tied column has one of its values, each once."""
    own = list(table.primary_key.columns)
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for name, values in ties.items():
        for first in range(0, len(values), MOST_KEYS):
            part = table.c[name].in_(values[first : first + MOST_KEYS])
            for row in session.execute(select(table).where(part).order_by(*own)).mappings():
                found[tuple(row[column.name] for column in own)] = dict(row)
    return list(found.values())


def where(rows: HeldRows) -> list[Any]:
    """Conditions, some hundreds of rows each, that name exactly these rows."""
    own = list(rows.table.primary_key.columns)
    same = [and_(*(column == row[column.name] for column in own)) for row in rows.rows]
    return [or_(*same[first : first + 100]) for first in range(0, len(same), 100)]
