"""Following a share that moves."""

from __future__ import annotations

import json
import random

import pytest

from agent_desk.dialer.predictive.share import Share


def drawn(share: Share, chance: float, draws: int, *, hour: int = 10, seed: int = 1) -> Share:
    dice = random.Random(seed)
    for _ in range(draws):
        share.learn(dice.random() < chance, hour)
    return share


def test_a_steady_share_is_found() -> None:
    assert drawn(Share(0.5), 0.2, 3000).value == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(("before", "after"), [(0.35, 0.10), (0.10, 0.25), (0.15, 0.35)])
def test_a_jump_is_followed_within_a_few_hundred_draws(before: float, after: float) -> None:
    share = drawn(drawn(Share(0.25), before, 2000), after, 250, seed=2)
    assert abs(share.value - after) < abs(share.value - before) / 2


def test_an_hour_is_remembered_from_earlier_days() -> None:
    share = Share(0.25)
    for day in range(6):
        drawn(share, 0.1, 700, hour=9, seed=day)
        drawn(share, 0.4, 700, hour=18, seed=day)
    drawn(share, 0.1, 700, hour=9, seed=7)
    drawn(share, 0.4, 60, hour=18, seed=8)
    assert share.value == pytest.approx(0.4, abs=0.08)


def test_caution_shrinks_with_what_was_seen() -> None:
    share = Share(0.2)
    unsure = share.cautious - share.value
    drawn(share, 0.2, 3000)
    assert 0.0 < share.cautious - share.value < unsure / 2


def test_it_stays_a_share_whatever_comes() -> None:
    assert 0.0 < drawn(Share(0.25), 0.0, 5000).value < 0.02
    always = drawn(Share(0.25), 1.0, 5000)
    assert 0.98 < always.value <= always.cautious < 1.0


def test_a_memory_is_json_and_goes_on_the_same() -> None:
    share = drawn(Share(0.25), 0.3, 200)
    again = Share(0.25)
    again.restore(json.loads(json.dumps(share.memory())))
    assert again.cautious == share.cautious
    assert drawn(again, 0.1, 50, seed=5).value == pytest.approx(
        drawn(share, 0.1, 50, seed=5).value, abs=1e-9
    )


@pytest.mark.parametrize(
    "damage",
    [{"value": 1.5}, {"value": "x"}, {"draws": [0, 0, 0, 0]}, {"yes": [1]}, {"sure": -1}],
)
def test_a_damaged_memory_is_refused(damage: dict[str, object]) -> None:
    share = Share(0.25)
    with pytest.raises((ValueError, TypeError)):
        share.restore({**share.memory(), **damage})
    assert share.value == 0.25
