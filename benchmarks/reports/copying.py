"""The rows of one SQLite file into an empty PostgreSQL, so that both have the same year.

SQLite writes the lines COPY reads: a year is some sixty million rows, and each value that passes
through Python costs more than the loading of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.schema import Column

from agent_desk.models.tables import METADATA
from agent_desk.store import schema
from agent_desk.store.unit_of_work import Database
from benchmarks.reports.loader import Loader

MANY = 100_000


def copy(path: Path, url: str, say: Callable[[str], None]) -> None:
    """Every row of the file at `path`, into an empty database at `url`."""
    database = Database(url)
    schema.upgrade(database)
    database.close()
    loader = Loader(url)
    again = loader.without_indexes()
    file = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    # What is loaded in the transaction that emptied its table needs no log.
    loader.execute("BEGIN")
    tables = METADATA.sorted_tables
    loader.execute("TRUNCATE " + ", ".join(f'"{table.name}"' for table in tables))
    for table in tables:
        columns = [*table.columns]
        lines = file.execute(f'SELECT {_line(columns)} FROM "{table.name}" ORDER BY rowid')
        copied = loader.copy_lines(table.name, [each.name for each in columns], lines)
        if copied >= MANY:
            say(f"{copied:,} rows of {table.name}")
    loader.execute("COMMIT")
    file.close()
    say("making the indexes")
    again()
    loader.close()


def _line(columns: Sequence[Column[Any]]) -> str:
    """The expression that gives a row as COPY reads it."""
    return " || char(9) || ".join(f"coalesce({_value(each)}, '\\N')" for each in columns)


def _value(column: Column[Any]) -> str:
    name = f'"{column.name}"'
    if isinstance(column.type, LargeBinary):
        return f"CASE WHEN {name} IS NOT NULL THEN '\\\\x' || hex({name}) END"
    if not isinstance(column.type, String | JSON):
        return name
    escaped = f"replace({name}, '\\', '\\\\')"
    for number, letter in ((9, "t"), (10, "n"), (13, "r")):
        escaped = f"replace({escaped}, char({number}), '\\{letter}')"
    return escaped
