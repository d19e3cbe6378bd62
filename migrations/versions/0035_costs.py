"""Keep what people type for the reports on money, by versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035_costs"
down_revision = "0034_supervision"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _made() -> tuple[sa.Column, ...]:
    return (
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "cost_rates",
        sa.Column("version", _ID, autoincrement=False, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("wage_yen", sa.Integer(), nullable=False),
        sa.Column("evening_percent", sa.Integer(), nullable=False),
        sa.Column("night_percent", sa.Integer(), nullable=False),
        sa.Column("holiday_percent", sa.Integer(), nullable=False),
        sa.Column("holiday_weekdays", sa.Integer(), nullable=False),
        sa.Column("national_holidays", sa.Boolean(), nullable=False),
        sa.Column("monthly_yen", sa.Integer(), nullable=False),
        *_made(),
        sa.CheckConstraint(
            "wage_yen >= 0 AND monthly_yen >= 0", name=op.f("ck_cost_rates_amounts")
        ),
        sa.CheckConstraint(
            "evening_percent >= 0 AND night_percent >= 0 AND holiday_percent >= 0",
            name=op.f("ck_cost_rates_premiums"),
        ),
        sa.CheckConstraint(
            "holiday_weekdays >= 0 AND holiday_weekdays <= 127",
            name=op.f("ck_cost_rates_weekdays"),
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_cost_rates")),
    )
    op.create_table(
        "service_contracts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=False),
        sa.Column("setup_yen", sa.Integer(), nullable=False),
        sa.Column("monthly_yen", sa.Integer(), nullable=False),
        sa.Column("early_percent", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False, server_default=sa.false()),
        *_made(),
        sa.CheckConstraint(
            "setup_yen >= 0 AND monthly_yen >= 0", name=op.f("ck_service_contracts_amounts")
        ),
        sa.CheckConstraint("term_months >= 0", name=op.f("ck_service_contracts_term")),
        sa.CheckConstraint("early_percent >= 0", name=op.f("ck_service_contracts_early")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_contracts")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_service_contracts_name_version")),
    )
    op.create_table(
        "roi_plans",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roi_plans")),
        sa.UniqueConstraint("name", name=op.f("uq_roi_plans_name")),
    )
    op.create_table(
        "roi_plan_versions",
        sa.Column("plan_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("items", sa.JSON(none_as_null=True), nullable=False),
        *(
            sa.Column(name, sa.Date(), nullable=True)
            for name in ("before_from", "before_to", "after_from", "after_to")
        ),
        sa.Column("retired", sa.Boolean(), nullable=False, server_default=sa.false()),
        *_made(),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["roi_plans.id"], name=op.f("fk_roi_plan_versions_plan_id")
        ),
        sa.PrimaryKeyConstraint("plan_id", "version", name=op.f("pk_roi_plan_versions")),
    )


def downgrade() -> None:
    for table in ("roi_plan_versions", "roi_plans", "service_contracts", "cost_rates"):
        op.drop_table(table)
