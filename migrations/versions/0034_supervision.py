"""Who supervised which call, how, from when to when; whether operators are told, by campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034_supervision"
down_revision = "0033_references"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LIVE = "uq_calls_live_seat"


def upgrade() -> None:
    op.create_table(
        "supervisions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("seat_user_id", _ID, nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("mode", sa.String(length=64), nullable=False),
        sa.Column("followed", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("cause", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_supervisions_user_id")),
        sa.ForeignKeyConstraint(
            ["seat_user_id"], ["users.id"], name=op.f("fk_supervisions_seat_user_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_supervisions_call_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_supervisions_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
    )
    op.create_index("ix_supervisions_call_id", "supervisions", ["call_id"])
    op.create_index("ix_supervisions_asked_at", "supervisions", ["asked_at"])
    op.create_index("ix_supervisions_seat_user_id", "supervisions", ["seat_user_id", "asked_at"])
    op.create_index(
        "ix_supervisions_open",
        "supervisions",
        ["id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("calls", sa.Column("taken_over_by", _ID, nullable=True))
    op.drop_index(_LIVE, table_name="calls")
    op.create_index(
        _LIVE,
        "calls",
        ["seat_user_id"],
        unique=True,
        sqlite_where=sa.text("live = 1 AND taken_over_by IS NULL"),
        postgresql_where=sa.text("live AND taken_over_by IS NULL"),
    )
    op.add_column(
        "campaigns",
        sa.Column("supervision_tone", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "campaigns",
        sa.Column("supervision_shown", sa.Boolean(), server_default=sa.true(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("campaigns", "supervision_shown")
    op.drop_column("campaigns", "supervision_tone")
    op.drop_index(_LIVE, table_name="calls")
    op.create_index(
        _LIVE,
        "calls",
        ["seat_user_id"],
        unique=True,
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live"),
    )
    op.drop_column("calls", "taken_over_by")
    op.drop_table("supervisions")
