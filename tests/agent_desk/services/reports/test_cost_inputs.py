"""What people type for the reports on money: versions, who made them, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.contracts import Contract
from agent_desk.services.reports.cost_inputs import CostInputs
from agent_desk.services.reports.costs import Rates
from agent_desk.services.reports.roi import Item, Periods, Plan
from agent_desk.services.reports.roi_plans import RoiPlans
from tests.agent_desk.small_desk import SmallDesk

RATES = Rates(0, date(2026, 11, 1), 1_500, 10, 25, 35, 0b100_0000, True, 60_000)
CONTRACT = Contract("OSORA", 0, date(2026, 4, 1), 12, 50_000, 22_000, 100)
ITEMS = (
    Item("investment", "導入", 2_000_000),
    Item("benefit", "人件費", 30_000_000, step_yen=-1_000),
    Item("running", "保守", 1_000_000, from_year=2),
)
PERIODS = Periods(date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
def inputs(each_desk: SmallDesk) -> CostInputs:
    desk = each_desk.desk
    return CostInputs(database=desk.database, commits=desk.commits, clock=desk.clock)


@pytest.fixture
def plans(each_desk: SmallDesk) -> RoiPlans:
    desk = each_desk.desk
    return RoiPlans(database=desk.database, commits=desk.commits, clock=desk.clock)


def refusal(asked: Any) -> tuple[str, object]:
    with pytest.raises(ServiceError) as refused:
        asked()
    return refused.value.error_id, refused.value.details.get("field")


def noted(desk: SmallDesk, action: str) -> list[tuple[str, str, dict[str, Any]]]:
    with desk.desk.database.read() as session:
        mine = select(AuditRow.actor, AuditRow.subject, AuditRow.details)
        rows = session.execute(mine.where(AuditRow.action == action).order_by(AuditRow.id))
        return [tuple(row) for row in rows]


def test_rates_are_kept_by_versions_with_who_and_when(
    each_desk: SmallDesk, inputs: CostInputs
) -> None:
    assert inputs.rates() == []
    first = inputs.save_rates(RATES, actor="manager1")
    now = each_desk.clock.now()
    assert first == replace(RATES, version=1, made_by="manager1", made_at=now)
    changed = replace(first, wage_yen=1_600, national=False)
    second = inputs.save_rates(changed, actor="admin1")
    assert inputs.rates() == [first, second]
    assert (second.version, second.wage_yen, second.national) == (2, 1_600, False)
    assert noted(each_desk, "costs.rates_changed") == [
        ("manager1", "cost_rates:1", {"from": "2026-11-01"}),
        ("admin1", "cost_rates:2", {"from": "2026-11-01"}),
    ]


def test_who_read_an_older_version_is_told_and_changes_nothing(inputs: CostInputs) -> None:
    first = inputs.save_rates(RATES, actor="manager1")
    assert refusal(lambda: inputs.save_rates(RATES, actor="admin1"))[0] == "money-changed"
    assert inputs.rates() == [first]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("wage_yen", -1),
        ("wage_yen", 100_001),
        ("night_percent", 201),
        ("holiday_weekdays", 128),
        ("monthly_yen", 100_000_001),
    ],
)
def test_rates_out_of_their_range_are_refused(inputs: CostInputs, field: str, value: int) -> None:
    wrong = replace(RATES, **{field: value})
    assert refusal(lambda: inputs.save_rates(wrong, actor="a")) == ("money-number", field)


def test_b46_a_contract_is_kept_changed_and_ended(each_desk: SmallDesk, inputs: CostInputs) -> None:
    inputs.save_contract(CONTRACT, actor="manager1")
    [first] = inputs.contracts()
    assert first == replace(CONTRACT, version=1, made_by="manager1", made_at=each_desk.clock.now())
    assert refusal(lambda: inputs.save_contract(CONTRACT, actor="a"))[0] == "money-changed"
    inputs.save_contract(replace(first, early_percent=50), actor="manager1")
    [second] = inputs.contracts()
    assert (second.version, second.early_percent) == (2, 50)
    inputs.save_contract(second, retired=True, actor="manager1")
    assert inputs.contracts() == []
    details = [row[2] for row in noted(each_desk, "costs.contract_changed")]
    assert [(each["version"], each["retired"]) for each in details] == [
        (1, False),
        (2, False),
        (3, True),
    ]


def test_b46_a_contract_without_a_name_or_with_too_long_a_term_is_refused(
    inputs: CostInputs,
) -> None:
    nameless = replace(CONTRACT, name="  ")
    assert refusal(lambda: inputs.save_contract(nameless, actor="a")) == ("money-name", "name")
    endless = replace(CONTRACT, term_months=121)
    assert refusal(lambda: inputs.save_contract(endless, actor="a")) == (
        "money-number",
        "term_months",
    )


def test_a53_a_plan_keeps_its_items_by_versions(each_desk: SmallDesk, plans: RoiPlans) -> None:
    plan_id = plans.create(" 導入計画 ", ITEMS, None, actor="manager1")
    [plan] = plans.all()
    now = each_desk.clock.now()
    assert plan == Plan(plan_id, "導入計画", 1, ITEMS, None, "manager1", now)
    measured = (*ITEMS, Item("benefit", "回収増", 0, source="collected_gained"))
    plans.save(plan, measured, PERIODS, actor="admin1")
    changed = plans.one(plan_id)
    assert (changed.version, changed.items, changed.periods) == (2, measured, PERIODS)
    assert changed.measured and not plan.measured
    assert [each.version for each in plans.history(plan_id)] == [2, 1]
    assert refusal(lambda: plans.save(plan, ITEMS, None, actor="a"))[0] == "money-changed"
    plans.save(changed, measured, PERIODS, retired=True, actor="admin1")
    assert plans.all() == []
    assert refusal(lambda: plans.one(plan_id))[0] == "plan-unknown"
    assert [row[:2] for row in noted(each_desk, "roi.plan_changed")] == [
        ("manager1", f"roi_plan:{plan_id}"),
        ("admin1", f"roi_plan:{plan_id}"),
        ("admin1", f"roi_plan:{plan_id}"),
    ]


def test_a_plan_of_a_name_that_is_taken_or_with_items_that_cannot_be_is_refused(
    plans: RoiPlans,
) -> None:
    plans.create("導入計画", ITEMS, None, actor="a")
    fed = Item("benefit", "x", 0, source="labour_saved")
    backwards = replace(PERIODS, after_to=date(2026, 9, 30))
    cases: list[tuple[tuple[str, object], tuple[Item, ...], Periods | None, str]] = [
        (("plan-exists", "name"), ITEMS, None, "導入計画"),
        (("money-name", "name"), ITEMS, None, ""),
        (("money-name", "name-0"), (Item("benefit", "", 1),), None, "b"),
        (("money-number", "yen-0"), (Item("benefit", "x", -1),), None, "b"),
        (("money-number", "from_year-0"), (Item("benefit", "x", 1, 6),), None, "b"),
        (("plan-items", "source-0"), (Item("gift", "x", 1),), None, "b"),
        (("plan-items", "source-0"), (replace(fed, kind="running"),), PERIODS, "b"),
        (("plan-items", None), ITEMS * 11, None, "b"),
        (("plan-periods", "before_from"), (fed,), None, "b"),
        (("plan-periods", "after_from"), (fed,), backwards, "b"),
    ]
    for wanted, items, periods, name in cases:

        def create(name: str = name, items: Any = items, periods: Any = periods) -> None:
            plans.create(name, items, periods, actor="a")

        assert refusal(create) == wanted
    assert len(plans.all()) == 1
