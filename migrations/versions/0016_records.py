"""Keep what operators record in full: factors asked, parts of a promise, versions of a result."""

from __future__ import annotations

revision = "0016_records"
down_revision = "0015_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet stands here."""


def downgrade() -> None:
    """Nothing yet stands here."""
