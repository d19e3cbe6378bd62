"""Questions of reports that people keep under a name, and whom they share them with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044_saved_reports"
down_revision = "0043_abandoned_calls"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_reports",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("page", sa.String(length=64), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("shared_role", sa.String(length=64), nullable=True),
        sa.Column("shared_teams", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "shared_role IS NULL OR shared_teams IS NULL", name=op.f("ck_saved_reports_shared")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_reports_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_reports")),
    )
    op.create_index("ix_saved_reports_user_id", "saved_reports", ["user_id"])


def downgrade() -> None:
    op.drop_table("saved_reports")
