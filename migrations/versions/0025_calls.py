"""Keep messages for answering machines, what is said to others, and when somebody is loud."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_calls"
down_revision = "0024_results"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_messages()
    op.create_table(
        "third_party_scripts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lint", sa.JSON(), nullable=False),
        sa.Column("allowed", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_third_party_scripts_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_third_party_scripts")),
        sa.UniqueConstraint(
            "campaign_id", "version", name=op.f("uq_third_party_scripts_campaign_id_version")
        ),
    )
    op.add_column(
        "campaigns",
        sa.Column("third_party_script", sa.Text(), server_default="", nullable=False),
    )
    op.add_column(
        "campaigns",
        sa.Column("loud_dbfs", sa.Integer(), server_default=sa.text("-12"), nullable=False),
    )
    op.add_column(
        "statuses",
        sa.Column("third_party", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def _create_messages() -> None:
    op.create_table(
        "message_approvals",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_message_approvals_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_approvals")),
    )
    op.create_index(op.f("ix_message_approvals_campaign_id"), "message_approvals", ["campaign_id"])
    op.create_table(
        "call_messages",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", _ID, nullable=True),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("played_ms", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_messages_call_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_call_messages_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_call_messages_campaign_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_call_messages_user_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_messages")),
    )
    op.create_index(
        "ix_call_messages_customer_id_asked_at", "call_messages", ["customer_id", "asked_at"]
    )


def downgrade() -> None:
    op.drop_column("statuses", "third_party")
    op.drop_column("campaigns", "loud_dbfs")
    op.drop_column("campaigns", "third_party_script")
    for table in ("third_party_scripts", "call_messages", "message_approvals"):
        op.drop_table(table)
