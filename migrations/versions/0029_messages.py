"""Reserved for messages."""

from __future__ import annotations

revision = "0029_messages"
down_revision = "0028_polish"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
