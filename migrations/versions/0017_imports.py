"""Keep what an import was mapped with and what it changed, so that it can be undone."""

from __future__ import annotations

revision = "0017_imports"
down_revision = "0016_records"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet stands here."""


def downgrade() -> None:
    """Nothing yet stands here."""
