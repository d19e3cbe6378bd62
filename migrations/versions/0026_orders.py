"""Reserved for orders."""

from __future__ import annotations

revision = "0026_orders"
down_revision = "0025_calls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
