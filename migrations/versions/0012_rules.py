"""Keep what the rules of calling ask for: holds, wishes, consents, overrides, settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_rules"
down_revision = "0011_why_poor"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CODE = sa.String(length=64)
_ONE_SUBJECT = (
    "CASE WHEN customer_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN number_key IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN campaign_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN area_key IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    op.create_table(
        "area_holds",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", _CODE, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("area_key", _CODE, nullable=False),
        sa.Column("reason", _CODE, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("actor", _CODE, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", _CODE, nullable=True),
        sa.CheckConstraint(
            "kind IN ('prefecture', 'city', 'postcode', 'number_prefix')",
            name=op.f("ck_area_holds_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_holds")),
    )
    op.create_index("ix_area_holds_until", "area_holds", ["until"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", _ID, nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("kind", _CODE, nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", _CODE, nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('after_hours', 'workplace')", name=op.f("ck_consents_kind")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_consents_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_customer_id"), "consents", ["customer_id"], unique=False)
    op.create_table(
        "customer_holds",
        sa.Column("id", _ID, nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("reason", _CODE, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("ticket_due_at", sa.BigInteger(), nullable=True),
        sa.Column("actor", _CODE, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", _CODE, nullable=True),
        sa.CheckConstraint(
            "reason IN ('bereavement', 'hospital', 'disaster', 'complaint', 'lawyer_notice',"
            " 'bankruptcy')",
            name=op.f("ck_customer_holds_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_holds_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_holds")),
    )
    op.create_index(
        "ix_customer_holds_customer_id_until",
        "customer_holds",
        ["customer_id", "until"],
        unique=False,
    )
    op.create_table(
        "campaign_rules",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("spacing_minutes", sa.Integer(), nullable=True),
        sa.Column("total_cap", sa.Integer(), nullable=True),
        sa.Column("total_days", sa.Integer(), nullable=True),
        sa.Column("closed_on_holidays", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reg_f", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "spacing_minutes >= 15 AND spacing_minutes <= 10080",
            name=op.f("ck_campaign_rules_spacing"),
        ),
        sa.CheckConstraint(
            "total_cap >= 1 AND total_cap <= 6", name=op.f("ck_campaign_rules_total_cap")
        ),
        sa.CheckConstraint(
            "total_days >= 30 AND total_days <= 90", name=op.f("ck_campaign_rules_total_days")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_rules_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaign_rules")),
    )
    op.create_table(
        "overrides",
        sa.Column("id", _ID, nullable=False),
        sa.Column("rule_id", _CODE, nullable=False),
        sa.Column("customer_id", _ID, nullable=True),
        sa.Column("number_key", _CODE, nullable=True),
        sa.Column("campaign_id", _ID, nullable=True),
        sa.Column("area_key", _CODE, nullable=True),
        sa.Column("consent_id", _ID, nullable=True),
        sa.Column("role", _CODE, nullable=False),
        sa.Column("actor", _CODE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("manual_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            _ONE_SUBJECT,
            name=op.f("ck_overrides_subject"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_overrides_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_overrides_consent_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_overrides_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index(op.f("ix_overrides_customer_id"), "overrides", ["customer_id"], unique=False)
    op.create_index(op.f("ix_overrides_number_key"), "overrides", ["number_key"], unique=False)
    op.create_index("ix_overrides_until", "overrides", ["until"], unique=False)
    op.add_column("list_entries", sa.Column("own_next_at", sa.BigInteger(), nullable=True))
    op.add_column("customers", sa.Column("contact_weekdays", sa.Integer(), nullable=True))
    op.add_column(
        "customers", sa.Column("vip", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("customers", sa.Column("prefecture_key", _CODE, nullable=True))
    op.add_column("customers", sa.Column("city_key", _CODE, nullable=True))
    op.add_column("customers", sa.Column("postcode_key", _CODE, nullable=True))
    op.add_column("customers", sa.Column("postcode_area_key", _CODE, nullable=True))


def downgrade() -> None:
    op.drop_column("customers", "postcode_area_key")
    op.drop_column("customers", "postcode_key")
    op.drop_column("customers", "city_key")
    op.drop_column("customers", "prefecture_key")
    op.drop_column("customers", "vip")
    op.drop_column("customers", "contact_weekdays")
    op.drop_column("list_entries", "own_next_at")
    op.drop_index("ix_overrides_until", table_name="overrides")
    op.drop_index(op.f("ix_overrides_number_key"), table_name="overrides")
    op.drop_index(op.f("ix_overrides_customer_id"), table_name="overrides")
    op.drop_table("overrides")
    op.drop_table("campaign_rules")
    op.drop_index("ix_customer_holds_customer_id_until", table_name="customer_holds")
    op.drop_table("customer_holds")
    op.drop_index(op.f("ix_consents_customer_id"), table_name="consents")
    op.drop_table("consents")
    op.drop_index("ix_area_holds_until", table_name="area_holds")
    op.drop_table("area_holds")
