"""Keep corrections of results and which fields of the caller record a campaign shows.

A status may exclude others and bring others with it: who refuses has been spoken to, and agreed
to nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_results"
down_revision = "0023_lists"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LIST = sa.JSON(none_as_null=True)
_INSTANT = sa.BigInteger()


def _columns() -> dict[str, list[sa.Column[object]]]:
    return {
        "statuses": [
            sa.Column("excludes", _LIST, nullable=False, server_default=sa.text("'[]'")),
            sa.Column("implies", _LIST, nullable=False, server_default=sa.text("'[]'")),
        ],
        "results": [sa.Column("reason_sealed", sa.LargeBinary(), nullable=True)],
        "callbacks": [sa.Column("reason_sealed", sa.LargeBinary(), nullable=True)],
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "record_fields",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("access", sa.String(length=64), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_record_fields_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_fields")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_record_fields_campaign_id_name")),
        sa.CheckConstraint(
            "access IN ('editable', 'locked', 'hidden')", name=op.f("ck_record_fields_access")
        ),
    )
    op.create_table(
        "field_edits",
        sa.Column("id", _ID, nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=True),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("before_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("after_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_field_edits_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_field_edits_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_edits")),
    )
    op.create_index("ix_field_edits_customer_id_at", "field_edits", ["customer_id", "at"])
    op.create_index("ix_promises_state_due_on", "promises", ["state", "due_on"])
    op.execute(
        """UPDATE statuses SET implies = '["contact"]', excludes ="""
        """ '["appointment", "payment_date"]' WHERE code = 'refused' OR bars = 'product'"""
    )


def downgrade() -> None:
    op.drop_index("ix_promises_state_due_on", "promises")
    op.drop_index("ix_field_edits_customer_id_at", "field_edits")
    op.drop_table("field_edits")
    op.drop_table("record_fields")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
