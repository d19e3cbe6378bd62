"""After how long leads are told of a seat's state or of a call, as the centre set it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045_floor_thresholds"
down_revision = "0044_saved_reports"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "floor_thresholds",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("long_s", sa.Integer(), nullable=False),
        sa.Column("too_long_s", sa.Integer(), nullable=False),
        sa.Column("set_by_user_id", _ID, nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "long_s >= 1 AND too_long_s > long_s AND too_long_s <= 86400",
            name=op.f("ck_floor_thresholds_order"),
        ),
        sa.ForeignKeyConstraint(
            ["set_by_user_id"], ["users.id"], name=op.f("fk_floor_thresholds_set_by_user_id")
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_floor_thresholds")),
    )


def downgrade() -> None:
    op.drop_table("floor_thresholds")
