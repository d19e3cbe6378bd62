"""Recordings: which calls must have one, what became of it, and the certificate of its deletion."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008_recordings"
down_revision = "0007_pressed_on_call"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _added() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("state", sa.String(length=64), nullable=False, server_default="sealed"),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("paused_ms", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("truncated", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("opus_path", sa.Text(), nullable=True),
        sa.Column("opus_sha256", sa.String(length=64), nullable=True),
        sa.Column("opus_size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("retention_rule", sa.String(length=64), nullable=True),
        sa.Column("delete_after", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
    )


def upgrade() -> None:
    recording = sa.Column("recording", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("campaigns", recording)
    op.add_column("campaigns", sa.Column("recording_years", sa.Integer(), nullable=True))
    op.add_column(
        "calls", sa.Column("record", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for column in _added():
        op.add_column("recordings", column)
    op.create_index("ix_recordings_state_started_at", "recordings", ["state", "started_at"])
    op.create_table(
        "recording_pauses",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_recording_pauses_call_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recording_pauses_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_pauses")),
    )
    op.create_index(op.f("ix_recording_pauses_call_id"), "recording_pauses", ["call_id"])
    op.create_table(
        "deletion_certificates",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("opus_sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("delete_after", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["recordings.call_id"], name=op.f("fk_deletion_certificates_call_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion_certificates")),
        sa.UniqueConstraint("call_id", name=op.f("uq_deletion_certificates_call_id")),
    )


def downgrade() -> None:
    op.drop_table("deletion_certificates")
    op.drop_table("recording_pauses")
    op.drop_index("ix_recordings_state_started_at", table_name="recordings")
    for column in reversed(_added()):
        op.drop_column("recordings", column.name)
    op.drop_column("calls", "record")
    op.drop_column("campaigns", "recording_years")
    op.drop_column("campaigns", "recording")
