"""Keep who is to leave a seat after the call in hand, and by which rate an attempt is charged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_polish"
down_revision = "0027_caller_ids"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "departures",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_departures_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_departures")),
    )
    op.add_column("attempts", sa.Column("line", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("attempts", "line")
    op.drop_table("departures")
