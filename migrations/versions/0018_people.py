"""Keep roles, second factors, shifts, paid time and targets."""

from __future__ import annotations

revision = "0018_people"
down_revision = "0017_one_place_for_holds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
