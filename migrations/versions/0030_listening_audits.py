"""Weekly audits of recordings."""

from __future__ import annotations

revision = "0030_listening_audits"
down_revision = "0029_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
