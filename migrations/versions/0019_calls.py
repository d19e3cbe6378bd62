"""Keep scripts and what was done with a call."""

from __future__ import annotations

revision = "0019_calls"
down_revision = "0018_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet stands here."""


def downgrade() -> None:
    """Nothing yet stands here."""
