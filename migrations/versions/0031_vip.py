"""Scripts for VIPs."""

from __future__ import annotations

revision = "0031_vip"
down_revision = "0030_listening_audits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
