"""Find at once who refers to a number or a customer that is taken back or erased.

Without an index a database looks through every attempt ever made, for each number that goes.
"""

from __future__ import annotations

from alembic import op

revision = "0033_references"
down_revision = "0032_message_copies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_attempts_phone_id", "attempts", ["phone_id"])
    op.create_index("ix_callbacks_customer_id", "callbacks", ["customer_id"])


def downgrade() -> None:
    op.drop_index("ix_callbacks_customer_id", table_name="callbacks")
    op.drop_index("ix_attempts_phone_id", table_name="attempts")
