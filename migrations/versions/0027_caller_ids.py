"""Keep the number that was shown, numbers by area, a cap a week, and from when a valid call is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027_caller_ids"
down_revision = "0026_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempts", sa.Column("caller_id", sa.Text(), nullable=True))
    op.add_column(
        "campaigns",
        sa.Column(
            "local_caller_ids",
            sa.JSON(none_as_null=True),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    op.add_column("campaign_rules", sa.Column("weekly_cap", sa.Integer(), nullable=True))
    op.add_column("valid_calls", sa.Column("since", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("valid_calls", "since")
    op.drop_column("campaign_rules", "weekly_cap")
    op.drop_column("campaigns", "local_caller_ids")
    op.drop_column("attempts", "caller_id")
