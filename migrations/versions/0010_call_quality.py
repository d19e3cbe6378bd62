"""Keep how a call sounded, and find the calls of a day whatever their campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_call_quality"
down_revision = "0009_inbound"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_quality",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("mos_hundredths", sa.Integer(), nullable=True),
        sa.Column("worst_mos_hundredths", sa.Integer(), nullable=True),
        sa.Column("loss_permille", sa.Integer(), nullable=False),
        sa.Column("poor_operator_s", sa.Integer(), nullable=False),
        sa.Column("poor_customer_s", sa.Integer(), nullable=False),
        sa.Column("noisy_operator_s", sa.Integer(), nullable=False),
        sa.Column("noisy_customer_s", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_quality_call_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_quality")),
    )
    op.create_index("ix_attempts_leased_at", "attempts", ["leased_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_attempts_leased_at", table_name="attempts")
    op.drop_table("call_quality")
