"""Keep what call control and the seat's comfort need."""

from __future__ import annotations

revision = "0025_calls"
down_revision = "0024_results"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
