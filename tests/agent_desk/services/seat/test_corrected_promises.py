"""訂正 of a promise: dates, parts, amount, way of paying said anew; the newest one counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from agent_desk.dialer.promises import Promised, PromisePart
from agent_desk.models.audit import AuditRow
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Debt
from agent_desk.models.results import Promise, Result
from agent_desk.models.results import PromisePart as PartRow
from agent_desk.services.actor import CLI
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules.payments import Posted
from agent_desk.services.rules.promise_ledger import PromiseReview
from agent_desk.services.seat.corrections import Corrector, Wanted
from agent_desk.store.records import promise_ledger
from agent_desk.store.records.promise_ledger import LedgerFilter
from agent_desk.store.reports import own_day
from tests.agent_desk.small_desk import BORN, Shift

DUE = date(2026, 11, 30)
PLAN = [
    {"due_on": "2026-11-30", "amount_yen": 5_000},
    {"due_on": "2026-12-28", "amount_yen": 3_000},
    {"due_on": "2027-01-29", "amount_yen": 2_001},
]
ANEW = {"due_on": "2026-11-30", "amount_yen": 10_001, "method": "bank_transfer", "parts": PLAN}


@pytest.fixture
def promised(shift: Shift) -> tuple[Shift, str]:
    """A saved result with a promise in one part, of somebody who owes; the call."""
    call_id = shift.talk()
    customer_id = shift.desk.call(call_id).customer_id
    with shift.desk.desk.database.write() as session:
        debt = {"customer_id": customer_id, "product_id": shift.desk.people.centre.product_id}
        at = shift.desk.clock.now()
        session.execute(
            insert(Debt).values(**debt, external_id="d1", amount_yen=50_000, created_at=at)
        )
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    promise = {"due_on": "2026-11-25", "amount_yen": 9_000, "method": "card", "parts": None}
    shift.page.do("set_promise", call_id=call_id, **promise)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    shift.desk.settle()
    return shift, call_id


def asked(call_id: str, **more: Any) -> dict[str, Any]:
    return {"call_id": call_id, "based_on": 1, "codes": ["payment_date"], **more}


def correct(shift: Shift, call_id: str, **more: Any) -> None:
    shift.page.do("correct_result", **asked(call_id, **more))
    shift.desk.settle()


def by_lead(shift: Shift, call_id: str, **more: Any) -> None:
    who = shift.desk.person("lead1")
    lead = Corrector(who.user_id, who.username, who.role, who.teams)
    told = {"based_on": 1, "codes": frozenset({"payment_date"}), "reason": "録音を確認した"}
    wanted = Wanted(**{**told, **more})
    shift.desk.desk.paper.corrections.correct(lead, call_id, wanted, command_id=None)
    shift.desk.settle()


def pay(shift: Shift, call_id: str, yen: int, on: date) -> None:
    with shift.desk.desk.database.read() as session:
        customer_id = session.scalar(select(Promise.customer_id).where(Promise.call_id == call_id))
    posted = Posted(f"#{customer_id}", yen, on, "bank", f"{yen}")
    shift.desk.desk.rules.payments.post(posted, actor=CLI)


def states(shift: Shift) -> list[tuple[str, int | None, str | None]]:
    with shift.desk.desk.database.read() as session:
        rows = session.execute(
            select(Promise.state, Promise.amount_yen, Promise.method).order_by(Promise.id)
        )
        return [(state, amount, method) for state, amount, method in rows]


def standing(shift: Shift) -> list[tuple[date, int | None, str]]:
    """The parts of the promise that counts."""
    with shift.desk.desk.database.read() as session:
        query = (
            select(PartRow.due_on, PartRow.amount_yen, PartRow.state)
            .join(Promise, Promise.id == PartRow.promise_id)
            .where(Promise.state != "replaced")
            .order_by(PartRow.position)
        )
        return [(due_on, amount, state) for due_on, amount, state in session.execute(query)]


def test_an_operator_re_enters_amount_dates_parts_and_method_on_the_same_day(
    promised: tuple[Shift, str],
) -> None:
    shift, call_id = promised
    correct(shift, call_id, **ANEW)
    assert states(shift) == [("replaced", 9_000, "card"), ("open", 10_001, "bank_transfer")]
    assert standing(shift) == [
        (date(2026, 11, 30), 5_000, "open"),
        (date(2026, 12, 28), 3_000, "open"),
        (date(2027, 1, 29), 2_001, "open"),
    ]
    shown = shift.page.do("open_result", call_id=call_id)["result"]
    assert shown["promise"] == ANEW
    with shift.desk.desk.database.read() as session:
        ledger = promise_ledger.page(
            session, LedgerFilter(), teams=None, today=DUE, after=None, limit=9
        )
        assert [(row.amount_yen, row.state) for row in ledger] == [(10_001, "open")]
        assert session.scalar(select(func.max(Result.version))) == 2


def test_a_promise_that_stays_keeps_its_parts_and_method(promised: tuple[Shift, str]) -> None:
    shift, call_id = promised
    correct(shift, call_id, **ANEW)
    correct(shift, call_id, based_on=2, note="金額を復唱した")
    correct(shift, call_id, based_on=3, **ANEW, counterpart="customer")
    assert [state for state, _, _ in states(shift)] == ["replaced", "open"]


def test_a_plan_that_does_not_add_up_is_refused_and_nothing_is_written(
    promised: tuple[Shift, str],
) -> None:
    shift, call_id = promised
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"amount_yen": 10_000}, "promise-parts"),
        ({"amount_yen": None}, "promise-parts"),
        ({"due_on": "2026-12-01"}, "promise-parts"),
        ({"parts": [*PLAN, PLAN[-1]]}, "promise-parts"),
        ({"parts": [{"due_on": "2026-11-30"}]}, "bad-payload"),
        ({"method": "barter"}, "promise-method"),
        ({"parts": [], "amount_yen": 0}, "promise-amount"),
        ({"due_on": "2026-11-01"}, "promise-date"),
    ]
    for change, error in wrong:
        wanted = asked(call_id, **{**ANEW, **change})
        assert shift.page.refused("correct_result", **wanted) == error, change
    assert states(shift) == [("open", 9_000, "card")]


def test_only_plans_of_the_campaign_are_taken_and_the_one_that_stands(
    promised: tuple[Shift, str],
) -> None:
    shift, call_id = promised
    five = [{"due_on": f"2026-12-{day:02}", "amount_yen": 2_000} for day in range(1, 6)]
    wanted = {"due_on": "2026-12-01", "amount_yen": 10_000, "method": None, "parts": five}
    assert shift.page.refused("correct_result", **asked(call_id, **wanted)) == "promise-plan"
    correct(shift, call_id, **ANEW)
    with shift.desk.desk.database.write() as session:
        session.get_one(Campaign, shift.desk.campaign_id).instalment_counts = [2]
    shift.desk.desk.commits.submit(None)
    shown = shift.page.do("open_result", call_id=call_id)["result"]
    assert 3 in shown["instalment_counts"]
    correct(shift, call_id, based_on=2, **{**ANEW, "method": "card"})
    assert states(shift)[-1] == ("open", 10_001, "card")


def test_a_lead_corrects_what_was_judged_already_and_it_is_judged_anew(
    promised: tuple[Shift, str],
) -> None:
    shift, call_id = promised
    pay(shift, call_id, 5_000, date(2026, 11, 30))
    shift.desk.clock.advance(timedelta(days=14).total_seconds())
    desk = shift.desk.desk
    review = PromiseReview(database=desk.database, commits=desk.commits, clock=shift.desk.clock)
    while not review.step():
        pass
    assert states(shift) == [("broken", 9_000, "card")]
    parts = tuple(PromisePart(date.fromisoformat(p["due_on"]), p["amount_yen"]) for p in PLAN)  # type: ignore[arg-type]
    by_lead(shift, call_id, promised=Promised(DUE, 10_001, "bank_transfer", parts))
    assert states(shift) == [("replaced", 9_000, "card"), ("open", 10_001, "bank_transfer")]
    assert [state for _, _, state in standing(shift)] == ["kept", "open", "open"]
    by_lead(shift, call_id, based_on=2, promised=Promised(date(2026, 11, 26), 9_000))
    assert states(shift)[-1] == ("broken", 9_000, None)


def test_what_was_kept_because_nothing_is_owed_any_more_stays_kept(
    promised: tuple[Shift, str],
) -> None:
    shift, call_id = promised
    pay(shift, call_id, 50_000, date(2026, 11, 25))
    assert states(shift) == [("kept", 9_000, "card")]
    by_lead(shift, call_id, promised=Promised(DUE, 60_000, "card"))
    assert states(shift)[-1] == ("kept", 60_000, "card")
    assert [state for _, _, state in standing(shift)] == ["kept"]


def test_what_was_judged_is_not_taken_back_with_its_status(promised: tuple[Shift, str]) -> None:
    shift, call_id = promised
    pay(shift, call_id, 9_000, date(2026, 11, 25))
    with pytest.raises(ServiceError, match="promise-settled"):
        by_lead(shift, call_id, codes=frozenset({"contact"}))


def test_the_audit_says_who_replaced_a_promise_and_when_but_not_how_much(
    promised: tuple[Shift, str],
) -> None:
    shift, call_id = promised
    shift.desk.clock.advance(timedelta(days=1).total_seconds())
    by_lead(shift, call_id, promised=Promised(DUE, 12_345, "card"))
    with shift.desk.desk.database.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.subject == f"call:{call_id}").order_by(AuditRow.id)
        ).all()
    made = [row for row in rows if row.action == "call.promise.made"]
    corrected = [row for row in rows if row.action == "call.result.corrected"]
    assert [row.actor for row in made] == ["operator1"]  # on the call, and never again
    assert [(row.actor, row.details["promise"]) for row in corrected] == [("lead1", "replaced")]
    assert corrected[0].at > made[0].at + timedelta(hours=23)
    assert "12345" not in str(corrected[0].details)


def test_an_operators_own_average_counts_the_newest_promise_of_a_call_once(
    promised: tuple[Shift, str],
) -> None:
    shift, call_id = promised
    correct(shift, call_id, **ANEW)
    now = shift.desk.clock.now()
    with shift.desk.desk.database.read() as session:
        past = own_day.past_days(
            session,
            shift.desk.people.users["operator1"],
            since=now - timedelta(days=1),
            until=now + timedelta(minutes=1),
        )
    assert past.promises == 1
