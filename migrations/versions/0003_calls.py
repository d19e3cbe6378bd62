"""Create attempts, calls and the history of seats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_calls"
down_revision = "0002_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "seat_moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seat_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_state", sa.String(length=64), nullable=False),
        sa.Column("to_state", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=True),
        sa.Column(
            "campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_seat_moves_campaign_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_seat_moves_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_moves")),
    )
    op.create_index(
        "ix_seat_moves_user_id_at_id", "seat_moves", ["user_id", "at", "id"], unique=False
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column(
            "campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "list_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("phone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number_key", sa.String(length=64), nullable=False),
        sa.Column("number_today", sa.Integer(), nullable=False),
        sa.Column("cap_today", sa.Integer(), nullable=False),
        sa.Column("trunk_id", sa.String(length=64), nullable=False),
        sa.Column("gateway_id", sa.String(length=64), nullable=False),
        sa.Column("seat_id", sa.String(length=64), nullable=True),
        sa.Column("desk_epoch", sa.Integer(), nullable=False),
        sa.Column("leased_at", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_attempts_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_attempts_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["list_entry_id"], ["list_entries.id"], name=op.f("fk_attempts_list_entry_id")
        ),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_attempts_phone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(
        "ix_attempts_campaign_id_leased_at", "attempts", ["campaign_id", "leased_at"], unique=False
    )
    op.create_index(
        "ix_attempts_customer_id_leased_at", "attempts", ["customer_id", "leased_at"], unique=False
    )
    op.create_index(op.f("ix_attempts_list_entry_id"), "attempts", ["list_entry_id"], unique=False)
    op.create_index(
        "ix_attempts_number_key_leased_at", "attempts", ["number_key", "leased_at"], unique=False
    )
    op.create_index(
        "uq_attempts_open_customer",
        "attempts",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    op.create_index(
        "uq_attempts_open_number",
        "attempts",
        ["number_key"],
        unique=True,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "attempt_outcomes",
        sa.Column("attempt_id", sa.String(length=32), nullable=False),
        sa.Column(
            "campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("blame", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("live_answer", sa.Boolean(), nullable=False),
        sa.Column("abandoned", sa.Boolean(), nullable=False),
        sa.Column("sip_code", sa.Integer(), nullable=True),
        sa.Column("q850", sa.Integer(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_attempt_outcomes_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_attempt_outcomes_campaign_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempt_outcomes")),
    )
    op.create_index(
        "ix_attempt_outcomes_campaign_id_at",
        "attempt_outcomes",
        ["campaign_id", "at"],
        unique=False,
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column(
            "campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "seat_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("leased_at", sa.BigInteger(), nullable=False),
        sa.Column("rang_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("greeting_end_at", sa.BigInteger(), nullable=True),
        sa.Column("offered_at", sa.BigInteger(), nullable=True),
        sa.Column("bridged_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.String(length=64), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("identity_factor", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_calls_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_calls_customer_id")
        ),
        sa.ForeignKeyConstraint(["id"], ["attempts.id"], name=op.f("fk_calls_id")),
        sa.ForeignKeyConstraint(["seat_user_id"], ["users.id"], name=op.f("fk_calls_seat_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index(
        "ix_calls_customer_id_leased_at", "calls", ["customer_id", "leased_at"], unique=False
    )
    op.create_index(
        "ix_calls_live",
        "calls",
        ["id"],
        unique=False,
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live"),
    )
    op.create_index(
        "ix_calls_seat_user_id_bridged_at", "calls", ["seat_user_id", "bridged_at"], unique=False
    )
    op.create_index(
        "uq_calls_live_seat",
        "calls",
        ["seat_user_id"],
        unique=True,
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "call_prompts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("prompt", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_prompts_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_prompts")),
    )
    op.create_index(op.f("ix_call_prompts_call_id"), "call_prompts", ["call_id"], unique=False)
    op.create_table(
        "recordings",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_recordings_call_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_recordings")),
    )
    op.create_table(
        "wrap_up_extensions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_wrap_up_extensions_call_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_wrap_up_extensions_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrap_up_extensions")),
    )
    op.create_index(
        op.f("ix_wrap_up_extensions_call_id"), "wrap_up_extensions", ["call_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("wrap_up_extensions")
    op.drop_table("recordings")
    op.drop_table("call_prompts")
    op.drop_table("calls")
    op.drop_table("attempt_outcomes")
    op.drop_table("attempts")
    op.drop_table("seat_moves")
