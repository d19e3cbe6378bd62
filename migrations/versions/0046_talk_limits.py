"""How long a talk may be before lead and operator are told, by campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046_talk_limits"
down_revision = "0045_floor_thresholds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("talk_limit_s", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("campaigns", "talk_limit_s")
