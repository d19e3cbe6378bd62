"""Keep corrections of results and which fields of the caller record a campaign shows."""

from __future__ import annotations

revision = "0024_results"
down_revision = "0023_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
