"""Keep mapping templates and what an import found."""

from __future__ import annotations

revision = "0022_imports"
down_revision = "0021_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
