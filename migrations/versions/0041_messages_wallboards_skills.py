"""Messages with who has read them, links of wall screens, and what operators can do.

Of a link only the hash of its secret is kept.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041_messages_wallboards_skills"
down_revision = "0040_closed_months"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _messages()
    _wallboards()
    _skills()


def _messages() -> None:
    op.create_table(
        "seat_messages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("by_user_id", _ID, nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("scope_id", _ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "scope IN ('seat', 'team', 'campaign', 'all')", name=op.f("ck_seat_messages_scope")
        ),
        sa.CheckConstraint(
            "(scope = 'all') = (scope_id IS NULL)", name=op.f("ck_seat_messages_whom")
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name=op.f("fk_seat_messages_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_messages")),
    )
    op.create_index("ix_seat_messages_sent_at", "seat_messages", ["sent_at"])
    op.create_table(
        "seat_message_recipients",
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["seat_messages.id"],
            name=op.f("fk_seat_message_recipients_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_seat_message_recipients_user_id")
        ),
        sa.PrimaryKeyConstraint("message_id", "user_id", name=op.f("pk_seat_message_recipients")),
    )


def _wallboards() -> None:
    op.create_table(
        "wallboard_links",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("teams", sa.JSON(), nullable=True),
        sa.Column("campaigns", sa.JSON(), nullable=True),
        sa.Column("made_by_user_id", _ID, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_by_user_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_user_id"], ["users.id"], name=op.f("fk_wallboard_links_made_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_user_id"],
            ["users.id"],
            name=op.f("fk_wallboard_links_revoked_by_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallboard_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_wallboard_links_token_hash")),
    )


def _skills() -> None:
    op.create_table(
        "skills",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_skills")),
        sa.UniqueConstraint("name", name=op.f("uq_skills_name")),
    )
    op.create_table(
        "user_skills",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("skill_code", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_skills_user_id")),
        sa.ForeignKeyConstraint(
            ["skill_code"], ["skills.code"], name=op.f("fk_user_skills_skill_code")
        ),
        sa.PrimaryKeyConstraint("user_id", "skill_code", name=op.f("pk_user_skills")),
    )
    op.add_column(
        "campaigns", sa.Column("skills", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )


def downgrade() -> None:
    op.drop_column("campaigns", "skills")
    for table in (
        "user_skills",
        "skills",
        "wallboard_links",
        "seat_message_recipients",
        "seat_messages",
    ):
        op.drop_table(table)
