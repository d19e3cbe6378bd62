"""Bringing a database to the newest schema, or back to an older one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from agent_desk.store.unit_of_work import Database

DIRECTORY = Path(__file__).parents[2] / "migrations"


def head() -> str:
    """The newest revision; raises when two migrations claim to be it."""
    found = ScriptDirectory.from_config(_config(None)).get_current_head()
    if found is None:
        raise RuntimeError(f"{DIRECTORY} holds no migration")
    return found


def revision(database: Database) -> str | None:
    """The revision the database is at, or None for an empty one."""
    with database.engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, to: str = "head") -> None:
    """Run the missing migrations in one transaction."""
    with database.engine().begin() as connection:
        command.upgrade(_config(connection), to)


def downgrade(database: Database, to: str) -> None:
    """Undo migrations down to revision `to` (`base`: all of them) in one transaction."""
    with database.engine().begin() as connection:
        command.downgrade(_config(connection), to)


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(DIRECTORY))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config
