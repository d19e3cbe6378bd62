"""What becomes of lines as they age."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from agent_desk.dialer.predictive.durations import lognormal_survival
from agent_desk.dialer.predictive.fates import Fates


def fates() -> Fates:
    return Fates(
        step_s=0.5,
        live_share=0.2,
        live=lambda age: lognormal_survival(age, 9.0, 0.5),
        other=lambda age: float(age < 25.0),
    )


def taught(lines: int = 4000) -> Fates:
    """Every fifth line is answered by a person after 5–10 s, the others ring out at 20 s."""
    dice, ring = random.Random(4), fates()
    for _ in range(lines):
        live = dice.random() < 0.2
        ring.learn(dice.uniform(5.0, 10.0) if live else 20.0, live=live, hour=3)
    return ring


def test_a_new_line_has_the_learnt_share() -> None:
    ring = taught()
    chance = ring.chances(np.array([0.0]), np.array([4.0, 30.0]))[0]
    assert chance[0] < 0.01
    assert chance[1] == pytest.approx(ring.share.cautious, abs=0.01)


def test_age_tells_what_a_line_is_worth() -> None:
    young, ripe, old = taught().chances(np.array([0.0, 7.5, 12.0]), np.array([5.0]))[:, 0]
    # Of the lines that ring for 7.5 s, half the answers are still to come.
    assert ripe == pytest.approx(0.1 / 0.9, abs=0.03)
    assert young < 0.02
    assert old < 0.01


def test_quantiles_are_when_people_come() -> None:
    middle = taught().quantiles(np.array([0.1, 0.5, 0.9]))
    assert middle == pytest.approx([5.5, 7.5, 9.5], abs=0.5)
    assert taught().mean_s() == pytest.approx(7.5, abs=0.3)


def test_what_outlasts_every_step_is_in_the_last_one() -> None:
    ring = fates()
    ring.learn(1e5, live=False, hour=0)
    ring.learn(-3.0, live=True, hour=0)
    assert np.isfinite(ring.chances(np.array([0.0, 79.9, 500.0]), np.array([1.0]))).all()


def test_a_memory_is_json_and_comes_back() -> None:
    ring, again = taught(), fates()
    again.restore(json.loads(json.dumps(ring.memory())))
    ages, ahead = np.array([0.0, 6.0, 15.0]), np.array([2.0, 8.0])
    assert again.chances(ages, ahead) == pytest.approx(ring.chances(ages, ahead), abs=1e-6)
    with pytest.raises(ValueError, match="counts"):
        again.restore({**ring.memory(), "live": [1.0]})
