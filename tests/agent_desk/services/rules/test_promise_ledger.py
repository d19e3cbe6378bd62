"""Promises against posted payments: kept, broken or due, in the rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from agent_desk.models.customers import Debt
from agent_desk.models.results import Promise, PromisePart
from agent_desk.services.actor import CLI
from agent_desk.services.rules.payments import Posted
from agent_desk.services.rules.promise_ledger import PromiseReview
from agent_desk.store.records.promise_ledger import LedgerFilter
from tests.agent_desk.small_desk import BORN, Shift

DUE = date(2026, 11, 30)
PLAN = [
    {"due_on": "2026-11-30", "amount_yen": 3334},
    {"due_on": "2026-12-30", "amount_yen": 3333},
    {"due_on": "2027-01-30", "amount_yen": 3333},
]


@pytest.fixture
def promised(shift: Shift) -> tuple[Shift, str]:
    """A plan of three parts; whom it is of, as payments name them."""
    call_id = shift.talk()
    customer_id = shift.desk.call(call_id).customer_id
    with shift.desk.desk.database.write() as session:
        session.execute(
            insert(Debt).values(
                customer_id=customer_id,
                product_id=shift.desk.people.centre.product_id,
                external_id="d1",
                amount_yen=50_000,
                created_at=shift.desk.clock.now(),
            )
        )
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    shift.page.do(
        "set_promise",
        call_id=call_id,
        due_on="2026-11-30",
        amount_yen=10_000,
        method="bank_transfer",
        parts=PLAN,
    )
    return shift, f"#{customer_id}"


def pay(shift: Shift, customer: str, yen: int, on: date, number: str) -> None:
    posted = Posted(customer, yen, on, "bank", number)
    shift.desk.desk.rules.payments.post(posted, actor=CLI)


def ledger(shift: Shift) -> tuple[str, list[str]]:
    with shift.desk.desk.database.read() as session:
        [whole] = session.scalars(select(Promise.state))
        parts = session.scalars(select(PromisePart.state).order_by(PromisePart.position))
        return whole, list(parts)


def review(shift: Shift) -> None:
    desk = shift.desk.desk
    ledger_review = PromiseReview(
        database=desk.database, commits=desk.commits, clock=shift.desk.clock
    )
    while not ledger_review.step():
        pass


def test_the_page_shows_the_plan_and_finds_it_again_after_a_reload(
    promised: tuple[Shift, str],
) -> None:
    shift, _ = promised
    shown = shift.page.follow()["call"]["promise"]
    assert (shown["method"], shown["parts"]) == ("bank_transfer", PLAN)
    assert shift.page.fresh()["call"]["promise"] == shown


def test_a_payment_keeps_the_parts_it_covers_at_once(promised: tuple[Shift, str]) -> None:
    shift, customer = promised
    pay(shift, customer, 3_000, DUE, "1")
    assert ledger(shift) == ("open", ["open", "open", "open"])
    pay(shift, customer, 334, DUE, "2")
    assert ledger(shift) == ("open", ["kept", "open", "open"])
    pay(shift, customer, 6_666, DUE, "3")
    assert ledger(shift) == ("kept", ["kept", "kept", "kept"])


def test_what_nobody_paid_is_broken_after_its_date_and_grace(promised: tuple[Shift, str]) -> None:
    shift, _ = promised
    shift.desk.clock.advance((DUE - shift.desk.clock.now().date()).days * 86_400)
    review(shift)
    assert ledger(shift) == ("open", ["open", "open", "open"])
    shift.desk.clock.advance(timedelta(days=4).total_seconds())
    review(shift)
    assert ledger(shift) == ("broken", ["broken", "open", "open"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"amount_yen": 10_001}, "promise-parts"),
        ({"method": "barter"}, "promise-method"),
        ({"parts": [{"due_on": "2026-11-30"}]}, "bad-payload"),
        ({"parts": [PLAN[0]] * 40}, "bad-payload"),
    ],
)
def test_a_plan_that_does_not_add_up_is_refused(
    promised: tuple[Shift, str], change: dict[str, object], error: str
) -> None:
    shift, _ = promised
    [call_id] = shift.desk.desk.commits.floor.calls
    asked = {"due_on": "2026-11-30", "amount_yen": 10_000, "method": "card", "parts": PLAN}
    assert shift.page.refused("set_promise", call_id=call_id, **{**asked, **change}) == error


def test_a_payment_that_was_taken_back_is_not_among_what_was_paid(
    promised: tuple[Shift, str],
) -> None:
    shift, customer = promised
    pay(shift, customer, 3_000, DUE, "1")
    pay(shift, customer, 2_000, DUE, "2")
    shift.desk.desk.rules.payments.reverse("bank", "1", actor=CLI)
    [line] = shift.desk.desk.promise_pages.page(CLI, LedgerFilter(), cursor="").lines
    assert line.paid_yen == 2_000
