"""A small known day measured and priced, to the yen, on each kind of database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from agent_desk.dialer.business_time import at as jst
from agent_desk.models.campaigns import Campaign
from agent_desk.models.costs import CostRates
from agent_desk.models.users import AccessSetting
from agent_desk.services.reports.costs import Achieved, per_unit
from agent_desk.services.reports.money import (
    Measured,
    Question,
    costs_of,
    measure,
    rates_in_force,
)
from agent_desk.store.campaigns import tariffs
from agent_desk.store.reports.achievements import Scope
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.services.reports.money_day import DAY, a_day, priced
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON, at
from tests.agent_desk.store.reports.debt_rows import customers, owe, pay


@pytest.fixture
def story(database: Database) -> Story:
    """A centre whose calls and hours have prices."""
    return priced(database)


def asked(day: date = DAY, last: date | None = None, **scope: object) -> Question:
    return Question(day, last or day, Scope(**scope), at(30 * 86_400))  # type: ignore[arg-type]


def measured(story: Story, question: Question) -> Measured:
    with story.database.read() as session:
        return measure(session, question)


def silent(done: float) -> None:
    assert 0 <= done <= 1


def test_a05_a_day_costs_what_the_spreadsheet_says(story: Story) -> None:
    a_day(story)
    with story.database.read() as session:
        found = costs_of(session, measure(session, asked()), silent)
    # 6 h day, 1 + 1 h evening at +10 %, 1 h night at +25 %; two calls to mobiles at 16 yen a
    # minute; of November's 30 days one: 10,000 + 1 × 1,000 of OSORA, 60,000 of everything else.
    assert [(line.band, line.time / timedelta(hours=1), line.yen) for line in found.labour] == [
        ("day", 6.0, 9_000),
        ("evening", 2.0, 3_300),
        ("night", 1.0, 1_875),
    ]
    assert (found.calls_yen, found.fees_yen, found.monthly_yen) == (32, 367, 2_000)
    assert found.total_yen == 16_574
    assert (found.unpriced, found.unpaid) == (0, timedelta())


def test_a05_each_contact_and_each_yen_has_its_cost(story: Story) -> None:
    a_day(story)
    with story.database.write() as session:
        customer_id = customers(session, story.centre)[0]
        debt = owe(session, story.centre, customer_id, 10_000, since=NOON)
        pay(session, debt, 4_000, DAY, at=NOON)
    with story.database.read() as session:
        found = measure(session, asked())
        costs = costs_of(session, found, silent)
    assert found.achieved == Achieved(contacts=1, collected_yen=4_000, payments=1)
    units = per_unit(costs, found.achieved)
    assert units["contacts"] == 16_574.0
    assert units["collected_yen"] == 16_574 / 4_000
    assert units["promises"] is units["kept"] is units["appointments"] is None


def test_a07_a_national_holiday_is_paid_with_its_premium(story: Story) -> None:
    a_day(story, begun=-86_400)  # Labour Thanksgiving Day, a Monday
    with story.database.read() as session:
        found = costs_of(session, measure(session, asked(date(2026, 11, 23))), silent)
    assert [(line.holiday, line.percent, line.yen) for line in found.labour] == [
        (True, 35, 12_150),
        (True, 45, 4_350),
        (True, 60, 2_400),
    ]
    assert found.premium_yen == 3_150 + 1_350 + 900


def test_a02_a04_a06_a08_of_the_day(story: Story) -> None:
    a_day(story)
    with story.database.write() as session:
        ids = customers(session, story.centre)
        since = jst(DAY - timedelta(days=20), 600)
        debts = [owe(session, story.centre, each, 10_000, since=since) for each in ids]
        pay(session, debts[0], 10_000, DAY, at=NOON)
    found = measured(story, asked())
    assert (found.recovery.by_count, found.recovery.by_yen) == (0.25, 0.25)
    assert found.recovery.days_to_collect == 20.0
    assert found.first_attempts.contact_rate == 0.5
    [staff] = found.staff
    assert (staff.peak, staff.operators, staff.mean) == (1, 2, 1.0)
    assert (staff.dials, staff.dials_each, found.operator_days) == (2, 1.0, 2)


def test_a_campaigns_share_of_the_monthly_costs_is_its_share_of_the_time(story: Story) -> None:
    a_day(story)
    other = story.centre.campaign_id + 1
    with story.database.read() as session:
        own = costs_of(
            session, measure(session, asked(campaign_id=story.centre.campaign_id)), silent
        )
        none = costs_of(session, measure(session, asked(campaign_id=other)), silent)
        whole = costs_of(session, measure(session, asked()), silent)
    assert own == whole
    assert none.total_yen == 0


def test_calls_and_hours_nothing_was_typed_for_are_told(story: Story) -> None:
    with story.database.write() as session:
        session.execute(update(Campaign).values(tariff_id=None))
        session.execute(update(CostRates).values(from_on=DAY + timedelta(days=1)))
    a_day(story)
    with story.database.read() as session:
        found = costs_of(session, measure(session, asked()), silent)
        rates = rates_in_force(session, asked())
    assert (found.total_yen, found.unpriced) == (0, 2)
    assert found.unpaid == timedelta(hours=9)
    assert rates == []


def test_booths_that_are_paid_for_are_charged_whoever_sits_there(story: Story) -> None:
    a_day(story)
    with story.database.write() as session:
        house = {"name": "house", "value": {"booths": 7}, "changed_at": NOON, "changed_by": "a"}
        session.execute(insert(AccessSetting).values(**house))
        session.execute(update(tariffs.TariffVersion).values(billed_by="booth"))
    with story.database.read() as session:
        found = costs_of(session, measure(session, asked()), silent)
    assert found.fees_yen == 567  # (10,000 + 7 × 1,000) ÷ 30


def test_a_month_is_the_sum_of_its_days(story: Story) -> None:
    a_day(story)
    a_day(story, begun=86_400)
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    with story.database.read() as session:
        month = costs_of(session, measure(session, asked(first, last)), silent)
        days = [
            costs_of(session, measure(session, asked(first + timedelta(days=number))), silent)
            for number in range(30)
        ]
    assert month.labour_yen == sum(each.labour_yen for each in days) == 28_350
    assert month.calls_sen == sum(each.calls_sen for each in days)
    assert (month.fees_yen, month.monthly_yen) == (11_000, 60_000)


def test_rates_in_force_are_those_some_day_is_priced_by(story: Story) -> None:
    with story.database.write() as session:
        row = {"wage_yen": 1, "evening_percent": 0, "night_percent": 0, "holiday_percent": 0}
        row |= {"holiday_weekdays": 0, "national_holidays": False, "monthly_yen": 0}
        made = {"made_by": "a", "made_at": NOON}
        for version, day in ((2, 10), (3, 10), (4, 28)):
            values = {**row, **made, "version": version, "from_on": date(2026, 11, day)}
            session.execute(insert(CostRates).values(**values))
    with story.database.read() as session:
        found = rates_in_force(session, asked(date(2026, 11, 9), date(2026, 11, 27)))
        later = rates_in_force(session, asked())
    assert [each.version for each in found] == [1, 3]
    assert [each.version for each in later] == [3]
