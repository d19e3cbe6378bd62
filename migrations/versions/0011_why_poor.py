"""Say of a poor leg what it suffered from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_why_poor"
down_revision = "0010_call_quality"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for side in ("operator", "customer"):
        column = sa.Column(f"poor_{side}_why", sa.String(length=64), nullable=True)
        op.add_column("call_quality", column)


def downgrade() -> None:
    for side in ("operator", "customer"):
        op.drop_column("call_quality", f"poor_{side}_why")
