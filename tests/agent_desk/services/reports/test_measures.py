"""Every measure that periods are compared by, from a period whose counts are known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from agent_desk.catalogue import LOCALES, catalogue
from agent_desk.services.reports.comparison import Compared
from agent_desk.services.reports.costs import Costs
from agent_desk.services.reports.measures import compared, costs_compared, source_of
from agent_desk.services.reports.money import Measured, Question
from agent_desk.services.reports.recovery import FirstAttempts, Recovery
from agent_desk.services.reports.satisfaction import Scores
from agent_desk.services.reports.staffing import DayStaff
from agent_desk.store.reports.achievements import Promised, Reached, Scope

NOW = datetime(2026, 12, 31, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = date(2026, 11, 2)
BEFORE = Measured(
    asked=Question(DAY, DAY, Scope(), NOW),
    recovery=Recovery(1_000, 50_000_000, 382, 7_640_000, 400, 4_500 * 4, 200, 50),
    first_attempts=FirstAttempts(100, 25),
    reached=Reached(attempts=500, answered=300, bridged=200, verified=90, talk=200 * 8 * HOUR / 60),
    promised=Promised(made=60, kept=30, broken=10),
    statuses={"contact": 150},
    staff=(DayStaff(DAY, 3, 4, 20 * HOUR, 8 * HOUR, dials=500),),
    stays=(),
    scores=Scores(Counter(answered=4), Counter({5: 3, 4: 1})),
)
AFTER = replace(
    BEFORE,
    recovery=replace(BEFORE.recovery, payers=446, days=32 * 400),
    reached=replace(BEFORE.reached, talk=200 * 5.5 * HOUR / 60),
)
VALUES = {
    "recovery_count": (0.382, 1_000),
    "recovery_yen": (0.1528, 1_000),
    "cure_rate": (0.25, 200),
    "days_to_collect": (45.0, 400),
    "first_contact_rate": (0.25, 100),
    "contact_rate": (0.3, 500),
    "kept_rate": (0.75, 40),
    "talk_avg": (480.0, 200),
    "dials_each": (125.0, 4),
    "csat_mean": (4.75, 4),
    "attempts": (500.0, None),
    "contacts": (150.0, None),
    "promises": (60.0, None),
    "collected_yen": (7_640_000.0, None),
    "logged_in": (20.0, None),
}


def by_code(found: list[Compared]) -> dict[str, Compared]:
    return {each.code: each for each in found}


def percent(each: Compared) -> str:
    assert each.relative is not None
    return f"{100 * each.relative:+.1f}"


def test_a12_every_measure_has_its_value_and_the_cases_it_rests_on() -> None:
    found = by_code(compared(BEFORE, BEFORE))
    assert {code: (each.before.value, each.before.n) for code, each in found.items()} == {
        code: (pytest.approx(value), n) for code, (value, n) in VALUES.items()
    }
    assert all(each.absolute == 0 for each in found.values())


def test_a12_recovery_days_and_talk_time_before_and_after() -> None:
    found = by_code(compared(BEFORE, AFTER))
    assert percent(found["recovery_count"]) == "+16.8"
    assert percent(found["days_to_collect"]) == "-28.9"
    assert percent(found["talk_avg"]) == "-31.2"
    assert not found["recovery_count"].few
    assert found["dials_each"].few


def test_a12_costs_are_compared_as_a_whole_and_by_what_they_brought() -> None:
    before, after = Costs(fees_yen=300_000), Costs(fees_yen=240_000)
    found = by_code(costs_compared((BEFORE, before), (AFTER, after)))
    assert list(found) == [
        *("labour_yen", "calls_yen", "total_yen"),
        *("per_contacts", "per_promises", "per_collected_yen"),
    ]
    assert found["total_yen"].absolute == -60_000
    assert found["per_contacts"].before.value == 2_000.0
    assert found["per_promises"].before.n == 60
    assert percent(found["per_contacts"]) == "-20.0"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_measure_has_its_name_and_its_formula(locale: str) -> None:
    costs = (BEFORE, Costs())
    for each in compared(BEFORE, AFTER) + costs_compared(costs, costs):
        assert f"money.measure.{each.code}" in catalogue(locale)
        assert f"money.formula.{each.code}" in catalogue(locale)
        assert f"money.unit.{each.unit}" in catalogue(locale)
        assert f"money.source.{source_of(each.code)}" in catalogue(locale)
