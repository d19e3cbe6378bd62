"""Ways of looking at the floor that leads keep under a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047_floor_views"
down_revision = "0046_talk_limits"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "floor_views",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("layout", sa.String(length=64), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("sort", sa.JSON(), nullable=False),
        sa.Column("opens", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_floor_views_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_views")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_floor_views_user_id_name")),
    )
    op.create_index(
        "ix_floor_views_opens",
        "floor_views",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("opens = 1"),
        postgresql_where=sa.text("opens"),
    )


def downgrade() -> None:
    op.drop_table("floor_views")
