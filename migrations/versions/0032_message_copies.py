"""Messages on gateways."""

from __future__ import annotations

revision = "0032_message_copies"
down_revision = "0031_vip"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
