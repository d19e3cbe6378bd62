"""Allow predictive pacing; keep what a pacer has learnt and which recordings are approved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_predictive"
down_revision = "0013_strategy"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OLDER = "mode IN ('preview', 'progressive', 'ratio')"
_NEWER = "mode IN ('preview', 'progressive', 'ratio', 'predictive')"


def upgrade() -> None:
    _replace_check(_OLDER, _NEWER)
    op.add_column("campaigns", sa.Column("running_by", sa.String(length=64), nullable=True))
    op.add_column("campaigns", sa.Column("running_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "pacer_memories",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_pacer_memories_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_pacer_memories")),
    )
    op.create_table(
        "safe_harbours",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_safe_harbours_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safe_harbours")),
    )
    op.create_index(op.f("ix_safe_harbours_campaign_id"), "safe_harbours", ["campaign_id"])


def downgrade() -> None:
    """Campaigns that were predictive go on with one line per idle seat: nobody is abandoned."""
    op.execute("UPDATE campaigns SET mode = 'progressive' WHERE mode = 'predictive'")
    op.drop_table("safe_harbours")
    op.drop_table("pacer_memories")
    for column in ("running_by", "running_at"):
        op.drop_column("campaigns", column)
    _replace_check(_NEWER, _OLDER)


def _replace_check(before: str, after: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite("campaigns", before, after)
    else:
        op.drop_constraint(op.f("ck_campaigns_mode"), "campaigns", type_="check")
        op.create_check_constraint(op.f("ck_campaigns_mode"), "campaigns", after)


def _rewrite(table: str, before: str, after: str) -> None:
    """Change the text of a table's definition, which is all that a CHECK is in SQLite.

    Copying the table instead, as Alembic's batch mode does, would drop one that others refer to.
    The way is SQLite's own: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    connection = op.get_bind()
    read = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    sql = str(connection.execute(read, {"table": table}).scalar_one())
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    write = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table")
    connection.execute(write, {"sql": sql.replace(before, after), "table": table})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
