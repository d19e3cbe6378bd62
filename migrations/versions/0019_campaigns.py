"""Keep versions of campaigns, what is being prepared, their schedules and wrap-up policies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_campaigns"
down_revision = "0018_people"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CODE = sa.String(length=64)


def upgrade() -> None:
    """Campaigns that are there stay as they are, without a version until they are changed."""
    op.add_column(
        "campaigns",
        sa.Column("unpublished", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "campaigns",
        sa.Column("wrap_up_policy", _CODE, server_default="extendable", nullable=False),
    )
    op.create_table(
        "campaign_versions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("rolled_back_to", sa.Integer(), nullable=True),
        sa.Column("by", _CODE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_campaign_versions_version")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_versions_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_versions")),
        sa.UniqueConstraint(
            "campaign_id", "version", name=op.f("uq_campaign_versions_campaign_id_version")
        ),
    )
    op.create_table(
        "campaign_drafts",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("settings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("by", _CODE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_drafts_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaign_drafts")),
    )
    _create_schedules()


def _create_schedules() -> None:
    op.create_table(
        "campaign_schedules",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("weekdays", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("seen_to", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "start_minute >= 480 AND end_minute <= 1260 AND start_minute < end_minute",
            name=op.f("ck_campaign_schedules_minutes"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_schedules_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaign_schedules")),
    )


def downgrade() -> None:
    for table in ("campaign_schedules", "campaign_drafts", "campaign_versions"):
        op.drop_table(table)
    op.drop_column("campaigns", "wrap_up_policy")
    op.drop_column("campaigns", "unpublished")
