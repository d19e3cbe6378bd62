"""A measure over time: where its days lie, and what weeks and months add up."""

from __future__ import annotations

from datetime import date

import pytest

from agent_desk.services.reports.call_metrics import CALL_METRICS
from agent_desk.services.reports.call_questions import CallQuestion
from agent_desk.services.reports.trend_picture import HEIGHT, MOST_DOTS, draw
from agent_desk.services.reports.trend_report import Step, _steps, _value

RATE = CALL_METRICS["m_answer_rate"]


def question(first: str, last: str) -> CallQuestion:
    return CallQuestion(date.fromisoformat(first), date.fromisoformat(last), None, (), (RATE,), {})


def days(first: str, last: str, step: str) -> list[tuple[str, str]]:
    found = _steps(question(first, last), step)
    return [(each.first.isoformat(), each.last.isoformat()) for each in found]


def test_weeks_begin_on_monday_and_are_cut_by_the_period() -> None:
    assert days("2026-11-21", "2026-11-24", "week") == [
        ("2026-11-21", "2026-11-22"),
        ("2026-11-23", "2026-11-24"),
    ]
    assert days("2026-12-31", "2027-02-03", "month") == [
        ("2026-12-31", "2026-12-31"),
        ("2027-01-01", "2027-01-31"),
        ("2027-02-01", "2027-02-03"),
    ]
    assert len(days("2026-11-01", "2026-11-30", "day")) == 30


def test_a_week_is_a_share_of_its_calls_and_no_mean_of_its_days() -> None:
    sums = {
        date(2026, 11, 23): {"answered": 1, "attempts": 1},
        date(2026, 11, 24): {"answered": 0, "attempts": 9},
    }
    week = Step(date(2026, 11, 23), date(2026, 11, 29))
    assert _value(RATE, sums, week) == (pytest.approx(0.1), 10)
    nothing = Step(date(2026, 11, 25), date(2026, 11, 25))
    assert _value(RATE, sums, nothing) == (None, 0)


def test_the_line_breaks_where_there_is_no_figure() -> None:
    picture = draw([0.2, None, 0.4, 0.1], [0.3, 0.3, None, None], whole=False)
    assert picture.now.count("M") == 2 and picture.now.count("L") == 1
    assert [place for place, _, _ in picture.dots] == [0, 2, 3]
    assert picture.before.count("M") == 1


@pytest.mark.parametrize(
    ("most", "whole", "top"),
    [
        (0.0, False, 1.0),
        (0.0, True, 4.0),
        (3.0, True, 4.0),
        (0.31, False, 0.4),
        (999.0, True, 1000.0),
    ],
)
def test_the_scale_is_round_and_has_room_for_the_highest(
    most: float, whole: bool, top: float
) -> None:
    picture = draw([most], [0.0], whole=whole)
    assert picture.lines[-1] == (pytest.approx(top), 0.0)
    assert picture.lines[0] == (0.0, HEIGHT)
    assert all(0.0 <= y <= HEIGHT for _, _, y in picture.dots)


def test_a_year_has_no_dots_and_few_days_named() -> None:
    picture = draw([1.0] * 365, [1.0] * 365, whole=True)
    assert picture.dots == [] and len(picture.ticks) <= 8
    assert len(draw([1.0] * MOST_DOTS, [], whole=True).dots) == MOST_DOTS
