"""Keep the figures of a month as they were closed, and find what was corrected.

Of ten million results a few thousand are corrections; their index holds nothing else.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040_closed_months"
down_revision = "0039_satisfaction"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _made() -> tuple[sa.Column, ...]:
    return (
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "closed_months",
        sa.Column("id", _ID, nullable=False),
        sa.Column("month", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        *_made(),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("definitions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("known", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('closed', 'restated', 'returned')", name=op.f("ck_closed_months_kind")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_closed_months_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_months")),
        sa.UniqueConstraint("month", "version", name=op.f("uq_closed_months_month_version")),
    )
    op.create_table(
        "closed_figures",
        sa.Column("closed_month_id", _ID, autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed_month_id"],
            ["closed_months.id"],
            name=op.f("fk_closed_figures_closed_month_id"),
        ),
        sa.PrimaryKeyConstraint("closed_month_id", "campaign_id", name=op.f("pk_closed_figures")),
    )
    op.create_table(
        "month_closing_settings",
        sa.Column("version", _ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        *_made(),
        sa.CheckConstraint("day >= 0 AND day <= 28", name=op.f("ck_month_closing_settings_day")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_month_closing_settings")),
    )
    op.create_index(
        "ix_results_corrections",
        "results",
        ["at"],
        sqlite_where=sa.text("version > 1"),
        postgresql_where=sa.text("version > 1"),
    )


def downgrade() -> None:
    op.drop_index("ix_results_corrections", table_name="results")
    for table in ("month_closing_settings", "closed_figures", "closed_months"):
        op.drop_table(table)
