"""Keep API tokens and the answers to repeated requests."""

from __future__ import annotations

revision = "0021_tokens"
down_revision = "0020_tariffs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
