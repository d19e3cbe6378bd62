"""What another line may cost as the budget is used up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer.floor import Answers
from agent_desk.dialer.predictive.price import price


def after(live: int, abandoned: int, target: float = 0.03, *, pending: int = 0) -> float:
    return price(Answers(live, abandoned, live, abandoned), target, pending=pending).value


def test_each_abandonment_lowers_it() -> None:
    values = [after(1000, abandoned) for abandoned in range(18, 30)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 3 * values[-1] > 0.0


def test_with_less_than_one_call_left_hardly_any_risk_is_taken() -> None:
    held_back = price(Answers(1000, 30, 1000, 30), 0.03)
    assert held_back.value < 0.005
    assert held_back.low
    assert after(20, 0) == held_back.value  # the first abandonment of a day cannot be afforded yet


def test_it_is_of_the_size_of_the_target() -> None:
    assert 0.4 < after(3000, 85) / 0.03 < 1.5
    assert 0.4 < after(9000, 85, 0.01) / 0.01 < 1.5


def test_an_unused_budget_makes_it_generous_within_bounds() -> None:
    assert after(100_000, 0) == pytest.approx(2.2 * 0.8 * 0.03)


def test_the_more_may_be_abandoned_the_more_is_kept_back() -> None:
    # Five calls are left each time: plenty of thirty, little of seven hundred.
    left = [after(live, round(0.03 * live) - 5) for live in (1000, 2200, 4700, 12_000, 24_000)]
    assert left == sorted(left, reverse=True)
    assert left[0] > 4 * left[-1]


def test_abandoned_calls_that_are_not_over_count_already() -> None:
    assert after(1000, 24, pending=3) < after(1000, 24)


def test_thirty_days_are_held_to_the_limit() -> None:
    bad_month = Answers(live_24h=1000, abandoned_24h=0, live_30d=20_000, abandoned_30d=600)
    assert price(bad_month, 0.03).low
    # A target below the limit is one of the day: a month at 2 % does not stop a day at 1 %.
    changed = Answers(live_24h=1000, abandoned_24h=0, live_30d=20_000, abandoned_30d=400)
    assert not price(changed, 0.01).low


def test_a_target_of_nothing_pays_for_nothing() -> None:
    assert after(1000, 0, 0.0) == 0.0


def test_a_target_above_the_limit_is_the_limit() -> None:
    assert after(1000, 25, 0.2) == after(1000, 25, 0.03)


@given(
    live=st.integers(0, 10**6),
    abandoned=st.integers(0, 10**5),
    target=st.floats(-1.0, 1.0),
    pending=st.integers(0, 100),
)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_whatever_was_counted_it_is_a_small_chance(
    live: int, abandoned: int, target: float, pending: int
) -> None:
    assert 0.0 <= after(live, abandoned, target, pending=pending) <= 0.0676
