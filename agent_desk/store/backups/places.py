"""Where a database is, and whether there is anything in it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from agent_desk.store.unit_of_work import Database


def kind_of(url: str) -> str:
    """`sqlite` or `postgresql`."""
    return make_url(url).get_backend_name()


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(str(make_url(url).database))


def is_empty(url: str) -> bool:
    """Whether a database has no table."""
    database = Database(url)
    try:
        with database.engine().connect() as connection:
            return not inspect(connection).get_table_names()
    finally:
        database.close()
