"""Tables of chances: each phase's ages are looked up in its own rows, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from agent_desk.dialer.predictive.forecast import HORIZONS, SEAT_AGES, Forecast
from agent_desk.dialer.predictive.watch import Ages, Watch

NOW = datetime(2026, 4, 6, 1, 0, tzinfo=UTC)


def made() -> Forecast:
    """Before anything was seen."""
    forecast = Forecast(Watch())
    forecast.refresh(NOW, 2.0)
    return forecast


def rows(**ages: list[int]) -> list[list[float]]:
    """What `draws` gives for a floor of these ages."""
    found, _ = made().draws(Ages(**ages), 0)
    return [[float(each) for each in row] for row in found]


def test_an_age_below_nought_is_as_good_as_nought() -> None:
    for phase in ("talking", "wrapping", "ringing", "screening"):
        assert rows(**{phase: [-1, -500]}) == rows(**{phase: [0, 0]})


def test_an_age_beyond_the_table_is_the_oldest_in_it() -> None:
    for phase in ("talking", "wrapping"):
        assert rows(**{phase: [10**6]}) == rows(**{phase: [SEAT_AGES - 1]})


def test_phases_are_told_apart() -> None:
    each = [rows(**{phase: [1]})[0] for phase in ("talking", "wrapping", "ringing", "screening")]
    assert rows(talking=[1], wrapping=[1], ringing=[1], screening=[1]) == each
    assert len({tuple(row) for row in each}) == 4


def test_a_line_that_is_being_leased_is_as_good_as_a_new_one() -> None:
    forecast = made()
    leased, _ = forecast.draws(Ages(), 2)
    assert leased.shape == (2, HORIZONS)
    assert np.array_equal(leased, forecast.draws(Ages(ringing=[0, 0]), 0)[0])


def test_only_seats_are_expected_free() -> None:
    _, busy = made().draws(Ages(idle=2, wrapping=[3]), 0)
    _, with_lines = made().draws(Ages(idle=2, wrapping=[3], ringing=[5], screening=[1]), 1)
    assert 2.0 < busy < 3.0
    assert with_lines == busy
