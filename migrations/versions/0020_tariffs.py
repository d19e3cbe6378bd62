"""Keep tariffs, by versions, and which one a call was leased under."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_tariffs"
down_revision = "0019_campaigns"
branch_labels = None
depends_on = None

_CODE = sa.String(length=64)
_NUMBERS = (
    *("basic_yen", "seat_yen", "fixed_sen", "fixed_unit_s"),
    *("mobile_sen", "mobile_unit_s", "included_s"),
)


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tariffs",
        sa.Column("id", _id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs")),
        sa.UniqueConstraint("name", name=op.f("uq_tariffs_name")),
    )
    op.create_table(
        "tariff_versions",
        sa.Column("id", _id(), nullable=False),
        sa.Column("tariff_id", _id(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("kind", _CODE, nullable=False),
        sa.Column("billed_by", _CODE, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _NUMBERS),
        sa.Column("made_by", _CODE, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('metered', 'per_call', 'allowance', 'unlimited')",
            name=op.f("ck_tariff_versions_kind"),
        ),
        sa.CheckConstraint(
            "billed_by IN ('terminal', 'booth', 'id')", name=op.f("ck_tariff_versions_billed_by")
        ),
        sa.CheckConstraint(
            "basic_yen >= 0 AND seat_yen >= 0 AND fixed_sen >= 0 AND mobile_sen >= 0"
            " AND included_s >= 0",
            name=op.f("ck_tariff_versions_amounts"),
        ),
        sa.CheckConstraint(
            "fixed_unit_s >= 1 AND mobile_unit_s >= 1", name=op.f("ck_tariff_versions_units")
        ),
        sa.ForeignKeyConstraint(
            ["tariff_id"], ["tariffs.id"], name=op.f("fk_tariff_versions_tariff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff_versions")),
        sa.UniqueConstraint(
            "tariff_id", "from_on", name=op.f("uq_tariff_versions_tariff_id_from_on")
        ),
    )
    for table in ("campaigns", "attempts"):
        op.add_column(table, sa.Column("tariff_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for table in ("attempts", "campaigns"):
        op.drop_column(table, "tariff_id")
    op.drop_table("tariff_versions")
    op.drop_table("tariffs")
