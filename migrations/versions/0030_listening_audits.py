"""Weekly audits of recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_listening_audits"
down_revision = "0029_messages"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "listening_settings",
        sa.Column("version", _ID, nullable=False),
        sa.Column("per_operator", sa.Integer(), nullable=False),
        sa.Column("second_percent", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("per_operator >= 1", name=op.f("ck_listening_settings_per_operator")),
        sa.CheckConstraint(
            "second_percent BETWEEN 0 AND 100", name=op.f("ck_listening_settings_second_percent")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_listening_settings")),
    )
    op.create_table(
        "listening_weeks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("settings_version", _ID, nullable=False),
        sa.Column("operators", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["settings_version"],
            ["listening_settings.version"],
            name=op.f("fk_listening_weeks_settings_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listening_weeks")),
        sa.UniqueConstraint("monday", name=op.f("uq_listening_weeks_monday")),
    )
    op.create_table(
        "listening_samples",
        sa.Column("id", _ID, nullable=False),
        sa.Column("week_id", _ID, nullable=False),
        sa.Column("operator_id", _ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("drawn_hash", sa.String(length=64), nullable=False),
        sa.Column("second_wanted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("replaces_id", _ID, nullable=True),
        sa.Column("gone_reason", sa.String(length=64), nullable=True),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.Column("stands", sa.Integer(), nullable=True),
        sa.Column("decision_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", _ID, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("stands IN (1, 2)", name=op.f("ck_listening_samples_stands")),
        sa.ForeignKeyConstraint(
            ["week_id"], ["listening_weeks.id"], name=op.f("fk_listening_samples_week_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["users.id"], name=op.f("fk_listening_samples_operator_id")
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_listening_samples_call_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["listening_samples.id"],
            name=op.f("fk_listening_samples_replaces_id"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_listening_samples_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listening_samples")),
        sa.UniqueConstraint("call_id", name=op.f("uq_listening_samples_call_id")),
        sa.UniqueConstraint(
            "week_id",
            "operator_id",
            "place",
            name=op.f("uq_listening_samples_week_id_operator_id_place"),
        ),
    )
    op.create_index(
        op.f("ix_listening_samples_operator_id"), "listening_samples", ["operator_id"], unique=False
    )
    op.create_table(
        "listening_scores",
        sa.Column("id", _ID, nullable=False),
        sa.Column("sample_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("listener_id", _ID, nullable=False),
        sa.Column("permille", sa.Integer(), nullable=True),
        sa.Column("knocked_out", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("remark_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("position IN (1, 2)", name=op.f("ck_listening_scores_position")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["listening_samples.id"], name=op.f("fk_listening_scores_sample_id")
        ),
        sa.ForeignKeyConstraint(
            ["listener_id"], ["users.id"], name=op.f("fk_listening_scores_listener_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listening_scores")),
        sa.UniqueConstraint(
            "sample_id", "position", name=op.f("uq_listening_scores_sample_id_position")
        ),
        sa.UniqueConstraint(
            "sample_id", "listener_id", name=op.f("uq_listening_scores_sample_id_listener_id")
        ),
    )
    op.create_table(
        "listening_answers",
        sa.Column("score_id", _ID, nullable=False),
        sa.Column("criterion", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "level IN ('met', 'partly', 'missed', 'not_applicable')",
            name=op.f("ck_listening_answers_level"),
        ),
        sa.ForeignKeyConstraint(
            ["score_id"], ["listening_scores.id"], name=op.f("fk_listening_answers_score_id")
        ),
        sa.PrimaryKeyConstraint("score_id", "criterion", name=op.f("pk_listening_answers")),
    )


def downgrade() -> None:
    for table in ("answers", "scores", "samples", "weeks", "settings"):
        op.drop_table(f"listening_{table}")
