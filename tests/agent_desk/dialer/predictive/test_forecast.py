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


PHASES = ("talking", "wrapping", "ringing", "screening")


def rows(ages: list[int], *phases: str) -> list[list[float]]:
    """What `draws` gives for a floor with these ages in each of the phases."""
    floor = Ages()
    for phase in phases:
        getattr(floor, phase).extend(ages)
    found, _ = made().draws(floor, 0)
    return [[float(each) for each in row] for row in found]


def test_an_age_below_nought_is_as_good_as_nought() -> None:
    for phase in PHASES:
        assert rows([-1, -500], phase) == rows([0, 0], phase)


def test_an_age_beyond_the_table_is_the_oldest_in_it() -> None:
    for phase in ("talking", "wrapping"):
        assert rows([10**6], phase) == rows([SEAT_AGES - 1], phase)


def test_phases_are_told_apart() -> None:
    each = [rows([1], phase)[0] for phase in PHASES]
    assert rows([1], *PHASES) == each
    assert len({tuple(row) for row in each}) == len(PHASES)


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
