"""Days that follow the calendar, and questions that have none."""

from __future__ import annotations

from datetime import date

import pytest

from agent_desk.services.reports import periods

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("today", "2026-11-24", "2026-11-24"),
        ("yesterday", "2026-11-23", "2026-11-23"),
        ("this_week", "2026-11-23", "2026-11-24"),
        ("last_week", "2026-11-16", "2026-11-22"),
        ("this_month", "2026-11-01", "2026-11-24"),
        ("last_month", "2026-10-01", "2026-10-31"),
    ],
)
def test_the_days_of_a_question_follow_the_calendar(period: str, first: str, last: str) -> None:
    asked = {"from": "2025-01-01", "to": "2025-01-02", "campaign": "7"}
    told = periods.applied(asked, period, TUESDAY)
    assert told == {"from": first, "to": last, "campaign": "7"}


def test_fixed_days_stay_and_a_year_and_a_week_may_turn() -> None:
    asked = {"from": "2025-01-01", "to": "2025-01-02"}
    assert periods.applied(asked, "fixed", TUESDAY) == asked
    assert periods.days("last_month", date(2026, 1, 1)) == (date(2025, 12, 1), date(2025, 12, 31))
    assert periods.days("last_week", date(2026, 1, 5)) == (date(2025, 12, 29), date(2026, 1, 4))
    assert periods.days("this_week", date(2026, 1, 5)) == (date(2026, 1, 5), date(2026, 1, 5))


def test_a_question_follows_only_days_it_has() -> None:
    assert periods.offered({"from": "", "to": ""}) == periods.PERIODS
    assert periods.offered({"day": ""}) == ("fixed", "today", "yesterday")
    assert periods.offered({"plan": "3"}) == ("fixed",)
    assert periods.applied({"day": "2025-01-01"}, "yesterday", TUESDAY) == {"day": "2026-11-23"}
