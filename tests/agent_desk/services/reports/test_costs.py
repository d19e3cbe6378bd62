"""Costs to the yen: what a spreadsheet says of the same hours, calls and fees."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.services.reports.contracts import Contract, months_after
from agent_desk.services.reports.costs import (
    Achieved,
    Costs,
    LabourLine,
    Rates,
    holidays,
    labour,
    monthly,
    per_unit,
    rates_on,
    rounded,
    share_of_months,
)
from agent_desk.services.reports.staffing import Hours

DAY = date(2026, 11, 24)  # a Tuesday
HOUR = timedelta(hours=1)
SUNDAYS = 0b100_0000
RATES = Rates(1, date(2026, 11, 1), 1_500, 10, 25, 35, SUNDAYS, False, 60_000)
CONTRACT = Contract("OSORA", 1, date(2026, 1, 31), 12, 50_000, 22_000, 100)


def hours(time: timedelta, band: str = "day", *, holiday: bool = False, day: date = DAY) -> Hours:
    return Hours(day, band, holiday, time)


def test_a05_minutes_wage_charges_and_licence_come_to_the_yen_of_the_spreadsheet() -> None:
    # 100 min × 25 yen, 37 min in the evening × 25 × 1.10, 12,345.67 yen of calls, 60,000 × 1/30.
    worked = [hours(100 * timedelta(minutes=1)), hours(37 * timedelta(minutes=1), "evening")]
    lines, unpaid = labour(worked, [RATES])
    found = Costs(lines, calls_sen=1_234_567, monthly_yen=monthly([DAY], [RATES]))
    assert [line.yen for line in lines] == [2_500, 1_018]  # 1,017.5 goes up
    assert (found.calls_yen, found.monthly_yen, unpaid) == (12_345, 2_000, timedelta())
    assert found.total_yen == 2_500 + 1_018 + 12_345 + 2_000


def test_a05_each_unit_has_its_share_and_none_has_no_price() -> None:
    found = per_unit(Costs(fees_yen=100_000), Achieved(contacts=40, kept=8, collected_yen=250_000))
    assert found == {
        "contacts": 2_500.0,
        "verified": None,
        "promises": None,
        "kept": 12_500.0,
        "collected_yen": 0.4,
        "appointments": None,
    }
    had = Achieved(contacts=40, collected_yen=250_000, payments=7)
    assert (had.cases("contacts"), had.cases("collected_yen")) == (40, 7)


def test_a07_evening_night_and_holiday_hours_are_paid_with_their_premiums() -> None:
    worked = [
        hours(4 * HOUR, "evening"),
        hours(2 * HOUR, "night"),
        hours(HOUR, "day", holiday=True),
        hours(2 * HOUR, "night", holiday=True),
    ]
    lines, _ = labour(worked, [RATES])
    assert [(line.band, line.holiday, line.percent, line.yen) for line in lines] == [
        ("evening", False, 10, 6_600),
        ("night", False, 25, 3_750),
        ("day", True, 35, 2_025),
        ("night", True, 60, 4_800),
    ]
    assert Costs(lines).premium_yen == 600 + 750 + 525 + 1_800


def test_a07_a_holiday_is_a_weekday_of_rest_or_a_national_one_where_it_counts() -> None:
    sunday, national = date(2026, 11, 22), date(2026, 11, 23)
    days = [sunday, national, DAY]
    assert holidays([RATES], days, {national}) == {sunday}
    counting = Rates(2, date(2026, 11, 1), 1_500, 0, 25, 35, SUNDAYS, True, 0)
    assert holidays([RATES, counting], days, {national}) == {sunday, national}


def test_an_hour_is_paid_by_what_was_in_force_on_its_day() -> None:
    later = Rates(2, date(2026, 11, 24), 1_800, 0, 25, 35, SUNDAYS, False, 0)
    again = Rates(3, date(2026, 11, 24), 2_000, 0, 25, 35, SUNDAYS, False, 0)
    assert rates_on([later, RATES], date(2026, 11, 23)) == RATES
    assert rates_on([again, RATES, later], DAY) == again
    lines, unpaid = labour(
        [hours(HOUR, day=date(2026, 10, 31)), hours(HOUR, day=date(2026, 11, 23)), hours(HOUR)],
        [RATES, later],
    )
    assert [line.yen for line in lines] == [1_500, 1_800]
    assert unpaid == HOUR


def test_monthly_fees_are_shared_out_by_the_days_of_each_month() -> None:
    days = [date(2026, 2, 27) + timedelta(days=number) for number in range(3)]
    fees = {date(2026, 2, 1): 28_000, date(2026, 3, 1): 31_000}
    assert share_of_months(days, fees) == 2_000 + 1_000
    whole = [date(2026, 11, 1) + timedelta(days=number) for number in range(30)]
    assert share_of_months(whole, {date(2026, 11, 1): 10_001}) == 10_001


@given(st.integers(0, 10**12), st.integers(0, 5_000), st.integers(0, 200))
def test_a_line_is_within_half_a_yen_of_what_is_exact(
    microseconds: int, wage: int, percent: int
) -> None:
    line = LabourLine("day", False, wage, percent, timedelta(microseconds=microseconds))
    exact = Fraction(microseconds * wage * (100 + percent), 360_000_000_000)
    assert abs(line.yen - exact) <= Fraction(1, 2)
    assert 0 <= line.premium_yen <= line.yen


@pytest.mark.parametrize(("exact", "yen"), [("0.5", 1), ("1.49", 1), ("2.5", 3), ("7", 7)])
def test_half_a_yen_goes_up(exact: str, yen: int) -> None:
    assert rounded(Fraction(exact)) == yen


def test_b46_leaving_early_costs_the_months_that_are_left() -> None:
    assert CONTRACT.ends_on == date(2027, 1, 31)
    assert CONTRACT.whole_yen == 50_000 + 12 * 22_000
    assert CONTRACT.months_left(date(2026, 1, 31)) == 11
    assert CONTRACT.months_left(date(2026, 2, 27)) == 11
    assert CONTRACT.months_left(date(2026, 2, 28)) == 10  # the month of February 28 has begun
    assert CONTRACT.cost_of_leaving(date(2026, 5, 31)) == 7 * 22_000
    assert CONTRACT.cost_of_leaving(CONTRACT.ends_on) == 0


def test_b46_half_the_fees_left_and_no_term_at_all() -> None:
    half = Contract("a", 1, date(2026, 4, 1), 6, 0, 9_999, 50)
    assert half.cost_of_leaving(date(2026, 4, 1)) == 24_998  # 24,997.5 goes up
    free = Contract("b", 1, date(2026, 4, 1), 0, 30_000, 5_000, 100)
    assert (free.months_left(date(2026, 4, 1)), free.cost_of_leaving(date(2026, 4, 1))) == (0, 0)


def test_a_month_after_the_31st_is_the_last_of_a_short_month() -> None:
    assert months_after(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_after(date(2026, 12, 15), 1) == date(2027, 1, 15)
