"""Find what changed since the facts of reports were made, without reading every row.

Promises that ended and customers that were changed are the only rows of a report's facts that are
written to after they were made; the rest is known by its id. What was ever marked and promised on a
call is asked for each call: the indexes there were know only marks that hold and promises that are
open, so that opening one result looked through every promise of the house.
"""

from __future__ import annotations

from alembic import op

revision = "0036_facts"
down_revision = "0035_costs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_promises_ended_at", "promises", ["ended_at"])
    op.create_index("ix_customers_updated_at", "customers", ["updated_at"])
    op.create_index("ix_status_marks_call_id", "status_marks", ["call_id"])
    op.create_index("ix_promises_call_id", "promises", ["call_id"])


def downgrade() -> None:
    op.drop_index("ix_promises_call_id", table_name="promises")
    op.drop_index("ix_status_marks_call_id", table_name="status_marks")
    op.drop_index("ix_customers_updated_at", table_name="customers")
    op.drop_index("ix_promises_ended_at", table_name="promises")
