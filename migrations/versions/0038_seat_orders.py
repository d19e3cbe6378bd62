"""What leads ordered for operators' seats: it waits for the call in hand, across a crash too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038_seat_orders"
down_revision = "0037_report_runs"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "seat_orders",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("seat_user_id", _ID, nullable=False),
        sa.Column("by_user_id", _ID, nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=True),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("campaigns", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("how", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["seat_user_id"], ["users.id"], name=op.f("fk_seat_orders_seat_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name=op.f("fk_seat_orders_by_user_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_seat_orders_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_orders")),
    )
    op.create_index("ix_seat_orders_seat_user_id", "seat_orders", ["seat_user_id", "ordered_at"])
    op.create_index(op.f("ix_seat_orders_call_id"), "seat_orders", ["call_id"])
    op.create_index(
        "uq_seat_orders_open",
        "seat_orders",
        ["seat_user_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("seat_orders")
