"""Create people, teams, products and campaigns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_people"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("name", name=op.f("uq_products_name")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("mode", sa.String(length=64), nullable=False),
        sa.Column("ratio", sa.Double(), nullable=False),
        sa.Column("running", sa.String(length=64), nullable=False),
        sa.Column("ring_limit_s", sa.Integer(), nullable=False),
        sa.Column("screening", sa.String(length=64), nullable=False),
        sa.Column("bridge_within_s", sa.Double(), nullable=False),
        sa.Column("wrap_up_s", sa.Integer(), nullable=False),
        sa.Column("wrap_up_extension_s", sa.Integer(), nullable=False),
        sa.Column("wrap_up_extensions", sa.Integer(), nullable=False),
        sa.Column("after_wrap_up", sa.String(length=64), nullable=False),
        sa.Column("abandon_target", sa.Double(), nullable=False),
        sa.Column("identity_needed", sa.Boolean(), nullable=False),
        sa.Column("identity_factor", sa.String(length=64), nullable=False),
        sa.Column("identity_tries", sa.Integer(), nullable=False),
        sa.Column("promise_max_days", sa.Integer(), nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=False),
        sa.Column("min_gap_minutes", sa.Integer(), nullable=False),
        sa.Column("max_tries", sa.Integer(), nullable=False),
        sa.Column("window_start_minute", sa.Integer(), nullable=False),
        sa.Column("window_end_minute", sa.Integer(), nullable=False),
        sa.Column("caller_id", sa.Text(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("retry", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "after_wrap_up IN ('available', 'away')", name=op.f("ck_campaigns_after_wrap_up")
        ),
        sa.CheckConstraint(
            "kind <> 'collections' OR daily_cap <= 3", name=op.f("ck_campaigns_collections_cap")
        ),
        sa.CheckConstraint(
            "kind IN ('collections', 'sales', 'survey', 'dormant')", name=op.f("ck_campaigns_kind")
        ),
        sa.CheckConstraint(
            "mode IN ('preview', 'progressive', 'ratio')", name=op.f("ck_campaigns_mode")
        ),
        sa.CheckConstraint(
            "running IN ('running', 'paused', 'draining', 'stopped')",
            name=op.f("ck_campaigns_running"),
        ),
        sa.CheckConstraint(
            "screening IN ('off', 'watch', 'strict')", name=op.f("ck_campaigns_screening")
        ),
        sa.CheckConstraint(
            "abandon_target >= 0.0 AND abandon_target <= 0.03",
            name=op.f("ck_campaigns_abandon_target"),
        ),
        sa.CheckConstraint("daily_cap >= 1", name=op.f("ck_campaigns_daily_cap")),
        sa.CheckConstraint("ratio >= 1.0 AND ratio <= 5.0", name=op.f("ck_campaigns_ratio")),
        sa.CheckConstraint(
            "ring_limit_s >= 15 AND ring_limit_s <= 60", name=op.f("ck_campaigns_ring_limit")
        ),
        sa.CheckConstraint(
            "window_start_minute >= 480 AND window_end_minute <= 1260"
            " AND window_start_minute < window_end_minute",
            name=op.f("ck_campaigns_window"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_campaigns_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "role IN ('operator', 'lead', 'manager', 'admin')", name=op.f("ck_users_role")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_users_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_index(op.f("ix_users_team_id"), "users", ["team_id"], unique=False)
    op.create_table(
        "campaign_teams",
        sa.Column(
            "campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_teams_campaign_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_campaign_teams_team_id")),
        sa.PrimaryKeyConstraint("campaign_id", "team_id", name=op.f("pk_campaign_teams")),
    )
    op.create_index(op.f("ix_campaign_teams_team_id"), "campaign_teams", ["team_id"], unique=False)
    op.create_table(
        "statuses",
        sa.Column(
            "campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("label_ja", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("hotkey", sa.String(length=64), nullable=True),
        sa.Column("colour", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("needs_identity", sa.Boolean(), nullable=False),
        sa.Column("retry", sa.String(length=64), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_statuses_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "code", name=op.f("pk_statuses")),
    )
    op.create_index(
        "uq_statuses_campaign_id_hotkey", "statuses", ["campaign_id", "hotkey"], unique=True
    )
    op.create_table(
        "team_leads",
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_leads_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_team_leads_user_id")),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_leads")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
    )
    op.create_index(
        "ix_user_sessions_user_id_ended_at", "user_sessions", ["user_id", "ended_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("user_sessions")
    op.drop_table("team_leads")
    op.drop_table("statuses")
    op.drop_table("campaign_teams")
    op.drop_table("users")
    op.drop_table("campaigns")
    op.drop_table("teams")
    op.drop_table("products")
