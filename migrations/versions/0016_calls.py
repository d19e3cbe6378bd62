"""Keep scripts with their versions, what was ticked of them, and who else was in a call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_calls"
down_revision = "0015_records"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A campaign's script as it stood stays where it was, and counts as version 0."""
    op.create_table(
        "script_versions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lint", sa.JSON(), nullable=False),
        sa.Column("allowed", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_script_versions_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_versions")),
        sa.UniqueConstraint(
            "campaign_id", "version", name=op.f("uq_script_versions_campaign_id_version")
        ),
    )
    op.create_table(
        "script_ticks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(length=64), nullable=False),
        sa.Column("ticked", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_script_ticks_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_script_ticks_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_ticks")),
    )
    op.create_index(op.f("ix_script_ticks_call_id"), "script_ticks", ["call_id"])
    _create_parties()
    op.add_column(
        "campaigns",
        sa.Column("training", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def _create_parties() -> None:
    op.create_table(
        "call_parties",
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("seat_user_id", _ID, nullable=True),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("number_key", sa.String(length=64), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_parties_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_call_parties_user_id")),
        sa.ForeignKeyConstraint(
            ["seat_user_id"], ["users.id"], name=op.f("fk_call_parties_seat_user_id")
        ),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_call_parties")),
    )
    op.create_index(op.f("ix_call_parties_call_id"), "call_parties", ["call_id"])


def downgrade() -> None:
    op.drop_column("campaigns", "training")
    for table in ("call_parties", "script_ticks", "script_versions"):
        op.drop_table(table)
