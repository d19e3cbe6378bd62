"""`/admin/orders`: an order, its documents, its end, and what a cancellation does (R39)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.business_time import business_date
from agent_desk.models.audit import AuditRow
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import DoNotCall
from agent_desk.models.lists import ListEntry
from agent_desk.models.orders import Order
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import Shift, SmallDesk, populate
from tests.agent_desk.store.desk_rows import NOON

TODAY = business_date(NOON).isoformat()
CAMPAIGN = 1  # the one of the small desk


@pytest.fixture
def sold(database_url: str, tmp_path: Path) -> Iterator[Shift]:
    """A sales campaign with a talk that has ended and is being written down."""
    database = Database(database_url)
    with database.write() as session:
        populate(session, kind="sales", identity_needed=False)
    database.close()
    desk = SmallDesk(database_url, tmp_path)
    try:
        shift = Shift.begin(desk)
        call_id = shift.talk()
        shift.end(call_id)
        shift.page.do("save_result", call_id=call_id, note="")
        shift.desk.settle()
        yield shift
    finally:
        desk.stop()


def entered(shift: Shift) -> Order:
    """The one order, entered by the lead for today's talk."""
    with shift.desk.desk.database.read() as session:
        customer_id = session.scalars(
            select(ListEntry.customer_id).where(ListEntry.tries > 0)
        ).first()
    form = {
        "customer": f"#{customer_id}",
        "campaign": str(CAMPAIGN),
        "ordered_on": TODAY,
    }
    lead = signed_in(shift.desk, "lead1")
    assert lead.post("/admin/orders", form).status_code == 303
    again = lead.post("/admin/orders", form)
    assert again.status_code == 409
    assert "登録済み" in again.get_data(as_text=True)
    return only(shift)


def only(shift: Shift) -> Order:
    with shift.desk.desk.database.read() as session:
        return session.scalars(select(Order)).one()


def test_b36_from_the_order_to_the_last_day(sold: Shift) -> None:
    order = entered(sold)
    lead = signed_in(sold.desk, "lead1")
    page = lead.get("/admin/orders").get_data(as_text=True)
    assert 'data-standing="awaited"' in page
    assert "書面待ち" in page
    path = f"/admin/orders/{order.id}/documents"
    assert lead.post(path, {"on": TODAY, "document_id": ""}).status_code == 400
    late = (business_date(NOON) + timedelta(days=1)).isoformat()
    assert lead.post(path, {"on": late, "document_id": "D-1"}).status_code == 400
    assert lead.post(path, {"on": TODAY, "document_id": "D-1"}).status_code == 303
    assert only(sold).cooling_off_until == business_date(NOON) + timedelta(days=7)
    assert "期間中" in lead.get("/admin/orders?standing=running").get_data(as_text=True)
    assert "order-row" not in lead.get("/admin/orders?standing=over").get_data(as_text=True)
    record = lead.get(f"/admin/customers/{order.customer_id}").get_data(as_text=True)
    last = business_date(NOON) + timedelta(days=7)
    assert f"クーリング・オフ期間中（〜{last.month}月{last.day}日）" in record
    sold.desk.clock.advance(timedelta(days=8).total_seconds())
    lead = signed_in(sold.desk, "lead1")
    page = lead.get("/admin/orders?standing=over").get_data(as_text=True)
    assert 'data-standing="over"' in page
    refused = lead.post(
        f"/admin/orders/{order.id}/cancel",
        {"sent_on": (business_date(NOON) + timedelta(days=8)).isoformat()},
    )
    assert refused.status_code == 409
    # sent on the last day and read a day later: in time
    sent = (business_date(NOON) + timedelta(days=7)).isoformat()
    assert lead.post(f"/admin/orders/{order.id}/cancel", {"sent_on": sent}).status_code == 303


def test_b36_a_cancellation_stops_sales_calls_for_the_product(sold: Shift) -> None:
    order = entered(sold)
    lead = signed_in(sold.desk, "lead1")
    path = f"/admin/orders/{order.id}/cancel"
    assert lead.post(path, {"sent_on": TODAY}).status_code == 303
    assert lead.post(path, {"sent_on": TODAY}).status_code == 409
    with sold.desk.desk.database.read() as session:
        blocks = session.scalars(select(DoNotCall)).all()
        entries = session.scalars(
            select(ListEntry).where(ListEntry.customer_id == order.customer_id)
        ).all()
        actions = session.scalars(select(AuditRow.action)).all()
    assert {(row.product_id, row.basis) for row in blocks} == {(order.product_id, "refusal")}
    assert {entry.state for entry in entries} == {"closed"}
    assert {"order.entered", "order.cancelled", "refusal.noted"} <= set(actions)
    text = lead.get("/admin/orders.csv").get_data(as_text=True)
    [header, row] = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    assert (header[0], row[0], row[5]) == ("状態", "解除済み", TODAY)


def test_b36_a_campaign_may_give_more_days(sold: Shift) -> None:
    with sold.desk.desk.database.write() as session:
        session.execute(update(Campaign).values(cooling_off_days=14))
    order = entered(sold)
    lead = signed_in(sold.desk, "lead1")
    lead.post(f"/admin/orders/{order.id}/documents", {"on": TODAY, "document_id": "D-1"})
    assert only(sold).cooling_off_until == business_date(NOON) + timedelta(days=13)


def test_b36_orders_of_another_teams_campaign_are_nobodys_business(sold: Shift) -> None:
    order = entered(sold)
    other = signed_in(sold.desk, "lead2")
    assert "order-row" not in other.get("/admin/orders").get_data(as_text=True)
    path = f"/admin/orders/{order.id}"
    assert other.post(f"{path}/cancel", {"sent_on": TODAY}).status_code == 404
    form = {"on": TODAY, "document_id": "D-1"}
    assert other.post(f"{path}/documents", form).status_code == 404
    assert signed_in(sold.desk, "operator1").get("/admin/orders").status_code == 403


def test_b36_an_order_needs_a_talk_of_its_day(sold: Shift) -> None:
    lead = signed_in(sold.desk, "lead1")
    form = {"customer": "#1", "campaign": str(CAMPAIGN)}
    answer = lead.post("/admin/orders", {**form, "ordered_on": "2026-01-05"})
    assert answer.status_code == 400
    assert "通話がありません" in answer.get_data(as_text=True)
    for day in ("soon", "0001-01-01", "9999-12-31"):
        assert lead.post("/admin/orders", {**form, "ordered_on": day}).status_code == 400, day
