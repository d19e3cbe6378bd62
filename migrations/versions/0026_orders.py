"""Keep orders with their cooling-off, and which plans of instalments a campaign offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_orders"
down_revision = "0025_calls"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _foreign(column: str, table: str, **options: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{table}.id"], name=op.f(f"fk_orders_{column}"), **options
    )


def _of_campaigns() -> list[sa.Column[object]]:
    return [
        sa.Column("cooling_off_days", sa.Integer(), nullable=False, server_default=sa.text("8")),
        sa.Column(
            "instalment_counts",
            sa.JSON(none_as_null=True),
            nullable=False,
            server_default=sa.text("'[2, 3, 4, 6, 10, 12, 24, 36]'"),
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("product_id", _ID, nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("cooling_off_days", sa.Integer(), nullable=False),
        sa.Column("documents_on", sa.Date(), nullable=True),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("cooling_off_until", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cooling_off_days >= 8", name=op.f("ck_orders_cooling_off_days")),
        _foreign("call_id", "calls"),
        _foreign("customer_id", "customers", ondelete="CASCADE"),
        _foreign("campaign_id", "campaigns"),
        _foreign("product_id", "products"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("call_id", name=op.f("uq_orders_call_id")),
    )
    for column in ("customer_id", "campaign_id", "cooling_off_until"):
        op.create_index(f"ix_orders_{column}", "orders", [column])
    for column in _of_campaigns():
        op.add_column("campaigns", column)


def downgrade() -> None:
    for column in reversed(_of_campaigns()):
        op.drop_column("campaigns", column.name)
    op.drop_table("orders")
