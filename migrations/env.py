"""Run by Alembic; the connection comes from `agent_desk/store/schema.py`, never from a file."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from agent_desk.models.base import UtcDateTime
from agent_desk.models.tables import METADATA


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types in a migration as what they are in the database.

    A migration is history: it must mean the same after the type's class has changed.
    """
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.BigInteger()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    render_item=render_item,
)
context.run_migrations()
