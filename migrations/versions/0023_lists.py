"""Keep filters, dynamic lists and what searching needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_lists"
down_revision = "0022_imports"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CODE = sa.String(length=64)
_JSON = sa.JSON(none_as_null=True)


def _columns() -> dict[str, list[sa.Column[object]]]:
    return {
        "customers": [
            sa.Column("areas_sealed", sa.LargeBinary(), nullable=True),
            sa.Column("erased_at", sa.BigInteger(), nullable=True),
        ],
        "do_not_call": [
            sa.Column("basis", _CODE, nullable=False, server_default="request"),
            sa.Column("expires_at", sa.BigInteger(), nullable=True),
            sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        ],
        "lists": [
            sa.Column("priority", sa.Integer(), nullable=False, server_default="5"),
            sa.Column("mix", sa.Integer(), nullable=True),
            sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        ],
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_customers_external_id", "customers", ["external_id"])
    op.create_index("ix_do_not_call_expires_at", "do_not_call", ["expires_at"])
    op.create_table(
        "saved_filters",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("actor", _CODE, nullable=False),
        sa.Column("teams", _JSON, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_filters_name")),
    )
    op.create_table(
        "filter_versions",
        sa.Column("filter_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", _JSON, nullable=False),
        sa.Column("actor", _CODE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filter_id"],
            ["saved_filters.id"],
            name=op.f("fk_filter_versions_filter_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("filter_id", "version", name=op.f("pk_filter_versions")),
    )
    op.create_table(
        "dynamic_lists",
        sa.Column("list_id", _ID, nullable=False),
        sa.Column("filter_id", _ID, nullable=False),
        sa.Column("refreshed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_dynamic_lists_list_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["saved_filters.id"], name=op.f("fk_dynamic_lists_filter_id")
        ),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_dynamic_lists")),
    )
    op.create_table(
        "valid_calls",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", _JSON, nullable=False),
        sa.Column("actor", _CODE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_valid_calls_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "version", name=op.f("pk_valid_calls")),
    )
    op.create_table(
        "key_rotations",
        sa.Column("part", _CODE, nullable=False),
        sa.Column("key_id", _CODE, nullable=False),
        sa.Column("done_to", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_key_rotations")),
    )


def downgrade() -> None:
    for table in (
        "key_rotations",
        "valid_calls",
        "dynamic_lists",
        "filter_versions",
        "saved_filters",
    ):
        op.drop_table(table)
    op.drop_index("ix_do_not_call_expires_at", "do_not_call")
    op.drop_index("ix_customers_external_id", "customers")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
