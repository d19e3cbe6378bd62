"""Find the answered calls of a period without reading all that nobody answered.

Costs and compliance are about calls with a talk: a third of a month's million.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049_answered_calls"
down_revision = "0048_mail_delivery"
branch_labels = None
depends_on = None

_INDEX = "ix_calls_answered"


def upgrade() -> None:
    op.create_index(
        _INDEX,
        "calls",
        ["leased_at"],
        sqlite_where=sa.text("answered_at IS NOT NULL"),
        postgresql_where=sa.text("answered_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="calls")
