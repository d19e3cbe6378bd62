"""What each call cost, on the page, in the data and in the file; the file leaves a trace."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.charges import Version
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Phone
from agent_desk.services.campaigns.tariffs import TariffService
from agent_desk.services.reports import call_lists
from tests.agent_desk.dialer.test_charges import OSORA
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.routes.test_calls import listed, talked
from tests.agent_desk.small_desk import Shift


@pytest.fixture
def priced(shift: Shift) -> Shift:
    """The same shift, whose campaign is on a tariff from today on."""
    desk = shift.desk.desk
    service = TariffService(database=desk.database, commits=desk.commits, clock=desk.clock)
    version = Version(service.today(), OSORA)
    tariff_id = service.create("OSORA", version, actor="admin1")
    service.put_on(shift.desk.campaign_id, tariff_id, actor="admin1")
    return shift


def test_a_call_is_listed_with_its_charge(priced: Shift) -> None:
    call_id = talked(priced)  # 75 s to a mobile number: two begun minutes
    browser = signed_in(priced.desk, "lead1")
    charges = {row["id"]: row["charge_sen"] for row in listed(browser)["calls"]}
    assert charges == {call_id: 3_200}
    assert "32円" in browser.get("/reports/calls").get_data(as_text=True)


def test_a_mobile_number_whose_kind_is_a_label_is_charged_as_a_mobile_one(priced: Shift) -> None:
    with priced.desk.desk.database.write() as session:
        session.execute(update(Phone).values(kind="other"))
    call_id = talked(priced)
    rows = listed(signed_in(priced.desk, "lead1"))["calls"]
    assert {row["id"]: row["charge_sen"] for row in rows} == {call_id: 3_200}


def test_a_call_that_lives_has_no_charge_yet(priced: Shift) -> None:
    priced.talk()
    (row,) = listed(signed_in(priced.desk, "lead1"))["calls"]
    assert row["charge_sen"] is None


def test_a_line_that_stays_busy_after_the_call_is_charged_to_its_end(priced: Shift) -> None:
    """A customer who talks on with a number outside, or answers a question: as the bill has it."""
    call_id = talked(priced)  # two begun minutes
    desk, browser = priced.desk, signed_in(priced.desk, "lead1")
    with desk.desk.database.write() as session:
        call = session.get_one(Call, call_id)
        assert call.ended_at is not None
        call.line_ended_at = call.ended_at + timedelta(seconds=60)
    assert {row["id"]: row["charge_sen"] for row in listed(browser)["calls"]} == {call_id: 4_800}


def test_a_call_without_a_tariff_has_no_charge(shift: Shift) -> None:
    talked(shift)
    rows = listed(signed_in(shift.desk, "lead1"))["calls"]
    assert {row["charge_sen"] for row in rows} == {None}


def test_the_file_has_every_call_of_the_day_with_its_charge(
    priced: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_lists, "EXPORTED_AT_ONCE", 1)
    first, browser = talked(priced), signed_in(priced.desk, "lead1")
    answer = browser.get("/reports/calls.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert {row["通話ID"] for row in rows} == {r["id"] for r in listed(browser)["calls"]}
    (row,) = [row for row in rows if row["通話ID"] == first]
    assert row["料金（円）"] == "32"
    assert row["発信結果"] == "通話"
    assert "••••" in row["電話番号"]
    with priced.desk.desk.database.read() as session:
        query = select(AuditRow.actor, AuditRow.details).where(AuditRow.action == "calls.exported")
        ((actor, details),) = session.execute(query).all()
    assert actor == "lead1"
    assert details["campaign"] is None


def test_f37_a_campaigns_name_that_is_a_formula_is_inert_in_the_file(priced: Shift) -> None:
    talked(priced)
    with priced.desk.desk.database.write() as session:
        session.execute(
            update(Campaign)
            .where(Campaign.id == priced.desk.campaign_id)
            .values(name='=HYPERLINK("//x")')
        )
    text = signed_in(priced.desk, "lead1").get("/reports/calls.csv").get_data(as_text=True)
    assert "\"'=HYPERLINK" in text
