"""Keep versions of campaigns, their schedules and policies."""

from __future__ import annotations

revision = "0019_campaigns"
down_revision = "0018_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
