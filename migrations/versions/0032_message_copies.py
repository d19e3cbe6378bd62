"""Keep which recording was played to a customer, and which number a third number saw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032_message_copies"
down_revision = "0031_vip"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("recording", sa.String(length=64), server_default="", nullable=False)
    op.add_column("call_prompts", column)
    op.add_column("call_parties", sa.Column("caller_id", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("call_parties", "caller_id")
    op.drop_column("call_prompts", "recording")
