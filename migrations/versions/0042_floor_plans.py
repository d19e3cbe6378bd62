"""Rooms as leads drew them, and where in them operators sit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042_floor_plans"
down_revision = "0041_messages_wallboards_skills"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "floor_rooms",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("column_count", sa.Integer(), nullable=False),
        sa.Column("made_by_user_id", _ID, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "row_count BETWEEN 1 AND 50 AND column_count BETWEEN 1 AND 50",
            name=op.f("ck_floor_rooms_size"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by_user_id"], ["users.id"], name=op.f("fk_floor_rooms_made_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_rooms")),
        sa.UniqueConstraint("name", name=op.f("uq_floor_rooms_name")),
    )
    op.create_table(
        "floor_places",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("room_id", _ID, nullable=False),
        sa.Column("desk_row", sa.Integer(), nullable=False),
        sa.Column("desk_column", sa.Integer(), nullable=False),
        sa.Column("placed_by_user_id", _ID, nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "desk_row BETWEEN 1 AND 50 AND desk_column BETWEEN 1 AND 50",
            name=op.f("ck_floor_places_desk"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_floor_places_user_id")),
        sa.ForeignKeyConstraint(
            ["room_id"], ["floor_rooms.id"], name=op.f("fk_floor_places_room_id")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by_user_id"], ["users.id"], name=op.f("fk_floor_places_placed_by_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_floor_places")),
    )
    op.create_index("ix_floor_places_room_id", "floor_places", ["room_id"])


def downgrade() -> None:
    op.drop_table("floor_places")
    op.drop_table("floor_rooms")
