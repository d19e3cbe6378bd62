"""Bringing a database to the newest schema, or back to an older one.

Alembic is imported where it is needed: it costs 0.4 s, and most starts find nothing to migrate.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from agent_desk.store.unit_of_work import Database

if TYPE_CHECKING:
    from alembic.config import Config

DIRECTORY = Path(__file__).parents[2] / "migrations"


def head() -> str:
    """The newest revision, as the file says that every migration must update."""
    return (DIRECTORY / "CURRENT_HEAD").read_text("ascii").strip()


def revision(database: Database) -> str | None:
    """The revision the database is at, or None for an empty one."""
    with database.engine().connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def upgrade(database: Database, to: str = "head") -> None:
    """Run the missing migrations in one transaction."""
    if to == "head" and revision(database) == head():
        return
    from alembic import command

    with database.engine().begin() as connection:
        command.upgrade(_config(connection), to)


def downgrade(database: Database, to: str) -> None:
    """Undo migrations down to revision `to` (`base`: all of them) in one transaction."""
    from alembic import command

    with database.engine().begin() as connection:
        command.downgrade(_config(connection), to)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(DIRECTORY))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
