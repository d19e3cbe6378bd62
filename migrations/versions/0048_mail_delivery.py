"""Where people get mail, which saved reports are sent on a schedule, and what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048_mail_delivery"
down_revision = "0047_floor_views"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("users", sa.Column("mail", sa.Text(), nullable=True))
    _schedules()
    _deliveries()


def _schedules() -> None:
    op.create_table(
        "report_schedules",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("saved_id", _ID, nullable=False),
        sa.Column("often", sa.String(length=64), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day_of_month", sa.Integer(), nullable=True),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("not_on_holidays", sa.Boolean(), nullable=False),
        sa.Column("form", sa.String(length=64), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("next_due_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "often IN ('daily', 'weekly', 'monthly')", name=op.f("ck_report_schedules_often")
        ),
        sa.CheckConstraint(
            "(often = 'weekly') = (weekday IS NOT NULL) AND COALESCE(weekday, 0) BETWEEN 0 AND 6",
            name=op.f("ck_report_schedules_weekday"),
        ),
        sa.CheckConstraint(
            "(often = 'monthly') = (day_of_month IS NOT NULL)"
            " AND COALESCE(day_of_month, 1) BETWEEN 1 AND 31",
            name=op.f("ck_report_schedules_day_of_month"),
        ),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_report_schedules_minute")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_report_schedules_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["saved_id"], ["saved_reports.id"], name=op.f("fk_report_schedules_saved_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedules")),
    )
    op.create_index("ix_report_schedules_user_id", "report_schedules", ["user_id"])
    op.create_index("ix_report_schedules_saved_id", "report_schedules", ["saved_id"])
    op.create_index("ix_report_schedules_next_due_at", "report_schedules", ["next_due_at"])


def _deliveries() -> None:
    op.create_table(
        "report_deliveries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("schedule_id", _ID, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("smtp_code", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'skipped')",
            name=op.f("ck_report_deliveries_state"),
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (next_try_at IS NOT NULL)",
            name=op.f("ck_report_deliveries_next_try"),
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_report_deliveries_sent")
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["report_schedules.id"], name=op.f("fk_report_deliveries_schedule_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_report_deliveries_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_deliveries")),
        sa.UniqueConstraint(
            "schedule_id",
            "due_at",
            "user_id",
            name=op.f("uq_report_deliveries_schedule_id_due_at_user_id"),
        ),
    )
    op.create_index("ix_report_deliveries_next_try_at", "report_deliveries", ["next_try_at"])


def downgrade() -> None:
    op.drop_table("report_deliveries")
    op.drop_table("report_schedules")
    op.drop_column("users", "mail")
