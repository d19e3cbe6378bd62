"""The command line of the calling rules, against both databases, without a desk."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from agent_desk.cli import main
from agent_desk.models.customers import Customer, Debt
from agent_desk.models.rules import AreaHold, CampaignRule, CustomerHold, Override
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import NOON, add_entries, small_centre
from tests.agent_desk.test_cli import data_dir

__all__ = ["data_dir"]  # a fixture


@pytest.fixture
def centre(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("DESK_DATABASE_URL", database_url)
    database = Database(database_url)
    with database.write() as session:
        made = small_centre(session)
        add_entries(session, made.list_id, 1)
        session.execute(
            insert(Debt).values(
                customer_id=1,
                product_id=made.product_id,
                amount_yen=500,
                due_on=date(2026, 11, 1),
                created_at=NOON,
            )
        )
    return database


def ran(*words: str) -> None:
    assert main(list(words)) == 0, words


def test_payments_are_entered_once(centre: Database, capsys: pytest.CaptureFixture[str]) -> None:
    told = ("record-payment", "#1", "--amount", "500", "--paid-on", "2026-11-24", "--id", "7")
    ran(*told)
    assert "closed" in capsys.readouterr().out
    ran(*told)
    assert "before" in capsys.readouterr().out
    with centre.read() as session:
        assert session.scalars(select(Debt.amount_yen)).all() == [0]


def test_everything_else_is_written_and_taken_back(centre: Database) -> None:
    ran("rules", "hold", "#1", "--reason", "complaint")
    ran("rules", "release", "1")
    ran("rules", "hold-area", "prefecture", "東京都", "--reason", "地震", "--until", _soon())
    ran("rules", "release", "1", "--area")
    ran("rules", "consent", "#1", "after_hours", "--evidence", "call 7")
    ran("rules", "override", "R01", "customer", "#1", "--reason", "x", "--until", _soon())
    ran("rules", "consent", "#1", "after_hours", "--withdraw")
    ran("rules", "refuse", "#1", "--product", "card", "--reason", "不要")
    ran("rules", "wish", "#1", "--hours", "18:00-20:30", "--days", "mon,fri")
    ran("rules", "vip", "#1", "on")
    ran("rules", "set", "spring", "total_cap=2", "reg_f=true")
    with centre.read() as session:
        assert session.scalars(select(CustomerHold)).one().released_by == "cli"
        assert session.scalars(select(AreaHold)).one().released_by == "cli"
        override = session.scalars(select(Override)).one()
        assert override.manual_only
        assert override.lifted_at is not None
        row = session.scalars(select(Customer)).one()
        assert (row.contact_from_minute, row.contact_weekdays, row.vip) == (1080, 0b10001, True)
        rules = session.scalars(select(CampaignRule)).one()
        assert (rules.total_cap, rules.reg_f) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("rules", "wish", "#1", "--hours", "noon"),
        ("rules", "wish", "#1", "--days", "someday"),
        ("rules", "set", "spring", "total_cap"),
        ("rules", "set", "spring", "total_cap=9"),
        ("rules", "lift", "9"),
        ("rules", "hold", "nobody", "--reason", "complaint"),
    ],
)
def test_what_is_wrong_is_said(
    centre: Database, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert main(list(words)) == 1
    assert capsys.readouterr().err


def _soon() -> str:
    """A date some days ahead of the newest instant in the database and of today."""
    return date.fromordinal(max(datetime.now(UTC), NOON).toordinal() + 5).isoformat()
