"""Keep what the rules of calling ask for: holds, wishes, overrides and verdicts."""

from __future__ import annotations

revision = "0012_rules"
down_revision = "0011_why_poor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
