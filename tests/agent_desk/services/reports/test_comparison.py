"""Before and after: points and percent, days of different numbers, and too few cases."""

from __future__ import annotations

import pytest

from agent_desk.services.reports.comparison import Compared, Figure


def compared(before: Figure, after: Figure, *, adds_up: bool = False, days: int = 30) -> Compared:
    return Compared("x", "yen", before, after, adds_up, 30, days)


def test_a12_from_38_2_to_44_6_percent_are_6_4_points_and_16_8_percent() -> None:
    found = compared(Figure(0.382, 1_000), Figure(0.446, 1_000))
    assert found.absolute == pytest.approx(0.064)
    assert f"{100 * (found.relative or 0):+.1f}" == "+16.8"
    assert not found.few


def test_a12_45_to_32_days_are_28_9_percent_fewer() -> None:
    found = compared(Figure(45.0, 100), Figure(32.0, 100))
    assert f"{100 * (found.relative or 0):+.1f}" == "-28.9"


def test_a12_amounts_of_periods_of_different_lengths_are_compared_by_the_day() -> None:
    found = compared(Figure(3_000.0), Figure(2_800.0), adds_up=True, days=28)
    assert found.by_day
    assert (found.absolute, found.relative) == (0.0, 0.0)
    rate = compared(Figure(0.5, 100), Figure(0.6, 100), days=28)
    assert not rate.by_day and rate.absolute == pytest.approx(0.1)


def test_a12_nothing_before_has_no_percentage() -> None:
    for before in (0.0, -5.0):
        found = compared(Figure(before), Figure(3.0))
        assert (found.absolute, found.relative) == (3.0 - before, None)
    for before, after in ((None, 1.0), (1.0, None)):
        found = compared(Figure(before), Figure(after))
        assert found.absolute is found.relative is None


@pytest.mark.parametrize(("before", "after", "few"), [(29, 500, True), (30, 30, False)])
def test_a12_few_cases_are_told(before: int, after: int, few: bool) -> None:
    assert compared(Figure(0.1, before), Figure(0.2, after)).few is few
