"""Learnt lengths of a phase: any shape, by hazard."""

from __future__ import annotations

import json
import random
from math import exp

import numpy as np
import pytest

from agent_desk.dialer.predictive.durations import EDGES_S, Durations, lognormal_survival


def lasting(durations: Durations, *ages: float) -> list[float]:
    return [exp(-hazard) for hazard in durations.hazard(np.array(ages))]


def test_without_anything_seen_the_prior_speaks() -> None:
    talk = Durations(mean_s=90.0, cv=1.2)
    for age, left in zip((20.0, 60.0, 200.0), lasting(talk, 20.0, 60.0, 200.0), strict=True):
        assert left == pytest.approx(lognormal_survival(age, 90.0, 1.2), abs=0.03)


def test_an_exponential_is_found() -> None:
    dice, wrap = random.Random(1), Durations(mean_s=60.0, cv=1.0)
    for _ in range(3000):
        wrap.learn(dice.expovariate(1 / 20.0))
    assert lasting(wrap, 10.0, 20.0, 40.0) == pytest.approx([0.607, 0.368, 0.135], abs=0.05)


def test_two_kinds_of_talk_keep_their_two_shapes() -> None:
    dice, talk = random.Random(2), Durations(mean_s=90.0, cv=1.2)
    for _ in range(2000):
        talk.learn(dice.uniform(5.0, 10.0) if dice.random() < 0.5 else dice.uniform(200.0, 300.0))
    early, middle, late = lasting(talk, 4.0, 100.0, 310.0)
    assert early > 0.95
    assert middle == pytest.approx(0.5, abs=0.06)
    assert late < 0.06


def test_what_was_cut_short_counts_as_time_and_not_as_an_end() -> None:
    cut, ended = (Durations(mean_s=60.0, cv=1.0) for _ in range(2))
    for _ in range(300):
        cut.learn(30.0, ended=False)
        ended.learn(30.0)
    assert lasting(cut, 40.0)[0] > 0.75 > 0.25 > lasting(ended, 40.0)[0]


def test_what_is_new_outweighs_what_is_old() -> None:
    talk = Durations(mean_s=90.0, cv=1.2)
    for seconds in [30.0] * 1000 + [120.0] * 1000:
        talk.learn(seconds)
    assert lasting(talk, 60.0)[0] > 0.75


def test_the_chance_to_last_only_falls_with_age() -> None:
    dice, talk = random.Random(3), Durations(mean_s=90.0, cv=1.2)
    for _ in range(50):
        talk.learn(dice.uniform(0.0, 4000.0))
    hazards = talk.hazard(np.linspace(0.0, 2.0 * EDGES_S[-1], 500))
    assert hazards[0] == 0.0
    assert (np.diff(hazards) > 0.0).all()


@pytest.mark.parametrize("seconds", [-1.0, 1e6, float("nan")])
def test_nonsense_teaches_nothing(seconds: float) -> None:
    talk = Durations(mean_s=90.0, cv=1.2)
    talk.learn(seconds)
    assert talk.seen == 0


def test_very_many_lengths_do_not_overflow() -> None:
    wrap = Durations(mean_s=20.0, cv=1.0)
    for _ in range(15_000):
        wrap.learn(20.0)
    assert lasting(wrap, 19.0, 26.0) == pytest.approx([0.99, 0.01], abs=0.05)


def test_a_memory_is_json_and_comes_back() -> None:
    talk = Durations(mean_s=90.0, cv=1.2)
    for seconds in (10.0, 20.0, 300.0):
        talk.learn(seconds)
    again = Durations(mean_s=90.0, cv=1.2)
    again.restore(json.loads(json.dumps(talk.memory())))
    assert again.seen == 3
    assert lasting(again, 15.0, 100.0) == pytest.approx(lasting(talk, 15.0, 100.0), abs=1e-6)


@pytest.mark.parametrize("exits", [[], [1.0], [-1.0] * len(EDGES_S), [float("nan")] * len(EDGES_S)])
def test_a_damaged_memory_is_refused_and_changes_nothing(exits: list[float]) -> None:
    talk = Durations(mean_s=90.0, cv=1.2)
    before = lasting(talk, 50.0)
    with pytest.raises(ValueError, match="counts"):
        talk.restore({**talk.memory(), "exits": exits})
    assert lasting(talk, 50.0) == before
