"""Keep mapping templates and what an import found.

An import becomes a wizard whose steps are states of its batch, and it knows where its data came
from (rule R58). SQLite changes a CHECK only by making the table anew, which would take the rows
that hang on it along: they are set aside meanwhile.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_imports"
down_revision = "0021_tokens"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CODE = sa.String(length=64)
_JSON = sa.JSON(none_as_null=True)
_COLUMNS = "batch_id, row_no, state, reason, cells_sealed, list_entry_id"
_OLD_STATES = "'queued', 'finished', 'failed'"
_STATES = (
    "'reading', 'mapping', 'checking', 'confirming', 'queued', 'finished', 'failed', "
    "'cancelled', 'undoing', 'undone'"
)
_OLD_ROWS = "'added', 'updated', 'duplicate', 'error'"
_ROWS = f"{_OLD_ROWS}, 'removed', 'unlisted', 'withdrawn'"
_COUNTS = {"added": "added", "updated": "updated", "duplicates": "duplicate", "errors": "error"}


def _batch_columns() -> list[sa.Column[object]]:
    zero = {"nullable": False, "server_default": "0"}
    text = {"nullable": False, "server_default": ""}
    return [
        sa.Column("list_name", sa.Text(), **text),
        sa.Column("campaign_id", _ID, nullable=True),
        sa.Column("format", _CODE, nullable=False, server_default="text"),
        sa.Column("delimiter", _CODE, nullable=True),
        sa.Column("sheets", _JSON, nullable=True),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("mapping", _JSON, nullable=True),
        sa.Column("scope", _CODE, nullable=False, server_default="product"),
        sa.Column("source", sa.Text(), **text),
        sa.Column("obtained_on", sa.Date(), nullable=True),
        sa.Column("lawful_basis", sa.Text(), **text),
        sa.Column("sample_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("findings", _JSON, nullable=True),
        *(sa.Column(name, sa.Integer(), **zero) for name in ("rows_done", *_COUNTS)),
    ]


def upgrade() -> None:
    _set_rows_aside()
    with op.batch_alter_table("import_batches") as batch:
        batch.alter_column("list_id", existing_type=_ID, nullable=True)
        for column in _batch_columns():
            batch.add_column(column)
        batch.create_foreign_key(
            op.f("fk_import_batches_campaign_id"), "campaigns", ["campaign_id"], ["id"]
        )
        _check(batch, _STATES)
    _take_rows_back(_ROWS)
    _fill()
    op.create_table(
        "import_templates",
        sa.Column("id", _ID, nullable=False),
        sa.Column("product_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("columns", _JSON, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_import_templates_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_templates")),
        sa.UniqueConstraint("product_id", "name", name=op.f("uq_import_templates_product_id_name")),
    )


def downgrade() -> None:
    op.drop_table("import_templates")
    # What the old schema has no word for has no rows of its own, or is over.
    op.execute("DELETE FROM import_batches WHERE list_id IS NULL")
    op.execute(
        "UPDATE import_batches SET state = 'failed' WHERE state IN"
        " ('reading', 'mapping', 'checking', 'confirming', 'cancelled')"
    )
    op.execute("UPDATE import_batches SET state = 'finished' WHERE state IN ('undoing', 'undone')")
    op.execute("DELETE FROM import_rows WHERE state IN ('removed', 'unlisted', 'withdrawn')")
    _set_rows_aside()
    with op.batch_alter_table("import_batches") as batch:
        batch.drop_constraint(op.f("fk_import_batches_campaign_id"), type_="foreignkey")
        for column in _batch_columns():
            batch.drop_column(column.name)
        batch.alter_column("list_id", existing_type=_ID, nullable=False)
        _check(batch, _OLD_STATES)
    _take_rows_back(_OLD_ROWS)


def _check(batch: op.BatchOperations, states: str) -> None:
    name = op.f("ck_import_batches_state")
    if op.get_bind().dialect.name != "sqlite":  # SQLite's table was made anew without it
        batch.drop_constraint(name, type_="check")
    batch.create_check_constraint(name, f"state IN ({states})")


def _set_rows_aside() -> None:
    op.execute(f"CREATE TABLE import_rows_aside AS SELECT {_COLUMNS} FROM import_rows")
    op.drop_table("import_rows")


def _take_rows_back(states: str) -> None:
    op.create_table(
        "import_rows",
        sa.Column("batch_id", _ID, nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("state", _CODE, nullable=False),
        sa.Column("reason", _CODE, nullable=True),
        sa.Column("cells_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("list_entry_id", _ID, nullable=True),
        sa.CheckConstraint(f"state IN ({states})", name=op.f("ck_import_rows_state")),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batches.id"],
            name=op.f("fk_import_rows_batch_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["list_entry_id"],
            ["list_entries.id"],
            name=op.f("fk_import_rows_list_entry_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("batch_id", "row_no", name=op.f("pk_import_rows")),
    )
    op.execute(f"INSERT INTO import_rows ({_COLUMNS}) SELECT {_COLUMNS} FROM import_rows_aside")
    op.drop_table("import_rows_aside")
    op.create_index("ix_import_rows_batch_id_state", "import_rows", ["batch_id", "state"])
    op.create_index("ix_import_rows_list_entry_id", "import_rows", ["list_entry_id"])


def _fill() -> None:
    """Counts and provenance of the batches there are."""
    of_list = "(SELECT lists.{} FROM lists WHERE lists.id = import_batches.list_id)"
    for column, known in (("list_name", "name"), ("source", "source")):
        op.execute(f"UPDATE import_batches SET {column} = {of_list.format(known)}")
    op.execute(f"UPDATE import_batches SET lawful_basis = {of_list.format('lawful_basis')}")
    op.execute(
        "UPDATE import_batches SET campaign_id = (SELECT MIN(campaign_id) FROM campaign_lists"
        " WHERE campaign_lists.list_id = import_batches.list_id)"
    )
    for column, state in _COUNTS.items():
        op.execute(
            f"UPDATE import_batches SET {column} = (SELECT COUNT(*) FROM import_rows"
            f" WHERE import_rows.batch_id = import_batches.id AND import_rows.state = '{state}')"
        )
    op.execute("UPDATE import_batches SET rows_done = added + updated + duplicates + errors")
