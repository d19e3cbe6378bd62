"""Reserved for people."""

from __future__ import annotations

revision = "0028_polish"
down_revision = "0027_caller_ids"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
