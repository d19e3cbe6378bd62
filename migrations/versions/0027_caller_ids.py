"""Reserved for caller ids."""

from __future__ import annotations

revision = "0027_caller_ids"
down_revision = "0026_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
