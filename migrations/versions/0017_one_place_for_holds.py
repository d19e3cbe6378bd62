"""Keep holds in one place: what was repeated beside the person could hide what stood behind it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_one_place_for_holds"
down_revision = "0016_calls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("customers", "hold_reason")
    op.drop_column("customers", "hold_until")


def downgrade() -> None:
    """A lawyer's or court's notice is repeated before any other hold, as it was."""
    op.add_column("customers", sa.Column("hold_until", sa.BigInteger(), nullable=True))
    op.add_column("customers", sa.Column("hold_reason", sa.String(length=64), nullable=True))
    for column, kept in (("hold_until", "until"), ("hold_reason", "reason")):
        op.execute(
            f"UPDATE customers SET {column} = (SELECT {kept} FROM customer_holds"
            " WHERE customer_id = customers.id AND released_at IS NULL"
            " ORDER BY CASE WHEN reason IN ('lawyer_notice', 'bankruptcy') THEN 0 ELSE 1 END,"
            " until DESC, id LIMIT 1)"
        )
