"""Keep filters, dynamic lists and what searching needs."""

from __future__ import annotations

revision = "0023_lists"
down_revision = "0022_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
