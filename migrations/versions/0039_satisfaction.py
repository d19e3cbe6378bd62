"""Scores customers give at the end of a call, what they say of us, and when a line was free.

A line may be busy after the call is over for us: an answering machine is told something, the
customer is asked for a score, or talks on with a number outside.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039_satisfaction"
down_revision = "0038_seat_orders"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    whole = {"type_": sa.Integer(), "nullable": False}
    op.add_column("campaigns", sa.Column("survey_share", **whole, server_default=sa.text("0")))
    op.add_column("campaigns", sa.Column("survey_wait_s", **whole, server_default=sa.text("6")))
    op.add_column("calls", sa.Column("line_ended_at", sa.BigInteger(), nullable=True))
    _approvals()
    _scores()
    _voices()


def _approvals() -> None:
    op.create_table(
        "prompt_approvals",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_prompt_approvals_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_approvals")),
    )
    op.create_index(
        "ix_prompt_approvals_campaign_id_kind", "prompt_approvals", ["campaign_id", "kind"]
    )


def _scores() -> None:
    op.create_table(
        "call_scores",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("customer_id", _ID, nullable=True),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("via", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asking', 'answered', 'silent', 'wrong_key', 'hung_up', 'failed',"
            " 'skipped')",
            name=op.f("ck_call_scores_state"),
        ),
        sa.CheckConstraint(
            "(state = 'answered') = (score IS NOT NULL)", name=op.f("ck_call_scores_answer")
        ),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_call_scores_score")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_scores_call_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_call_scores_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_call_scores_customer_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_call_scores_user_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_scores")),
    )
    op.create_index("ix_call_scores_asked_at", "call_scores", ["asked_at"])
    op.create_index(
        "ix_call_scores_customer_id_asked_at", "call_scores", ["customer_id", "asked_at"]
    )


def _voices() -> None:
    op.create_table(
        "customer_voices",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("customer_id", _ID, nullable=True),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("heard", sa.String(length=64), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("heard IN ('talk', 'recording')", name=op.f("ck_customer_voices_heard")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_customer_voices_call_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_customer_voices_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_voices_customer_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_customer_voices_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_voices")),
        sa.UniqueConstraint("call_id", "user_id", "heard", name=op.f("uq_customer_voices_call_id")),
    )
    op.create_index("ix_customer_voices_at", "customer_voices", ["at"])
    op.create_index(op.f("ix_customer_voices_customer_id"), "customer_voices", ["customer_id"])


def downgrade() -> None:
    for table in ("customer_voices", "call_scores", "prompt_approvals"):
        op.drop_table(table)
    op.drop_column("calls", "line_ended_at")
    op.drop_column("campaigns", "survey_wait_s")
    op.drop_column("campaigns", "survey_share")
