"""What is in each table, in a few bytes: how many rows, and one number made of all of them.

The rows' hashes are added up, so the order in which a database hands them out does not matter: two
servers sort text differently. A row that is missing, doubled or changed changes the sum.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

_AT_ONCE = 2_000
_MODULUS = 2**256


@dataclass(frozen=True)
class TableDigest:
    """`digest` is hex; two tables with equal rows have equal ones."""

    rows: int
    digest: str


def of_every_table(connection: Connection) -> dict[str, TableDigest]:
    """Each table by name, as this connection's transaction sees it."""
    return {name: _of(connection, name) for name in sorted(inspect(connection).get_table_names())}


def rows_of_every_table(connection: Connection) -> dict[str, int]:
    """How many rows each table has, by name."""
    quote = connection.dialect.identifier_preparer.quote
    names = inspect(connection).get_table_names()
    counts = {name: text(f"SELECT count(*) FROM {quote(name)}") for name in names}
    return {name: int(connection.scalar(query) or 0) for name, query in counts.items()}


def different(told: Mapping[str, TableDigest], found: Mapping[str, TableDigest]) -> list[str]:
    """The tables that are not the same, by name."""
    return sorted(name for name in {*told, *found} if told.get(name) != found.get(name))


def _of(connection: Connection, name: str) -> TableDigest:
    columns = sorted(column["name"] for column in inspect(connection).get_columns(name))
    quote = connection.dialect.identifier_preparer.quote
    query = text(f"SELECT {', '.join(map(quote, columns))} FROM {quote(name)}")
    # SQLite's driver makes nothing but plain values; a table may have millions of rows.
    plain = _as_it_is if connection.dialect.name == "sqlite" else _plain
    rows, total = 0, 0
    for row in _streamed(connection, query):
        rows += 1
        total += int.from_bytes(hashlib.sha256(plain(row)).digest(), "big")
    return TableDigest(rows, f"{total % _MODULUS:064x}")


def _streamed(connection: Connection, query: Any) -> Iterator[Sequence[Any]]:
    options = {"stream_results": True, "max_row_buffer": _AT_ONCE}
    result = connection.execution_options(**options).execute(query)
    for part in result.partitions(_AT_ONCE):
        yield from part


def _plain(row: Sequence[Any]) -> bytes:
    """The row's values with their kinds, one after the other."""
    return repr([_value(value) for value in row]).encode()


def _as_it_is(row: Sequence[Any]) -> bytes:
    return repr([*row]).encode()


def _value(value: Any) -> Any:
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return value
