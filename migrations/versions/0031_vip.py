"""Scripts for VIPs, for whom a script was that was ticked on, and the seats' moves by call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031_vip"
down_revision = "0030_listening_audits"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "vip_scripts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lint", sa.JSON(), nullable=False),
        sa.Column("allowed", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_vip_scripts_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vip_scripts")),
        sa.UniqueConstraint(
            "campaign_id", "version", name=op.f("uq_vip_scripts_campaign_id_version")
        ),
    )
    op.add_column(
        "campaigns", sa.Column("vip_script", sa.Text(), server_default="", nullable=False)
    )
    op.add_column(
        "script_ticks",
        sa.Column("audience", sa.String(length=64), server_default="customer", nullable=False),
    )
    op.create_index("ix_seat_moves_call_id", "seat_moves", ["call_id"])


def downgrade() -> None:
    op.drop_index("ix_seat_moves_call_id", "seat_moves")
    op.drop_column("script_ticks", "audience")
    op.drop_column("campaigns", "vip_script")
    op.drop_table("vip_scripts")
