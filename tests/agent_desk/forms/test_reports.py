"""The period of a report: days that are days, in order, within a year."""

from __future__ import annotations

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from agent_desk.forms.reports import ReportForm


def form(**given: str) -> ReportForm:
    made = ReportForm(
        MultiDict({"from": "2026-11-01", "to": "2026-11-30", "campaign": "", **given})
    )
    made.offer_campaigns([(7, "spring")])
    return made


def test_a_period_and_a_campaign_are_read() -> None:
    one = form(campaign="7")
    assert one.validate()
    assert one.days == (date(2026, 11, 1), date(2026, 11, 30))
    assert one.campaign_id == 7
    every = form()
    assert every.validate()
    assert every.campaign_id is None


@pytest.mark.parametrize(
    ("given", "field", "error"),
    [
        ({"from": ""}, "date_from", "error.date-needed"),
        ({"to": ""}, "date_to", "error.date-needed"),
        ({"to": "2026-10-31"}, "date_to", "error.dates-reversed"),
        ({"from": "2025-11-01", "to": "2026-11-30"}, "date_to", "error.period-too-long"),
    ],
)
def test_a_period_that_is_none_says_why(given: dict[str, str], field: str, error: str) -> None:
    made = form(**given)
    assert not made.validate()
    assert list(getattr(made, field).errors)[0] == error


@pytest.mark.parametrize("given", [{"from": "yesterday"}, {"campaign": "8"}, {"campaign": "x"}])
def test_what_is_neither_a_day_nor_a_campaign_in_scope_is_refused(given: dict[str, str]) -> None:
    assert not form(**given).validate()


def test_a_year_and_a_day_is_the_longest() -> None:
    assert form(**{"from": "2025-11-30", "to": "2026-11-30"}).validate()
