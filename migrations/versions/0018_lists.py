"""Keep filters, and where an entry of do-not-call came from."""

from __future__ import annotations

revision = "0018_lists"
down_revision = "0017_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet stands here."""


def downgrade() -> None:
    """Nothing yet stands here."""
