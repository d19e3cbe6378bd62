"""Lines spelt out many at once are those that are worked out one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from agent_desk.services.reports.analysis_report import Lines
from agent_desk.services.reports.call_filters import namer
from agent_desk.services.reports.call_metrics import CALL_METRICS, CallMetric
from agent_desk.services.reports.call_questions import CallQuestion
from agent_desk.services.reports.making import Cell
from agent_desk.store.facts import pivot
from agent_desk.store.facts.pivot import Group, Groups

BY = ("outcome", "hour")
METRICS = tuple(CALL_METRICS.values())
QUESTION = CallQuestion(date(2026, 11, 1), date(2026, 11, 30), None, BY, METRICS, {})
NUMBER = 400


@pytest.fixture
def groups() -> Groups:
    """Each with sums by lot; a share never has more cases than there are."""
    wish = random.Random(5)
    sums: dict[str, list[int]] = {}
    for metric in METRICS:
        whole = metric.denominator
        if whole is not None:
            sums.setdefault(whole, [wish.choice((0, 1, 7, 5000)) for _ in range(NUMBER)])
    for metric in METRICS:
        most = sums.get(metric.denominator or "", [100] * NUMBER)
        sums.setdefault(metric.numerator, [wish.randrange(each + 1) for each in most])
    for metric in METRICS:
        if metric.is_share:
            told, whole = sums[metric.numerator], sums[metric.denominator or ""]
            sums[metric.numerator] = [min(both) for both in zip(told, whole, strict=True)]
    words = [wish.choice(("human", "busy", "", "other")) for _ in range(NUMBER)]
    hours = [wish.randrange(24) for _ in range(NUMBER)]
    return Groups(
        [np.arange(NUMBER), np.array(hours)],
        [np.array(words, object), np.array([str(hour) for hour in hours], object)],
        {name: np.array(each, np.int64) for name, each in sums.items()},
        NUMBER,
    )


def one_by_one(group: Group) -> list[Cell]:
    cells: list[Cell] = [
        namer(axis, "ja")(word) for axis, word in zip(BY, group.names, strict=True)
    ]
    for metric in METRICS:
        cells.append(metric.value(group.sums))
        if metric.is_share:
            cells += metric.interval(group.sums) or (None, None)
    return cells


def test_lines_are_the_figures_of_their_groups(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [one_by_one(group) for group in groups]
    lines = Lines(groups, QUESTION, "ja")
    monkeypatch.setattr("agent_desk.services.reports.analysis_report.AT_ONCE", 33)
    assert [list(line) for line in lines] == expected
    assert [list(line) for line in lines[10:60]] == expected[10:60]
    assert list(lines[7]) == expected[7] and list(lines[-1]) == expected[-1]
    assert len(lines) == len(expected) == NUMBER


def test_groups_are_the_same_one_by_one_and_together(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pivot, "AT_ONCE", 33)
    assert list(groups) == groups[:] == [groups[place] for place in range(NUMBER)]
    assert groups.totals() == {
        name: sum(group.sums[name] for group in groups) for name in groups.sums
    }
    with pytest.raises(IndexError):
        groups[NUMBER]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.code)
def test_the_highest_come_first_and_what_is_equal_stays_in_order(
    groups: Groups, metric: CallMetric
) -> None:
    def height(group: Group) -> tuple[bool, float]:
        value = metric.value(group.sums)
        return (value is not None, float(value) if isinstance(value, int | float) else 0.0)

    expected: Sequence[Group] = sorted(groups, key=height, reverse=True)
    assert list(groups.highest_first(metric.numerator, metric.denominator)) == expected
