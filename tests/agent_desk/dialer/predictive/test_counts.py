"""The exact distribution of small counts, against every combination counted by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer.predictive.counts import ExactBalance, NormalBalance, balance
from agent_desk.dialer.predictive.durations import Floats

chance = st.floats(0.0, 1.0)


def column(*chances: float) -> Floats:
    return np.array([[each] for each in chances]).reshape(len(chances), 1)


def exact(spare: int, free: Floats, live: Floats) -> ExactBalance:
    return ExactBalance(spare=spare, draws=np.concatenate((free, 1.0 - live)), lines=len(live))


def normal(spare: int, free: Floats, live: Floats) -> NormalBalance:
    return NormalBalance(spare=spare, draws=np.concatenate((free, 1.0 - live)), lines=len(live))


def by_hand(spare: int, free: tuple[float, ...], live: tuple[float, ...]) -> float:
    """The chance of spare + free seats − answers <= 0, over all combinations."""
    found = 0.0
    for draws in product((0, 1), repeat=len(free) + len(live)):
        weight = 1.0
        for drawn, each in zip(draws, free + live, strict=True):
            weight *= each if drawn else 1.0 - each
        left = spare + sum(draws[: len(free)]) - sum(draws[len(free) :])
        found += weight * (left <= 0)
    return found


def by_steps(spare: int, free: Floats, live: Floats) -> float:
    """The same by adding one draw after the other."""
    low = -len(live)
    chances = np.zeros(len(free) + len(live) + 1)
    chances[-low] = 1.0
    for each in free:
        chances = chances * (1.0 - each) + np.append(0.0, chances[:-1]) * each
    for each in live:
        chances = chances * (1.0 - each) + np.append(chances[1:], 0.0) * each
    return float(sum(share for at, share in enumerate(chances) if spare + at + low <= 0))


@given(
    spare=st.integers(-3, 4),
    free=st.lists(chance, max_size=4).map(tuple),
    live=st.lists(chance, max_size=4).map(tuple),
)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_a_few_draws_are_summed_exactly(
    spare: int, free: tuple[float, ...], live: tuple[float, ...]
) -> None:
    odds = exact(spare, column(*free), column(*live))
    assert odds.short()[0] == pytest.approx(by_hand(spare, free, live), abs=1e-9)


@given(spare=st.integers(0, 12), seed=st.integers(0, 10_000), seats=st.integers(0, 55))
@settings(max_examples=40, derandomize=True, deadline=None)
def test_many_draws_in_a_window_are_as_exact(spare: int, seed: int, seats: int) -> None:
    rng = np.random.default_rng(seed)
    free, live = rng.random(seats) * 0.4, rng.random(40) * 0.4
    odds = exact(spare, free[:, None], live[:, None])
    assert odds.short()[0] == pytest.approx(by_steps(spare, free, live), abs=1e-7)


def test_another_line_is_another_draw() -> None:
    whole = exact(1, column(0.3, 0.1), column(0.2, 0.4, 0.4))
    grown = exact(1, column(0.3, 0.1), column(0.2))
    for _ in range(2):
        grown.add_line(np.array([0.4]))
    assert grown.short() == pytest.approx(whole.short())


@pytest.mark.parametrize(("spare", "lines"), [(3, 6), (12, 40), (40, 150)])
def test_lines_started_at_once_for_many_idle_seats_are_summed_exactly(
    spare: int, lines: int
) -> None:
    none = np.zeros((0, 1))
    grown = exact(spare, none, none)
    for _ in range(lines):
        grown.add_line(np.array([0.2]))
    whole = by_steps(spare, none[:, 0], np.full(lines, 0.2))
    assert grown.risk() == pytest.approx(whole, abs=1e-4)


def test_the_risk_is_the_mean_over_the_horizons() -> None:
    free, live = np.array([[0.2, 0.5]] * 4), np.array([[0.1, 0.3]] * 6)
    for odds in (exact(1, free, live), normal(1, free, live)):
        assert odds.risk() == pytest.approx(odds.short().mean())


def test_each_horizon_is_a_count_of_its_own() -> None:
    free = np.array([[0.0, 0.9]] * 30)
    live = np.array([[0.1, 0.3]] * 30)
    odds = exact(2, free, live)
    for at in (0, 1):
        alone = exact(2, free[:, [at]], live[:, [at]])
        assert odds.short()[at] == pytest.approx(alone.short()[0])
    assert odds.short()[0] > 0.5 > odds.short()[1]


def test_with_nobody_to_serve_a_free_seat_is_certain() -> None:
    none = np.zeros((0, 3))
    assert exact(1, none, none).short().tolist() == [0.0, 0.0, 0.0]
    assert exact(0, none, none).short() == pytest.approx(1.0)
    assert exact(-2, none, none).short() == pytest.approx(1.0)
    assert normal(5, none, none).short().max() < 1e-6


def test_beyond_sixty_seats_the_normal_is_close_to_exact() -> None:
    rng = np.random.default_rng(3)
    free, live = rng.random((70, 1)) * 0.3, rng.random((50, 1)) * 0.4
    for spare in range(-2, 8):
        near = normal(spare, free, live).short()[0]
        assert near == pytest.approx(by_steps(spare, free[:, 0], live[:, 0]), abs=0.004)


def test_the_size_of_the_campaign_chooses() -> None:
    none = np.zeros((0, 1))
    assert isinstance(balance(seats=60, spare=0, draws=none, lines=0), ExactBalance)
    assert isinstance(balance(seats=61, spare=0, draws=none, lines=0), NormalBalance)
