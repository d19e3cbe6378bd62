"""Keep the strategy table, delinquency classes and what is learnt of the best hour."""

from __future__ import annotations

revision = "0013_strategy"
down_revision = "0012_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
