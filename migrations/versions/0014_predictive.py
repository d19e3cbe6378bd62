"""Allow predictive pacing, and keep what a pacer has learnt."""

from __future__ import annotations

revision = "0014_predictive"
down_revision = "0013_strategy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
