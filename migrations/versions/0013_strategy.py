"""Keep the strategy table, delinquency classes and what is learnt of the best hour."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013_strategy"
down_revision = "0012_rules"
branch_labels = None
depends_on = None

_COLUMNS = {
    "customers": ("delinquency", "weekly_adjust"),
    "list_entries": ("result_ladder", "result_times"),
    "campaigns": ("human_share_only",),
    "payments": ("due_on",),
}


def _column(name: str) -> sa.Column[Any]:
    if name in ("weekly_adjust", "result_times"):
        return sa.Column(name, sa.Integer(), nullable=False, server_default="0")
    if name == "human_share_only":
        return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
    if name == "due_on":
        return sa.Column(name, sa.Date(), nullable=True)
    return sa.Column(name, sa.String(length=64), nullable=True)


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table, names in _COLUMNS.items():
        for name in names:
            op.add_column(table, _column(name))
    _create_strategy()
    _create_classes()
    _create_reserved()
    _create_hours()


def _create_strategy() -> None:
    op.create_table(
        "strategy_versions",
        sa.Column("version", _id(), autoincrement=False, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_strategy_versions")),
    )
    op.create_table(
        "strategy_classes",
        sa.Column("version", _id(), autoincrement=False, nullable=False),
        sa.Column("delinquency", sa.String(length=64), nullable=False),
        sa.Column("weekly_calls", sa.Integer(), nullable=False),
        sa.Column("ai_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "delinquency IN ('d1_30', 'd31_90', 'd91')",
            name=op.f("ck_strategy_classes_delinquency"),
        ),
        sa.CheckConstraint(
            "weekly_calls >= 0 AND weekly_calls <= 21",
            name=op.f("ck_strategy_classes_weekly_calls"),
        ),
        sa.CheckConstraint(
            "ai_percent >= 0 AND ai_percent <= 100", name=op.f("ck_strategy_classes_ai_percent")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["strategy_versions.version"], name=op.f("fk_strategy_classes_version")
        ),
        sa.PrimaryKeyConstraint("version", "delinquency", name=op.f("pk_strategy_classes")),
    )
    op.create_table(
        "strategy_payment_rules",
        sa.Column("version", _id(), autoincrement=False, nullable=False),
        sa.Column("on_time", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fewer", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["strategy_versions.version"],
            name=op.f("fk_strategy_payment_rules_version"),
        ),
        sa.PrimaryKeyConstraint("version", "on_time", name=op.f("pk_strategy_payment_rules")),
    )


def _create_classes() -> None:
    op.create_table(
        "delinquency_changes",
        sa.Column("id", _id(), nullable=False),
        sa.Column("customer_id", _id(), nullable=False),
        sa.Column("from_class", sa.String(length=64), nullable=True),
        sa.Column("to_class", sa.String(length=64), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_delinquency_changes_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delinquency_changes")),
    )
    op.create_index(
        "ix_delinquency_changes_customer_id_on",
        "delinquency_changes",
        ["customer_id", "on"],
        unique=False,
    )
    op.create_table(
        "class_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("upto_customer_id", _id(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_class_days")),
    )


def _create_reserved() -> None:
    op.create_table(
        "vip_operators",
        sa.Column("campaign_id", _id(), nullable=False),
        sa.Column("user_id", _id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_vip_operators_campaign_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_vip_operators_user_id")),
        sa.PrimaryKeyConstraint("campaign_id", "user_id", name=op.f("pk_vip_operators")),
    )
    op.create_index(op.f("ix_vip_operators_user_id"), "vip_operators", ["user_id"], unique=False)
    op.create_table(
        "reserved_entries",
        sa.Column("list_entry_id", _id(), nullable=False),
        sa.Column("list_id", _id(), nullable=False),
        sa.Column("user_id", _id(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_entry_id"],
            ["list_entries.id"],
            name=op.f("fk_reserved_entries_list_entry_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_reserved_entries_list_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_reserved_entries_user_id")
        ),
        sa.PrimaryKeyConstraint("list_entry_id", name=op.f("pk_reserved_entries")),
    )
    op.create_index(
        "ix_reserved_entries_list_id_due_at",
        "reserved_entries",
        ["list_id", "due_at"],
        unique=False,
    )


def _create_hours() -> None:
    op.create_table(
        "campaign_hours",
        sa.Column("campaign_id", _id(), nullable=False),
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tries", sa.Double(), nullable=False),
        sa.Column("answers", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_campaign_hours_campaign_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "weekday", "hour", name=op.f("pk_campaign_hours")),
    )
    op.create_table(
        "customer_hours",
        sa.Column("customer_id", _id(), nullable=False),
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_hours_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "weekday", "hour", name=op.f("pk_customer_hours")),
    )


def downgrade() -> None:
    for table in (
        "customer_hours",
        "campaign_hours",
        "reserved_entries",
        "vip_operators",
        "class_days",
        "delinquency_changes",
        "strategy_payment_rules",
        "strategy_classes",
        "strategy_versions",
    ):
        op.drop_table(table)
    for table, names in _COLUMNS.items():
        for name in names:
            op.drop_column(table, name)
