"""Calls that come in: attempts nobody leased, from people who may be on no list."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0009_inbound"
down_revision = "0008_recordings"
branch_labels = None
depends_on = None

# A caller nobody knows has none of these.
_NULLABLE = {
    "attempts": ("list_entry_id", "customer_id", "phone_id", "number_key"),
    "calls": ("customer_id",),
    "results": ("customer_id",),
    "notes": ("customer_id",),
}
_INDEXES = {"uq_attempts_open_customer": "customer_id", "uq_attempts_open_number": "number_key"}
# What hangs on a call, before the call itself.
_OF_CALL = (
    ("deletion_certificates", "call_id"),
    ("recording_pauses", "call_id"),
    ("recordings", "call_id"),
    ("call_prompts", "call_id"),
    ("status_marks", "call_id"),
    ("results", "call_id"),
    ("promises", "call_id"),
    ("note_drafts", "call_id"),
    ("identity_checks", "call_id"),
    ("wrap_up_extensions", "call_id"),
    ("queued_aways", "call_id"),
    ("mutes", "call_id"),
    ("callbacks", "call_id"),
    ("notes", "call_id"),
    ("attempt_outcomes", "attempt_id"),
    ("calls", "id"),
    ("attempts", "id"),
)


def upgrade() -> None:
    inbound = sa.Column("inbound", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("attempts", inbound)
    op.add_column("attempts", sa.Column("number_sealed", sa.LargeBinary(), nullable=True))
    _set_nullable(True)
    _index("open = 1 AND inbound = 0", "open AND NOT inbound")


def downgrade() -> None:
    """A call that belongs to no list entry has no place in the older tables, nor what hangs on it.

    The others stay, as calls we made.
    """
    lost = "SELECT id FROM attempts WHERE list_entry_id IS NULL"
    for table, column in _OF_CALL:
        op.execute(f"DELETE FROM {table} WHERE {column} IN ({lost})")
    _index("open = 1", "open")
    _set_nullable(False)
    op.drop_column("attempts", "number_sealed")
    op.drop_column("attempts", "inbound")


def _index(sqlite_where: str, postgresql_where: str) -> None:
    for name, column in _INDEXES.items():
        op.drop_index(name, table_name="attempts")
        op.create_index(
            name,
            "attempts",
            [column],
            unique=True,
            sqlite_where=sa.text(sqlite_where),
            postgresql_where=sa.text(postgresql_where),
        )


def _set_nullable(nullable: bool) -> None:
    for table, columns in _NULLABLE.items():
        if op.get_bind().dialect.name == "sqlite":
            _rewrite(table, columns, nullable=nullable)
        else:
            for column in columns:
                op.alter_column(table, column, nullable=nullable)


def _rewrite(table: str, columns: tuple[str, ...], *, nullable: bool) -> None:
    """Change the text of a table's definition, which is all that NOT NULL is in SQLite.

    Copying the table instead, as Alembic's batch mode does, would drop one that others refer to.
    The way is SQLite's own: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    connection = op.get_bind()
    read = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    sql = str(connection.execute(read, {"table": table}).scalar_one())
    for column in columns:
        pattern = rf"(\n?\s\"?{column}\"? [A-Z]+(?:\(\d+\))?)( NOT NULL)?"
        sql = re.sub(pattern, r"\1" if nullable else r"\1 NOT NULL", sql, count=1)
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    write = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table")
    connection.execute(write, {"sql": sql, "table": table})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
