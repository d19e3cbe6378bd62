"""How many seats less how many answers: the exact distribution of a small count.

Seats that may become free and lines that may be answered are independent yes-or-no draws with
chances of their own. Of a few of them the normal distribution tells the tail badly, and the tail
is what an abandoned call is. So the sum's distribution is computed exactly, from its discrete
Fourier transform (the product of the draws' own), in a window around the mean that is far wider
than the sum can spread. Beyond `EXACT_SEATS` the normal approximation is as good and cheaper.

A `Balance` holds several horizons at once: one column each.
"""

from __future__ import annotations

from math import erf, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent_desk.dialer.predictive.durations import Floats

Complexes = NDArray[np.complex128]
Integers = NDArray[np.int64]
EXACT_SEATS = 60
NARROW, WIDE = 32, 64  # window of the transform; it spreads at most ±4 around the mean


class Balance(Protocol):
    """Seats free less live answers, by each horizon."""

    def short(self) -> Floats:
        """The chance, by horizon, that one answer more would find no seat."""

    def add_line(self, chances: Floats) -> None:
        """Another line, with these chances of a live answer by each horizon."""


def balance(*, seats: int, spare: int, free: Floats, live: Floats) -> Balance:
    """`spare` seats are free now, less answers that wait already. `free` (n, horizons) are the
    chances of busy seats, `live` (m, horizons) those of lines; `seats` are all at work."""
    if seats > EXACT_SEATS:
        return NormalBalance(spare=spare, free=free, live=live)
    return ExactBalance(spare=spare, free=free, live=live)


class _Window:
    """A discrete Fourier transform of `size` points, of which a real count needs half."""

    def __init__(self, size: int) -> None:
        self.size = size
        half = size // 2 + 1
        angles = 2.0 * np.pi * np.arange(half) / size
        self.turn: Complexes = np.exp(1j * angles) - 1.0
        self.back: Complexes = np.exp(-1j * np.outer(np.arange(size), angles))
        weight = np.full(half, 2.0 / size)
        weight[0] = weight[-1] = 1.0 / size
        # Row c: weights that sum the chances of 0…c.
        self.upto: Complexes = np.cumsum(self.back, axis=0) * weight


WINDOWS = {size: _Window(size) for size in (NARROW, WIDE)}


class ExactBalance:
    """The Poisson-binomial distribution of `spare` + free seats − live answers."""

    def __init__(self, *, spare: int, free: Floats, live: Floats) -> None:
        # Counted are the seats that get free and the lines that are *not* answered.
        draws = np.concatenate((free, 1.0 - live))
        window = WINDOWS[NARROW if len(draws) <= NARROW - 4 else WIDE]
        self._window = window
        middle = draws.sum(axis=0).astype(np.int64)
        self._low: Integers = np.maximum(0, middle - window.size // 2 + 1)
        self._sum: Complexes = (1.0 + draws[:, :, None] * window.turn).prod(axis=0)
        self._sum *= window.back[self._low % window.size]
        self._enough = len(live) - spare  # as many counted, or fewer: no seat for one more

    def short(self) -> Floats:
        """See `Balance`."""
        last = self._window.size - 1
        upto = self._enough - self._low
        found: Floats = (self._sum * self._window.upto[upto.clip(0, last)]).sum(axis=1).real
        found[upto < 0] = 0.0
        found[upto >= last] = 1.0
        return found.clip(0.0, 1.0)

    def add_line(self, chances: Floats) -> None:
        """See `Balance`."""
        self._sum = self._sum * (1.0 + (1.0 - chances)[:, None] * self._window.turn)
        self._enough += 1


class NormalBalance:
    """The same for many seats, by mean and variance."""

    def __init__(self, *, spare: int, free: Floats, live: Floats) -> None:
        self._mean: Floats = spare + free.sum(axis=0) - live.sum(axis=0)
        self._variance: Floats = (free * (1.0 - free)).sum(axis=0) + (live * (1.0 - live)).sum(
            axis=0
        )

    def short(self) -> Floats:
        """See `Balance`."""
        return np.array(
            [
                0.5 * (1.0 + erf((0.5 - mean) / sqrt(2.0 * variance + 1e-9)))
                for mean, variance in zip(self._mean.tolist(), self._variance.tolist(), strict=True)
            ]
        )

    def add_line(self, chances: Floats) -> None:
        """See `Balance`."""
        self._mean = self._mean - chances
        self._variance = self._variance + chances * (1.0 - chances)
