"""What another strategy table would mean, customer by customer where their payments decide."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest

from agent_desk.dialer.strategy import BUILT_IN, CLASSES, PaymentRule, Strategy, draw
from agent_desk.services.actor import Actor
from agent_desk.services.lists.filters import FilterService
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.strategy import outlook
from agent_desk.services.strategy.outlook import ClassOutlook, OutlookService
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.services.strategy.test_class_review import Nights
from tests.agent_desk.store.desk_rows import SEALER
from tests.fakes.clock import FakeClock
from tests.fakes.hub import StillHub

COMPLIANCE = Actor("compliance1", "compliance", None)


class Table:
    """The outlook on versions of the built-in table, over some customers in arrears."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.nights = Nights(database, clock)
        self.hub = StillHub()
        filters = FilterService(
            database=database,
            sealer=SEALER,
            commits=DirectDoor(database),
            clock=clock,
            hub=self.hub,
        )
        self.service = OutlookService(database=database, filters=filters, clock=clock, hub=self.hub)
        self.numbers = count(1)

    def owes(self, *, overdue: int, paid: list[int]) -> None:
        """Somebody, and how many days after each due date earlier debts were paid, newest first."""
        customer_id = self.nights.customer(next(self.numbers), overdue=overdue)
        self.nights.pay(customer_id, days=paid)

    def reviewed(self) -> date:
        self.nights.review.finish()
        return self.nights.today

    def limits_change(self, made: Strategy) -> list[int]:
        found = self.service.of(BUILT_IN, made, actor=COMPLIANCE)
        assert all(each.exact for each in found)
        return [each.limits_change for each in found]


@pytest.fixture
def table(database: Database, clock: FakeClock) -> Table:
    """Of 31–90 days: two who paid nothing on time, one three times, one six times. Of 91 days and
    more: one who paid six times, one whose newest payment was late."""
    made = Table(database, clock)
    made.owes(overdue=40, paid=[])
    made.owes(overdue=50, paid=[9])
    made.owes(overdue=45, paid=[0, -1, 0])
    made.owes(overdue=60, paid=[0, 0, 0, 0, 0, 0])
    made.owes(overdue=100, paid=[0, 0, 0, 0, 0, 0])
    made.owes(overdue=120, paid=[5, 0, 0, 0])
    made.reviewed()
    return made


def version(*rules: PaymentRule, **weekly_calls: int) -> Strategy:
    """The built-in table with other rules, and other calls a week for some classes."""
    rows = tuple(
        type(row)(
            row.delinquency, weekly_calls.get(row.delinquency, row.weekly_calls), row.ai_percent
        )
        for row in BUILT_IN.rows
    )
    return Strategy(1, rows, rules)


def test_the_same_table_changes_nobodys_limit(table: Table) -> None:
    assert table.limits_change(version(*BUILT_IN.payment_rules)) == [0, 0, 0]


def test_a_further_rule_concerns_those_who_paid_so_often(table: Table) -> None:
    assert table.limits_change(version(PaymentRule(3, 1), PaymentRule(6, 2))) == [0, 1, 1]


def test_other_calls_a_week_concern_the_class_without_those_for_whom_it_comes_to_the_same(
    table: Table,
) -> None:
    # Three less one was two for who pays; without the rule it is two for everybody.
    assert table.limits_change(version(d31_90=2)) == [0, 2, 1]
    # Nobody is called less often than never.
    assert table.limits_change(version(PaymentRule(3, 7), d91=0)) == [0, 2, 2]


def test_a_count_that_would_take_too_long_is_an_estimate(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "COUNT_S", -1.0)
    monkeypatch.setattr(outlook, "FIRST_SPAN", 4)
    found = table.service.of(BUILT_IN, version(PaymentRule(6, 2)), actor=COMPLIANCE)
    assert not any(each.exact for each in found)
    # Four of six were looked at: one who paid three times and one six times, each told as 1.5.
    assert [(each.customers, each.limits_change) for each in found] == [(0, 0), (4, 4), (2, 0)]


def test_who_changes_hands_is_about_as_many_as_the_draw_moves() -> None:
    made = Strategy(1, BUILT_IN.rows, BUILT_IN.payment_rules)
    for code in CLASSES:
        people = range(1, 20_001)
        moved = sum(BUILT_IN.channel(n, code) != made.channel(n, code) for n in people)
        told = ClassOutlook(BUILT_IN.row(code), made.row(code), len(people), 0, exact=True)
        assert abs(told.change_hands - moved) <= len(people) * 0.02
    assert draw(1, 0) != draw(1, 1)  # a version draws anew
