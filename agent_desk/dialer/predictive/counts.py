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
FEW_DRAWS = 12  # cannot leave a window of 16
STEADY = 5.0  # variance that stays within 32 points: they are seven deviations to each side


class Balance(Protocol):
    """Seats free less live answers, by each horizon."""

    def short(self) -> Floats:
        """The chance, by horizon, that one answer more would find no seat."""

    def risk(self) -> float:
        """The mean of `short` over the horizons."""

    def add_line(self, chances: Floats) -> None:
        """Another line, with these chances of a live answer by each horizon."""


def balance(*, seats: int, spare: int, draws: Floats, lines: int) -> Balance:
    """`spare` seats are free now, less answers that wait already. `draws` (n, horizons) are the
    chances that a busy seat gets free and that a line, of which the last `lines` rows tell, brings
    *nobody*; `seats` are all at work."""
    if seats > EXACT_SEATS:
        return NormalBalance(spare=spare, draws=draws, lines=lines)
    return ExactBalance(spare=spare, draws=draws, lines=lines)


class _Window:
    """A discrete Fourier transform of `size` points, of which a real count needs half."""

    def __init__(self, size: int) -> None:
        self.size = size
        half = self.half = size // 2 + 1
        angles = 2.0 * np.pi * np.arange(half) / size
        turn: Complexes = np.exp(1j * angles) - 1.0
        self.turn_back: Complexes = turn.conj()
        # In pairs of a real and an imaginary part: chances are real, and so multiply faster.
        self.turn: Floats = turn.view(np.float64).reshape(1, -1)
        self.back: Complexes = np.exp(-1j * np.outer(np.arange(size), angles))
        weight = np.full(half, 2.0 / size)
        weight[0] = weight[-1] = 1.0 / size
        # Row c: weights, conjugated, that sum the chances below c.
        self.below: Complexes = np.zeros((size + 1, half), dtype=np.complex128)
        self.below[1:] = (np.cumsum(self.back, axis=0) * weight).conj()


WINDOWS = {size: _Window(size) for size in (16, 32, 64, 128)}


def _window(draws: Floats, sums: Floats, spare: int) -> _Window:
    """One wide enough for the sum of these draws, and of the lines `spare` seats invite."""
    if len(draws) + 4 * spare <= FEW_DRAWS:
        return WINDOWS[16]
    if spare <= 4 and (
        len(draws) <= 4 * STEADY
        or (sums - np.einsum("ij,ij->j", draws, draws)).max() <= STEADY  # the variance
    ):
        return WINDOWS[32]
    return WINDOWS[64 if spare <= 20 else 128]


class ExactBalance:
    """The Poisson-binomial distribution of `spare` + free seats − live answers."""

    def __init__(self, *, spare: int, draws: Floats, lines: int) -> None:
        sums = np.add.reduce(draws, axis=0)
        window = self._window = _window(draws, sums, max(0, spare))
        # The lines to come will draw the sum down, by about the spare seats in the end.
        low: Integers = sums.astype(np.int64)
        low -= window.size // 2 - 1 + max(0, spare) // 2
        factors: Complexes = np.dot(draws.reshape(-1, 1), window.turn).view(np.complex128)
        factors += 1.0
        factors = factors.reshape(*draws.shape, window.half)
        self._sum: Complexes = np.multiply.reduce(factors, axis=0)
        self._sum *= window.back.take(low, axis=0, mode="wrap")
        # Counted are the seats that get free and the lines that are *not* answered: with as many
        # as this, or fewer, there is no seat for one more.
        self._below: Complexes = window.below.take(lines - spare + 1 - low, axis=0, mode="clip")

    def short(self) -> Floats:
        """See `Balance`."""
        found: Floats = (self._sum * self._below.conj()).sum(axis=1).real
        return found.clip(0.0, 1.0)

    def risk(self) -> float:
        """See `Balance`."""
        return float(np.vdot(self._below, self._sum).real) / len(self._sum)

    def add_line(self, chances: Floats) -> None:
        """See `Balance`."""
        self._sum *= 1.0 + chances[:, None] * self._window.turn_back


class NormalBalance:
    """The same for many seats, by mean and variance."""

    def __init__(self, *, spare: int, draws: Floats, lines: int) -> None:
        self._mean: Floats = spare - lines + draws.sum(axis=0)
        self._variance: Floats = (draws * (1.0 - draws)).sum(axis=0)

    def short(self) -> Floats:
        """See `Balance`."""
        return np.array(
            [
                0.5 * (1.0 + erf((0.5 - mean) / sqrt(2.0 * variance + 1e-9)))
                for mean, variance in zip(self._mean.tolist(), self._variance.tolist(), strict=True)
            ]
        )

    def risk(self) -> float:
        """See `Balance`."""
        return float(self.short().mean())

    def add_line(self, chances: Floats) -> None:
        """See `Balance`."""
        self._mean = self._mean - chances
        self._variance = self._variance + chances * (1.0 - chances)
