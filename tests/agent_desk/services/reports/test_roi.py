"""Returns by the printed formulas, on the figures of the brief they were asked for with."""

from __future__ import annotations

import pytest

from agent_desk.services.reports.roi import (
    Item,
    forecast,
    investment,
    monthly_benefit,
    over_a_year,
    payback_months,
)

MILLION = 1_000_000
INITIAL = (
    Item("investment", "導入", 2 * MILLION),
    Item("investment", "研修", MILLION // 2),
    Item("investment", "連携", MILLION),
)
BENEFITS = (
    Item("benefit", "人件費", 30 * MILLION, step_yen=5 * MILLION),
    Item("benefit", "運営費", 8 * MILLION),
    Item("benefit", "増収", 15 * MILLION),
)
UPKEEP = Item("running", "保守", MILLION, from_year=2)
ITEMS = (*INITIAL, *BENEFITS, UPKEEP)


def test_a53_the_items_of_the_investment_come_to_three_and_a_half_million() -> None:
    assert investment(ITEMS) == 3_500_000


def test_a54_the_items_of_a_years_benefit_come_to_53_million() -> None:
    assert forecast(ITEMS)[0].benefit_yen == 53 * MILLION
    assert monthly_benefit(ITEMS) * 12 == 53 * MILLION


def test_a54_a_measured_benefit_is_a_days_difference_times_365() -> None:
    # 3,000,000 in 30 days is 100,000 a day; 2,790,000 in 31 days is 90,000.
    assert over_a_year(2_790_000, 31, 3_000_000, 30) == 3_650_000
    assert over_a_year(3_000_000, 30, 2_790_000, 31) == -3_650_000


def test_a52_payback_is_cost_by_monthly_benefit() -> None:
    assert payback_months(ITEMS) == pytest.approx(0.792, abs=0.001)
    assert payback_months(INITIAL) is None
    losing = (*INITIAL, Item("benefit", "a", 100), Item("running", "b", 200))
    assert payback_months(losing) is None


def test_a55_five_years_by_the_printed_formula() -> None:
    years = forecast(ITEMS)
    assert [round(100 * (year.roi or 0)) for year in years] == [1414, 2367, 3064, 3623, 4100]
    assert (years[-1].cost_sum, years[-1].benefit_sum) == (7_500_000, 315 * MILLION)


def test_a_return_on_nothing_is_no_number() -> None:
    assert [year.roi for year in forecast(BENEFITS)] == [None] * 5
