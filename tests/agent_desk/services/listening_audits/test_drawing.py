"""Drawing: repeatable by the seed, exactly as many, and no call sooner than another."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent_desk.services.listening_audits.drawing import (
    draw,
    for_second,
    next_after,
    place_of,
    seed_of,
)

MONDAY = date(2026, 11, 16)
KEY = b"k" * 32
CALLS = [f"{n:032x}" for n in range(10)]
IDS = st.lists(st.text("0123456789abcdef", min_size=1, max_size=32), unique=True, max_size=30)


def test_a_seed_follows_from_the_week_and_the_key_alone() -> None:
    assert seed_of(KEY, MONDAY) == seed_of(KEY, MONDAY)
    others = {seed_of(KEY, MONDAY + timedelta(days=7)), seed_of(b"o" * 32, MONDAY)}
    assert seed_of(KEY, MONDAY) not in others
    assert len(seed_of(KEY, MONDAY)) == 64


@given(IDS, st.integers(1, 10), st.text("abcdef", min_size=1, max_size=8))
def test_whoever_draws_again_gets_the_same_and_exactly_as_many(
    calls: list[str], count: int, seed: str
) -> None:
    drawn = draw(seed, calls, count)
    assert drawn == draw(seed, list(reversed(calls)), count)
    assert len(drawn) == len(set(drawn)) == min(count, len(calls))
    assert set(drawn) <= set(calls)


@given(IDS.filter(bool), st.text("abcdef", min_size=1, max_size=8))
def test_replacements_follow_the_drawn_order_to_its_end(calls: list[str], seed: str) -> None:
    order = draw(seed, calls, len(calls))
    for before, following in zip(order, [*order[1:], None], strict=True):
        assert next_after(seed, calls, place_of(seed, before)) == following


def test_every_call_comes_first_equally_often() -> None:
    """Chi-square over 2,000 seeds: below 27.9, the 99.9 % point at nine degrees of freedom."""
    seeds = [seed_of(KEY, MONDAY + timedelta(days=7 * n)) for n in range(2000)]
    for count in (1, 3):
        drawn = Counter(call for seed in seeds for call in draw(seed, CALLS, count))
        expected = len(seeds) * count / len(CALLS)
        assert sum((drawn[call] - expected) ** 2 / expected for call in CALLS) < 27.9


def test_a_second_listener_hears_the_share_rounded_up_whatever_the_drawn_order() -> None:
    assert [len(for_second("seed", CALLS, percent)) for percent in (0, 1, 20, 25, 100)] == [
        *(0, 1, 2, 3, 10),
    ]
    assert for_second("seed", CALLS, 20) != frozenset(draw("seed", CALLS, 2))
