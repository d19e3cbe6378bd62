"""Keep what operators record in full: factors asked, parts of a promise, who was spoken to.

Campaigns made before this get the statuses 番号違い and 拒否 that new ones have.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_records"
down_revision = "0014_predictive"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LIST = sa.JSON(none_as_null=True)
# Code, Japanese and English label, colour, number key, what it bars.
_STATUSES = (
    ("wrong_number", "番号違い", "Wrong number", "#64748b", "8", "number"),
    ("refused", "拒否", "Refused", "#b91c1c", "9", "product"),
)


def _columns() -> dict[str, list[sa.Column[object]]]:
    return {
        "statuses": [
            sa.Column("bars", sa.String(length=64), nullable=True),
            sa.Column("required", _LIST, nullable=False, server_default=sa.text("'[]'")),
        ],
        "campaigns": [
            sa.Column("identity_also", _LIST, nullable=False, server_default=sa.text("'[]'")),
        ],
        "promises": [sa.Column("method", sa.String(length=64), nullable=True)],
        "results": [
            sa.Column("counterpart", sa.String(length=64), nullable=True),
        ],
        "do_not_call": [sa.Column("call_id", sa.String(length=32), nullable=True)],
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "promise_parts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("promise_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_yen", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["promise_id"],
            ["promises.id"],
            name=op.f("fk_promise_parts_promise_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_parts")),
        sa.UniqueConstraint(
            "promise_id", "position", name=op.f("uq_promise_parts_promise_id_position")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'kept', 'broken')", name=op.f("ck_promise_parts_state")
        ),
    )
    op.create_index("ix_promise_parts_state_due_on", "promise_parts", ["state", "due_on"])
    op.create_index("ix_callbacks_state_due_at", "callbacks", ["state", "due_at"])
    op.create_index("ix_do_not_call_call_id", "do_not_call", ["call_id"])
    op.execute(
        "INSERT INTO promise_parts (promise_id, position, due_on, amount_yen, state)"
        " SELECT id, 1, due_on, amount_yen,"
        " CASE WHEN state IN ('kept', 'broken') THEN state ELSE 'open' END FROM promises"
    )
    op.execute("UPDATE statuses SET bars = 'product' WHERE code = 'refused'")
    for row in _STATUSES:
        _give(*row)


def downgrade() -> None:
    for index, table in (
        ("ix_do_not_call_call_id", "do_not_call"),
        ("ix_callbacks_state_due_at", "callbacks"),
        ("ix_promise_parts_state_due_on", "promise_parts"),
    ):
        op.drop_index(index, table)
    op.drop_table("promise_parts")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)


def _give(code: str, label_ja: str, label_en: str, colour: str, hotkey: str, bars: str) -> None:
    """A status to every campaign that lacks it; a debt cannot be refused."""
    connection = op.get_bind()
    campaigns = connection.execute(sa.text("SELECT id, kind FROM campaigns")).all()
    for campaign_id, kind in campaigns:
        theirs = connection.execute(
            sa.text("SELECT code, hotkey, position FROM statuses WHERE campaign_id = :id"),
            {"id": campaign_id},
        ).all()
        refusal = bars == "product"
        if any(row[0] == code for row in theirs) or (refusal and kind == "collections"):
            continue
        taken = {row[1] for row in theirs}
        connection.execute(
            sa.text(
                "INSERT INTO statuses (campaign_id, code, label_ja, label_en, hotkey, colour,"
                " position, needs_identity, retired, bars, required) VALUES (:id, :code, :ja,"
                " :en, :hotkey, :colour, :position, :no, :no, :bars, '[]')"
            ),
            {
                "id": campaign_id,
                "code": code,
                "ja": label_ja,
                "en": label_en,
                "hotkey": None if hotkey in taken else hotkey,
                "colour": colour,
                "position": max((row[2] for row in theirs), default=0) + 1,
                "no": False,
                "bars": bars,
            },
        )
