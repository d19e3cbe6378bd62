"""The office's pages of records: fields, promises, callbacks, and a lead's correction."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Call
from agent_desk.models.customers import Customer, Debt, Payment
from agent_desk.models.record_fields import RecordField
from agent_desk.models.results import Callback, Promise, PromisePart, Result
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import BORN, Shift
from tests.agent_desk.store.desk_rows import NOON, SEALER

DUE = "2026-11-30"


def promised(shift: Shift) -> str:
    """A call on which 5,000 yen were promised."""
    call_id = shift.talk()
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    shift.page.do("set_promise", call_id=call_id, due_on=DUE, amount_yen=5000)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="約束")
    shift.desk.settle()
    return call_id


def owed(shift: Shift, user_id: int | None = None) -> int:
    """A callback that is owed in an hour."""
    with shift.desk.desk.database.write() as session:
        row = Callback(
            customer_id=1,
            list_entry_id=shift.desk.people.entries[0],
            campaign_id=shift.desk.campaign_id,
            cause="asked",
            user_id=user_id,
            due_at=NOON + timedelta(hours=1),
            made_at=NOON,
        )
        session.add(row)
        session.flush()
        return int(row.id)


def test_fields_are_set_up_by_who_runs_the_campaign(shift: Shift) -> None:
    lead, path = signed_in(shift.desk, "lead1"), f"/admin/record-fields/{shift.desk.campaign_id}"
    for name, access in (("職業", "editable"), ("年収", "locked")):
        form = {"name": name, "access": access, "required": "yes" if name == "職業" else ""}
        assert lead.post(path, form).status_code == 303
    assert lead.post(path, {"name": "年収", "do": "up"}).status_code == 303
    with shift.desk.desk.database.read() as session:
        rows = session.scalars(select(RecordField).order_by(RecordField.position)).all()
        assert [(row.name, row.access, row.required) for row in rows] == [
            ("年収", "locked", False),
            ("職業", "editable", True),
        ]
    refused = lead.post(path, {"name": "年収", "access": "locked", "required": "yes"})
    assert refused.status_code == 400
    assert lead.post(path, {"name": "年収", "do": "remove"}).status_code == 303
    assert "年収" not in lead.get("/admin/record-fields").get_data(as_text=True)


def test_fields_of_another_teams_campaign_are_nobodys_business(shift: Shift) -> None:
    other = signed_in(shift.desk, "lead2")
    path = f"/admin/record-fields/{shift.desk.campaign_id}"
    assert other.post(path, {"name": "職業", "access": "locked"}).status_code == 403
    assert signed_in(shift.desk, "operator1").get("/admin/record-fields").status_code == 403


def test_the_ledger_shows_what_was_promised_and_paid(each_shift: Shift) -> None:
    shift = each_shift
    call_id = promised(shift)
    with shift.desk.desk.database.write() as session:
        call = session.get_one(Call, call_id)
        debt = Debt(customer_id=call.customer_id, product_id=1, amount_yen=9000, created_at=NOON)
        session.add(debt)
        session.flush()
        paid = Payment(debt_id=debt.id, amount_yen=2000, source="t", created_at=NOON)
        paid.paid_on = NOON.date()
        session.add(paid)
    lead = signed_in(shift.desk, "lead1")
    page = lead.get("/admin/promises").get_data(as_text=True)
    assert 'data-standing="open"' in page
    assert "2,000" in page and "5,000" in page
    shift.desk.clock.advance(timedelta(days=7).total_seconds())
    later = signed_in(shift.desk, "lead1")
    assert 'data-standing="due"' in later.get("/admin/promises?standing=due").get_data(as_text=True)
    assert "promise-row" not in later.get("/admin/promises?standing=kept").get_data(as_text=True)
    other = signed_in(shift.desk, "lead2")
    assert "promise-row" not in other.get("/admin/promises").get_data(as_text=True)
    assert later.get("/admin/promises?standing=nonsense").status_code == 400


def test_a_plan_with_a_part_paid_is_kept_in_part(shift: Shift) -> None:
    promised(shift)
    with shift.desk.desk.database.write() as session:
        promise = session.scalars(select(Promise)).one()
        part = {"promise_id": promise.id, "position": 2, "due_on": promise.due_on}
        session.execute(insert(PromisePart).values(**part, amount_yen=100, state="kept"))
    page = signed_in(shift.desk, "lead1").get("/admin/promises?standing=part")
    assert 'data-standing="part"' in page.get_data(as_text=True)


def test_the_export_of_promises_runs_nothing_and_is_audited(shift: Shift) -> None:
    call_id = promised(shift)
    with shift.desk.desk.database.write() as session:
        customer = session.get_one(Customer, session.get_one(Call, call_id).customer_id)
        customer.name_sealed = SEALER.seal("=HYPERLINK(1)")
    answer = signed_in(shift.desk, "lead1").get("/admin/promises.csv")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[1][0:2] == [DUE, "5000"]
    assert not rows[1][5].startswith("=")
    shift.desk.settle()
    with shift.desk.desk.database.read() as session:
        assert session.scalars(select(AuditRow).where(AuditRow.action == "promises.exported")).one()


def test_a_callback_is_handed_on_and_cancelled_with_a_reason(each_shift: Shift) -> None:
    shift = each_shift
    callback_id, lead = owed(shift), signed_in(shift.desk, "lead1")
    operator = shift.desk.people.users["operator1"]
    path = f"/admin/callbacks/{callback_id}"
    assert lead.post(f"{path}/reassign", {"user": str(operator)}).status_code == 303
    assert [each["name"] for each in shift.page.do("find_callbacks")["callbacks"]] == ["山田 太郎"]
    assert lead.post(f"{path}/cancel", {"reason": ""}).status_code == 400
    assert lead.post(f"{path}/cancel", {"reason": "ご本人から不要と連絡"}).status_code == 303
    assert shift.page.do("find_callbacks")["callbacks"] == []
    with shift.desk.desk.database.read() as session:
        row = session.get_one(Callback, callback_id)
        assert (row.state, row.reason_sealed is not None) == ("cancelled", True)


def test_callbacks_of_another_team_cannot_be_touched(shift: Shift) -> None:
    callback_id, other = owed(shift), signed_in(shift.desk, "lead2")
    assert "callback-row" not in other.get("/admin/callbacks").get_data(as_text=True)
    for action, form in (("cancel", {"reason": "まちがい"}), ("reassign", {"user": ""})):
        assert other.post(f"/admin/callbacks/{callback_id}/{action}", form).status_code == 404
    operator3 = shift.desk.people.users["operator3"]
    lead = signed_in(shift.desk, "lead1")
    asked = lead.post(f"/admin/callbacks/{callback_id}/reassign", {"user": str(operator3)})
    assert asked.status_code == 404


def correction(browser: Browser, call_id: str, **more: Any) -> int:
    form = {"based_on": "1", "code": ["contact"], "reason": "録音を確認した", **more}
    return browser.post(f"/reports/calls/{call_id}/result", form).status_code


def test_a_lead_corrects_from_the_calls_page_and_says_why(shift: Shift) -> None:
    call_id = promised(shift)
    lead = signed_in(shift.desk, "lead1")
    assert f"/reports/calls/{call_id}/result" in lead.get("/reports/calls").get_data(as_text=True)
    assert correction(lead, call_id, reason="") == 400
    assert correction(lead, call_id) == 303
    assert correction(lead, call_id) == 409
    page = lead.get(f"/reports/calls/{call_id}/result").get_data(as_text=True)
    assert page.count("result-version") == 2 and "録音を確認した" in page
    with shift.desk.desk.database.read() as session:
        assert session.scalar(select(Promise.state)) == "withdrawn"
        newest = session.scalars(select(Result).order_by(Result.version.desc())).first()
        assert newest is not None and newest.codes == ["contact"]
    assert correction(signed_in(shift.desk, "lead2"), call_id) == 404
    assert correction(signed_in(shift.desk, "operator1"), call_id) == 403


def test_a_lead_re_enters_the_parts_of_a_promise_and_keeps_what_was_typed(shift: Shift) -> None:
    call_id = promised(shift)
    lead = signed_in(shift.desk, "lead1")
    plan = {
        "code": ["payment_date"],
        "due_on": "2026-11-30",
        "amount_yen": "１０,０００",
        "method": "card",
        "part_due_on": ["2026-11-30", "2026-12-25", ""],
        "part_amount_yen": ["4,000", "5,999", ""],
    }
    path = f"/reports/calls/{call_id}/result"
    asked = {"based_on": "1", "reason": "録音を確認した", **plan}
    refused = lead.post(path, asked)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409 and "各回の合計が金額と合いません" in page
    assert 'value="5,999"' in page and 'value="録音を確認した"' in page
    assert lead.post(path, {**asked, "amount_yen": "a"}).status_code == 400
    assert lead.post(path, {**asked, "amount_yen": "9,999"}).status_code == 303
    page = lead.get(path).get_data(as_text=True)
    assert page.count('name="part_due_on"') == 2 and 'value="2026-12-25"' in page
    assert '<option value="card" selected>' in page
    with shift.desk.desk.database.read() as session:
        states = session.scalars(select(Promise.state).order_by(Promise.id)).all()
    assert states == ["replaced", "open"]
