"""People: roles, second factors, booths, shifts and targets."""

from __future__ import annotations

revision = "0015_people"
down_revision = "0014_predictive"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet stands here."""


def downgrade() -> None:
    """Nothing yet stands here."""
