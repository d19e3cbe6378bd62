"""Other systems' customers, list entries, payments and do-not-call, and what they read back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.customers import Customer, Debt, DoNotCall, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Result
from agent_desk.services.rules.payments import CAUSE
from tests.agent_desk.routes.tokens import OtherSystem, problem
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.store.desk_rows import NOON

NUMBER = "090-0000-7001"


def customer(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {
        "external_id": "C-1",
        "name": "山田 花子",
        "kana": "ヤマダ ハナコ",
        "numbers": [{"number": number}],
        "debts": [{"product": "card", "amount_yen": 5_000, "due_on": "2026-11-30"}],
        **more,
    }


def sent(system: OtherSystem, *customers: dict[str, Any]) -> list[dict[str, Any]]:
    answer = system.post("customers", {"source": "crm", "customers": list(customers)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["results"]
    return found


def count(desk: SmallDesk, table: type) -> int:
    with desk.desk.database.read() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


# --- customers and entries ------------------------------------------------------------------------


def test_customers_are_added_then_brought_up_to_date(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk, "customers:write")
    before = count(small_desk, Customer)
    [added] = sent(system, customer())
    [again] = sent(system, customer("090-0000-7002", town="中央"))
    assert (added["state"], again["state"]) == ("added", "updated")
    assert added["customer_id"] == again["customer_id"]
    assert count(small_desk, Customer) == before + 1
    with small_desk.desk.database.read() as session:
        mine = Phone.customer_id == added["customer_id"]
        assert len(session.scalars(select(Phone).where(mine)).all()) == 2
        [debt] = session.scalars(select(Debt).where(Debt.customer_id == added["customer_id"]))
        assert debt.amount_yen == 5_000
        noted = session.scalars(select(AuditRow).where(AuditRow.action == "customers.upserted"))
        assert [row.details["updated"] for row in noted] == [[], [added["customer_id"]]]


def test_whoever_cannot_be_told_apart_is_reported_and_never_merged(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk, "customers:write")
    sent(system, customer())
    uncertain = customer(external_id="C-2", name="山田 花", kana="")
    household = customer(external_id="C-3", name="山田 一郎", kana="ヤマダ イチロウ")
    told = sent(system, uncertain, household)
    assert [(each["state"], each["reason"]) for each in told] == [
        ("refused", "customer-uncertain"),
        ("added", None),
    ]


def test_each_customer_has_its_own_answer(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk, "customers:write")
    told = sent(system, customer(), customer("110"), customer(external_id="C-9", name=" "))
    assert [each["reason"] for each in told] == [None, "number-emergency", "name-missing"]
    assert problem(
        system.post("customers", {"source": "crm", "customers": [customer()] * 201})
    ) == (
        400,
        "bad-payload",
    )


def test_an_entry_is_made_once_and_keeps_its_state(each_desk: SmallDesk) -> None:
    small_desk = each_desk
    system = OtherSystem(small_desk, "lists:write")
    path = f"lists/{small_desk.people.centre.list_id}/entries"
    first = system.post(path, {"customers": [customer(priority=2)]}).get_json()["results"][0]
    again = system.post(path, {"customers": [customer(priority=7)]}).get_json()["results"][0]
    assert (first["new_entry"], again["new_entry"]) == (True, False)
    assert first["entry_id"] == again["entry_id"]
    with small_desk.desk.database.read() as session:
        entry = session.get(ListEntry, first["entry_id"])
        assert entry is not None
        assert (entry.priority, entry.state) == (7, "ready")


def test_nobody_who_is_not_to_be_called_comes_onto_a_list(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk)
    system.post("do-not-call", {"number": NUMBER, "reason": "本人の申し出"})
    path = f"lists/{small_desk.people.centre.list_id}/entries"
    [told] = system.post(path, {"customers": [customer()]}).get_json()["results"]
    assert (told["state"], told["reason"]) == ("refused", "do-not-call")


def test_another_teams_list_and_customers_are_out_of_reach(small_desk: SmallDesk) -> None:
    team = small_desk.people.centre.team_id
    own, other = OtherSystem(small_desk, teams=[team]), OtherSystem(small_desk, teams=[team + 1])
    path = f"lists/{small_desk.people.centre.list_id}/entries"
    assert own.post(path, {"customers": [customer()]}).get_json()["added"] == 1
    assert problem(other.post(path, {"customers": [customer()]})) == (404, "list-unknown")
    own_source = {"source": "import", "customers": [customer(town="中央")]}
    assert own.post("customers", own_source).get_json()["updated"] == 1
    [told] = other.post("customers", own_source).get_json()["results"]
    assert (told["state"], told["reason"]) == ("refused", "not-in-scope")
    blocked = {"customer": "C-1", "reason": "苦情"}
    assert problem(other.post("do-not-call", blocked)) == (400, "customer-unknown")
    assert other.get("do-not-call").get_json()["entries"] == []


# --- payments -----------------------------------------------------------------------------------


def paid(**more: Any) -> dict[str, Any]:
    told = {"customer": "C-1", "amount_yen": 5_000, "paid_on": "2026-11-24"}
    return {**told, "source": "bank", "payment_id": "P-1", **more}


def entry_of(desk: SmallDesk, entry_id: int) -> tuple[str, str | None]:
    with desk.desk.database.read() as session:
        entry = session.get(ListEntry, entry_id)
        assert entry is not None
        return entry.state, entry.closed_reason


def test_a_payment_counts_once_and_one_that_differs_is_refused(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk)
    sent(system, customer())
    first = system.post("payments", paid(amount_yen=2_000)).get_json()
    again = system.post("payments", paid(amount_yen=2_000)).get_json()
    assert (first["again"], again["again"], again["debt"]) == (False, True, first["debt"])
    for other in ({"amount_yen": 1}, {"amount_yen": 2_000, "paid_on": "2026-11-23"}):
        assert problem(system.post("payments", paid(**other))) == (409, "payment-differs")
    with small_desk.desk.database.read() as session:
        debt = session.get(Debt, first["debt"])
        assert debt is not None
        assert debt.amount_yen == 3_000


def test_r54_pending_dials_of_a_debt_are_gone_when_its_payment_is_answered(shift: Shift) -> None:
    system = OtherSystem(shift.desk)
    call_id = shift.available()
    path = f"lists/{shift.desk.people.centre.list_id}/entries"
    [told] = system.post(path, {"customers": [customer()]}).get_json()["results"]
    with shift.desk.desk.database.write() as session:
        called = session.scalars(
            select(ListEntry.customer_id).where(ListEntry.state == "leased")
        ).one()
        session.execute(
            Debt.__table__.insert().values(
                customer_id=called,
                product_id=shift.desk.people.centre.product_id,
                external_id="",
                amount_yen=100,
                created_at=NOON,
            )
        )
    for who, amount, reference in (("C-1", 5_000, "P-1"), (f"#{called}", 100, "P-2")):
        asked = paid(customer=who, amount_yen=amount, payment_id=reference)
        assert system.post("payments", asked).get_json()["closed"]
    assert entry_of(shift.desk, told["entry_id"]) == ("closed", CAUSE)
    assert shift.desk.call(call_id).ending_at is not None, "and what was queued ends"


def owing(amount_yen: int, **more: Any) -> dict[str, Any]:
    return customer(debts=[{"product": "card", "amount_yen": amount_yen}], **more)


def test_r54_a_debt_told_to_be_none_takes_its_entries_off_until_it_returns(
    each_desk: SmallDesk,
) -> None:
    system = OtherSystem(each_desk)
    path = f"lists/{each_desk.people.centre.list_id}/entries"
    [told] = system.post(path, {"customers": [customer()]}).get_json()["results"]
    sent(system, owing(0) | {"external_id": "C-9", "numbers": [{"number": "090-0000-7009"}]})
    assert entry_of(each_desk, told["entry_id"]) == ("ready", None), "it was somebody else's"
    own_source = {"source": "import", "customers": [owing(0)]}
    assert system.post("customers", own_source).get_json()["updated"] == 1
    assert entry_of(each_desk, told["entry_id"]) == ("closed", CAUSE)
    system.post("customers", {"source": "import", "customers": [owing(700)]})
    assert entry_of(each_desk, told["entry_id"]) == ("ready", None)
    [again] = system.post(path, {"customers": [owing(0)]}).get_json()["results"]
    assert entry_of(each_desk, again["entry_id"]) == ("closed", CAUSE)


def test_r54_what_was_queued_ends_when_the_debt_is_told_to_be_none(shift: Shift) -> None:
    system = OtherSystem(shift.desk)
    call_id = shift.available()
    product = shift.desk.people.centre.product_id
    with shift.desk.desk.database.write() as session:
        called = shift.desk.call(call_id).customer_id
        mine = update(Customer).where(Customer.id == called)
        session.execute(mine.values(external_id="Q-1", source="import"))
        values = {"customer_id": called, "product_id": product, "external_id": ""}
        owed = values | {"amount_yen": 100, "created_at": NOON}
        session.execute(Debt.__table__.insert().values(**owed))
    told = owing(0, external_id="Q-1", numbers=[{"number": "090-0000-7010"}])
    answer = system.post("customers", {"source": "import", "customers": [told]})
    assert answer.get_json()["updated"] == 1
    assert shift.desk.call(call_id).ending_at is not None


def test_a_payment_that_is_taken_back_never_was(each_desk: SmallDesk) -> None:
    small_desk = each_desk
    system = OtherSystem(small_desk)
    path = f"lists/{small_desk.people.centre.list_id}/entries"
    [told] = system.post(path, {"customers": [customer()]}).get_json()["results"]
    debt_id = system.post("payments", paid(amount_yen=9_000)).get_json()["debt"]
    assert entry_of(small_desk, told["entry_id"]) == ("closed", CAUSE)
    reference = {"source": "bank", "payment_id": "P-1"}
    taken = system.post("payments/reverse", reference).get_json()
    assert taken == {"debt": debt_id, "closed": False, "again": False}
    assert system.post("payments/reverse", reference).get_json()["again"]
    with small_desk.desk.database.read() as session:
        debt = session.get(Debt, debt_id)
        assert debt is not None
        assert (debt.amount_yen, debt.closed_at) == (5_000, None), "what it had taken, no more"
    assert entry_of(small_desk, told["entry_id"]) == ("ready", None)
    assert problem(system.post("payments", paid(amount_yen=9_000))) == (409, "payment-reversed")
    unknown = {"source": "bank", "payment_id": "P-9"}
    assert problem(system.post("payments/reverse", unknown)) == (404, "payment-unknown")
    stranger = OtherSystem(small_desk, teams=[small_desk.people.centre.team_id + 1])
    assert problem(stranger.post("payments/reverse", reference)) == (404, "payment-unknown")


# --- what is read -------------------------------------------------------------------------------


def test_calls_and_results_are_read_without_personal_data_unless_the_token_is_for_it(
    each_shift: Shift,
) -> None:
    shift = each_shift
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.end(call_id)
    plain = OtherSystem(shift.desk, "calls:read", "results:read")
    full = OtherSystem(shift.desk, "calls:read", "results:read", "customers:read")
    hidden = ("number", "external_id", "customer_source")
    for system, shown in ((plain, False), (full, True)):
        rows = {row["id"]: row for row in system.get("call-history").get_json()["calls"]}
        row = rows[call_id]
        assert (row["operator"], row["outcome"]) == ("operator1", "human")
        assert row["customer_id"]
        assert (row["number"] is not None) is shown
        assert shown or all(row[name] is None for name in hidden)
    with shift.desk.desk.database.read() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.action == "api.calls.read")).all()
        assert [bool(row.details["customers"]) for row in noted] == [False, True]
        assert noted[0].actor == f"token:{plain.token_id}"


def test_a_corrected_result_is_read_in_its_newest_version(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="折り返し", counterpart="unknown")
    system = OtherSystem(shift.desk, "results:read", "customers:read")
    [row] = system.get("results").get_json()["results"]
    assert (row["call_id"], row["version"], row["note"]) == (call_id, 1, "折り返し")
    with shift.desk.desk.database.write() as session:
        first = session.scalars(select(Result)).one()
        copy = {c.name: getattr(first, c.name) for c in Result.__table__.columns if c.name != "id"}
        session.execute(Result.__table__.insert().values(**{**copy, "version": 2}))
    [row] = system.get("results", updated_since="2026-11-24").get_json()["results"]
    assert row["version"] == 2


def test_pages_neither_repeat_nor_skip_when_rows_are_added_meanwhile(
    each_desk: SmallDesk,
) -> None:
    small_desk = each_desk
    system = OtherSystem(small_desk)
    for number in range(5):
        told = {"number": f"090-0000-71{number:02}", "reason": "本人の申し出"}
        assert system.post("do-not-call", told).status_code == 201
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = system.get("do-not-call", limit=2, cursor=cursor).get_json()
        seen += [row["id"] for row in page["entries"]]
        cursor = page["next_cursor"]
        if len(seen) == 2:
            system.post("do-not-call", {"number": "090-0000-7199", "reason": "本人の申し出"})
    assert seen == sorted(set(seen))
    assert len(seen) == count(small_desk, DoNotCall) == 6


@pytest.mark.parametrize("kind", ["call-history", "results", "do-not-call"])
def test_a_cursor_is_ours_and_good_for_its_question_only(small_desk: SmallDesk, kind: str) -> None:
    system = OtherSystem(small_desk)
    for number in ("090-0000-7101", "090-0000-7102"):
        system.post("do-not-call", {"number": number, "reason": "本人の申し出"})
    cursor = system.get("do-not-call", limit=1).get_json()["next_cursor"]
    changed = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    assert problem(system.get(kind, cursor=changed)) == (400, "cursor-unusable")
    if kind != "do-not-call":
        assert problem(system.get(kind, cursor=cursor)) == (400, "cursor-unusable")
