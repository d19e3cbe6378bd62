"""Keep roles, second factors, shifts, paid time and targets; let the audit trail be asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_people"
down_revision = "0017_one_place_for_holds"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CODE = sa.String(length=64)
_OLDER = "role IN ('operator', 'lead', 'manager', 'admin')"
_NEWER = "role IN ('operator', 'lead', 'manager', 'compliance', 'auditor', 'admin')"
_A_SHIFT = "start_minute >= 0 AND start_minute < end_minute AND end_minute <= 2160"
_AUDIT = (("at",), ("actor", "id"), ("action", "id"), ("subject", "id"))


def _columns() -> dict[str, list[sa.Column[object]]]:
    no = sa.false()
    return {
        "users": [
            sa.Column("password_temporary", sa.Boolean(), nullable=False, server_default=no),
            sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
            sa.Column("totp_confirmed", sa.Boolean(), nullable=False, server_default=no),
            sa.Column("totp_step", _ID, nullable=True),
        ],
        "user_sessions": [
            sa.Column("address", sa.Text(), nullable=True),
            sa.Column("browser", sa.Text(), nullable=True),
        ],
    }


def upgrade() -> None:
    _replace_check(_OLDER, _NEWER)
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", _CODE, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_user_id"), "recovery_codes", ["user_id"])
    op.create_table(
        "access_settings",
        sa.Column("name", _CODE, nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", _CODE, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_access_settings")),
    )
    _create_shifts()
    _create_corrections()
    _create_targets()
    for names in _AUDIT:
        op.create_index(f"ix_audit_{'_'.join(names)}", "audit", list(names))


def _create_shifts() -> None:
    op.create_table(
        "roster_shifts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("by", _CODE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("weekday >= 0 AND weekday <= 6", name=op.f("ck_roster_shifts_weekday")),
        sa.CheckConstraint(_A_SHIFT, name=op.f("ck_roster_shifts_minutes")),
        sa.CheckConstraint("break_minutes >= 0", name=op.f("ck_roster_shifts_break")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_roster_shifts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_shifts")),
    )
    op.create_index(op.f("ix_roster_shifts_user_id"), "roster_shifts", ["user_id"])
    op.create_table(
        "roster_exceptions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", _CODE, nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("by", _CODE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            f"start_minute IS NULL OR ({_A_SHIFT})", name=op.f("ck_roster_exceptions_minutes")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_roster_exceptions_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_exceptions")),
    )
    op.create_index("ix_roster_exceptions_user_id_day", "roster_exceptions", ["user_id", "day"])


def _create_corrections() -> None:
    op.create_table(
        "time_corrections",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", _CODE, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", _CODE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('paid', 'work')", name=op.f("ck_time_corrections_kind")),
        sa.CheckConstraint("minutes <> 0", name=op.f("ck_time_corrections_minutes")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_time_corrections_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_corrections")),
    )
    op.create_index("ix_time_corrections_user_id_day", "time_corrections", ["user_id", "day"])
    op.create_table(
        "correction_decisions",
        sa.Column("correction_id", _ID, nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("by", _CODE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["time_corrections.id"],
            name=op.f("fk_correction_decisions_correction_id"),
        ),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_correction_decisions")),
    )


def _create_targets() -> None:
    op.create_table(
        "daily_targets",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=True),
        sa.Column("team_id", _ID, nullable=True),
        sa.Column("calls", sa.Integer(), nullable=True),
        sa.Column("contacts", sa.Integer(), nullable=True),
        sa.Column("valid_calls", sa.Integer(), nullable=True),
        sa.Column("payment_dates", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("by", _CODE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (team_id IS NULL)", name=op.f("ck_daily_targets_whose")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_daily_targets_user_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_daily_targets_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_targets")),
    )
    for column in ("user_id", "team_id"):
        op.create_index(op.f(f"ix_daily_targets_{column}"), "daily_targets", [column])


def downgrade() -> None:
    """Roles that were not there before are let in no more until somebody gives them another."""
    for names in _AUDIT:
        op.drop_index(f"ix_audit_{'_'.join(names)}", "audit")
    for table in (
        "daily_targets",
        "correction_decisions",
        "time_corrections",
        "roster_exceptions",
        "roster_shifts",
        "access_settings",
        "recovery_codes",
    ):
        op.drop_table(table)
    users = sa.table("users", sa.column("role"), sa.column("enabled", sa.Boolean()))
    later = users.c.role.in_(("compliance", "auditor"))
    op.execute(users.update().where(later).values(role="operator", enabled=False))
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
    _replace_check(_NEWER, _OLDER)


def _replace_check(before: str, after: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite("users", before, after)
    else:
        op.drop_constraint(op.f("ck_users_role"), "users", type_="check")
        op.create_check_constraint(op.f("ck_users_role"), "users", after)


def _rewrite(table: str, before: str, after: str) -> None:
    """Change the text of a table's definition, which is all that a CHECK is in SQLite.

    Copying the table instead, as Alembic's batch mode does, would drop one that others refer to.
    The way is SQLite's own: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    connection = op.get_bind()
    read = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    sql = str(connection.execute(read, {"table": table}).scalar_one())
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    write = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table")
    connection.execute(write, {"sql": sql.replace(before, after), "table": table})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
