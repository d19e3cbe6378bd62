"""Keep tariffs and what a booth costs."""

from __future__ import annotations

revision = "0020_tariffs"
down_revision = "0019_campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
