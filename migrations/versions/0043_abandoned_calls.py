"""Find the few calls that were abandoned without reading all that were not answered.

The report on compliance asks for those of a period that no operator heard; without an index
SQLite reads every call without an operator there ever was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043_abandoned_calls"
down_revision = "0042_floor_plans"
branch_labels = None
depends_on = None

_INDEX = "ix_attempt_outcomes_abandoned"


def upgrade() -> None:
    op.create_index(
        _INDEX,
        "attempt_outcomes",
        ["at"],
        sqlite_where=sa.text("abandoned = 1"),
        postgresql_where=sa.text("abandoned"),
    )


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="attempt_outcomes")
