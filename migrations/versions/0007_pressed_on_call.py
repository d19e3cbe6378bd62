"""Keep what operators press on a call and a desk started again must know: queued away, mute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_pressed_on_call"
down_revision = "0006_own_priority"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queued_aways",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_queued_aways_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_queued_aways_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queued_aways")),
    )
    op.create_index(op.f("ix_queued_aways_call_id"), "queued_aways", ["call_id"], unique=False)
    op.create_table(
        "mutes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_mutes_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mutes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
    )
    op.create_index(op.f("ix_mutes_call_id"), "mutes", ["call_id"], unique=False)


def downgrade() -> None:
    op.drop_table("mutes")
    op.drop_table("queued_aways")
