"""Let a list entry remember its own priority while a callback puts it first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_own_priority"
down_revision = "0005_house"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("list_entries", sa.Column("own_priority", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("list_entries", "own_priority")
