"""The nightly review: classes by days overdue, fewer calls for those who pay on time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from agent_desk.dialer.business_time import at as japanese
from agent_desk.dialer.business_time import business_date
from agent_desk.models.customers import Customer, Debt, Payment
from agent_desk.models.results import Promise
from agent_desk.models.strategy import ClassDay, DelinquencyChange
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.strategy import class_review
from agent_desk.services.strategy.class_review import ClassReview
from agent_desk.store.strategy import delinquency
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.store.desk_rows import add_customer, small_centre
from tests.fakes.clock import FakeClock

DAY = timedelta(days=1)


class Nights:
    """A review whose nights are gone through one after another."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.review = ClassReview(database=database, commits=DirectDoor(database), clock=clock)
        with database.write() as session:
            self.product_id = small_centre(session).product_id

    @property
    def today(self) -> date:
        return business_date(self.clock.now())

    def go_to(self, day: date) -> None:
        self.clock.advance((japanese(day, 0) - self.clock.now()).total_seconds())

    def customer(self, number: int, *, overdue: int) -> int:
        """Somebody whose debt has been overdue for so many days today."""
        with self.database.write() as session:
            customer_id = add_customer(session, f"+8190{number:08}")
            self.owe(session, customer_id, overdue=overdue)
        return customer_id

    def owe(self, session: Session, customer_id: int, *, overdue: int, name: str = "") -> int:
        row = insert(Debt).values(
            customer_id=customer_id,
            product_id=self.product_id,
            external_id=name,
            amount_yen=10_000,
            due_on=self.today - overdue * DAY,
            created_at=self.clock.now(),
        )
        return int(session.execute(row).inserted_primary_key[0])

    def pay(self, customer_id: int, *, days: list[int]) -> None:
        """Earlier debts, each paid so many days after it was due."""
        with self.database.write() as session:
            for month, late in enumerate(days, start=2):
                debt = self.owe(session, customer_id, overdue=30 * month, name=f"m{month}")
                session.execute(
                    update(Debt).where(Debt.id == debt).values(closed_at=self.clock.now())
                )
                due = self.today - 30 * month * DAY
                session.execute(
                    insert(Payment).values(
                        debt_id=debt,
                        amount_yen=10_000,
                        paid_on=due + late * DAY,
                        due_on=due,
                        source="test",
                        created_at=self.clock.now(),
                    )
                )

    def of(self, customer_id: int) -> tuple[str | None, int]:
        with self.database.read() as session:
            row = session.get_one(Customer, customer_id)
            return row.delinquency, row.weekly_adjust

    def history(self, customer_id: int) -> list[tuple[str | None, str | None, date]]:
        with self.database.read() as session:
            return list(delinquency.history(session, customer_id))

    def rows(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count(DelinquencyChange.id))) or 0


@pytest.fixture
def nights(database: Database, clock: FakeClock) -> Nights:
    return Nights(database, clock)


def test_a31_on_the_thirty_first_day_the_class_moves_and_the_history_says_when(
    nights: Nights,
) -> None:
    customer_id = nights.customer(1, overdue=30)
    nights.review.finish()
    first = nights.today
    assert nights.of(customer_id) == ("d1_30", 0)
    nights.go_to(first + DAY)
    nights.review.finish()
    assert nights.of(customer_id) == ("d31_90", 0)
    assert nights.history(customer_id) == [
        (None, "d1_30", first),
        ("d1_30", "d31_90", first + DAY),
    ]


def test_asked_again_and_again_a_day_is_reviewed_once(nights: Nights) -> None:
    for number, overdue in enumerate((1, 31, 91)):
        nights.customer(number, overdue=overdue)
    for _ in range(4):
        nights.review.finish()
        nights.review.step()
    assert nights.rows() == 3
    with nights.database.read() as session:
        (day,) = session.scalars(select(ClassDay))
        assert (day.day, day.changed, day.ended_at is not None) == (nights.today, 3, True)


def test_nights_without_a_desk_are_caught_up_under_their_own_days(nights: Nights) -> None:
    customer_id = nights.customer(1, overdue=25)
    nights.review.finish()
    due = nights.today - 25 * DAY
    nights.go_to(nights.today + 80 * DAY)
    nights.review.finish()
    assert nights.history(customer_id)[1:] == [
        ("d1_30", "d31_90", due + 31 * DAY),
        ("d31_90", "d91", due + 91 * DAY),
    ]


def test_a_review_cut_short_goes_on_where_it_was(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = [nights.customer(number, overdue=40) for number in range(5)]
    monkeypatch.setattr(class_review, "PORTION", 2)
    monkeypatch.setattr(class_review, "PORTIONS", 1)
    assert not nights.review.step()
    assert [nights.of(each)[0] for each in everybody] == ["d31_90"] * 2 + [None] * 3
    again = ClassReview(
        database=nights.database, commits=DirectDoor(nights.database), clock=nights.clock
    )
    again.finish()
    assert {nights.of(each)[0] for each in everybody} == {"d31_90"}
    assert nights.rows() == 5


def test_who_was_added_during_the_day_is_taken_up_the_same_day(nights: Nights) -> None:
    nights.customer(1, overdue=1)
    nights.review.finish()
    late = nights.customer(2, overdue=100)
    nights.review.step()
    assert nights.of(late) == ("d91", 0)


def test_the_oldest_open_debt_decides_and_a_paid_one_does_not(nights: Nights) -> None:
    customer_id = nights.customer(1, overdue=5)
    with nights.database.write() as session:
        older = nights.owe(session, customer_id, overdue=50, name="older")
    nights.review.finish()
    assert nights.of(customer_id)[0] == "d31_90"
    with nights.database.write() as session:
        session.execute(update(Debt).where(Debt.id == older).values(closed_at=nights.clock.now()))
    nights.go_to(nights.today + DAY)
    nights.review.finish()
    assert nights.of(customer_id)[0] == "d1_30"


@pytest.mark.parametrize(
    ("days", "adjust"), [([0, -2, 0], -1), ([0, 0], 0), ([3, 0, 0, 0], 0), ([0, 0, 0, 9], -1)]
)
def test_a32_three_payments_on_time_are_one_attempt_a_week_less(
    nights: Nights, days: list[int], adjust: int
) -> None:
    """The first of the list is the newest."""
    customer_id = nights.customer(1, overdue=10)
    nights.pay(customer_id, days=days)
    nights.review.finish()
    assert nights.of(customer_id) == ("d1_30", adjust)


def test_paid_by_the_day_promised_is_on_time(nights: Nights) -> None:
    customer_id = nights.customer(1, overdue=10)
    nights.pay(customer_id, days=[0, 4, 0])
    due = nights.today - 90 * DAY
    with nights.database.write() as session:
        session.execute(
            insert(Promise).values(
                customer_id=customer_id,
                due_on=due + 5 * DAY,
                made_at=japanese(due + DAY, 600),
                state="kept",
            )
        )
    nights.review.finish()
    assert nights.of(customer_id) == ("d1_30", -1)
