"""How long a phase of an operator's work lasts: learnt from what was seen, whatever its shape.

Talk times have no formula: half of a list's calls may be a wrong person after ten seconds and the
rest a talk of five minutes. So nothing is fitted. Time is cut into steps that grow with age, and
each step keeps how long people were in it and how many left it; their quotient is the hazard. The
chance to be free soon then depends on how long the phase has lasted already, which a mean cannot
tell. A prior of a few pretended people makes the first minutes sensible, and what was seen long
ago weighs less than what was seen just now.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from math import erf, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

EDGES_S: tuple[float, ...] = (
    *(0, 1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 30, 37, 45, 55, 67, 80, 97, 120, 145, 175),
    *(210, 255, 310, 375, 450, 550, 670, 820, 1000, 1250, 1600, 2100, 3000, 5400),
)
HALF_LIFE = 400.0  # a phase seen so many phases ago weighs half
MOST_S = 4 * 3600.0  # longer is a page somebody forgot, not work
BEYOND_S = 1e6  # the last step's hazard holds until then


class Durations:
    """The learnt lengths of one phase. `mean_s` and `cv` are of the prior, a lognormal."""

    def __init__(self, *, mean_s: float, cv: float, people: float = 12.0) -> None:
        """`people`: how many pretended phases the prior is worth; it is never forgotten."""
        self._edges = np.array([*EDGES_S, BEYOND_S])
        self._widths = np.diff(self._edges)
        survival = np.array([lognormal_survival(edge, mean_s, cv) for edge in EDGES_S])
        widths = self._widths[:-1]
        # A tail nobody has reached still needs a hazard: that of one person more, at the mean.
        faint = 0.01 * people
        self._prior_exits = np.append(
            people * (survival[:-1] - survival[1:]) + faint * widths / (widths + mean_s),
            faint,
        )
        inside = people * 0.5 * (survival[:-1] + survival[1:]) * widths
        self._prior_time = np.append(
            inside + faint * mean_s * widths / (widths + mean_s), faint * mean_s
        )
        self._exits = [0.0] * len(EDGES_S)
        self._time = [0.0] * len(EDGES_S)
        self._weight = 1.0  # of the next phase seen; grows instead of the old ones shrinking
        self.seen = 0

    def learn(self, seconds: float, *, ended: bool = True) -> None:
        """One phase of this length; not `ended`: it was cut short by something else."""
        if not 0.0 <= seconds <= MOST_S:
            return
        self.seen += 1
        self._weight *= 2.0 ** (1.0 / HALF_LIFE)
        weight = self._weight
        last = bisect_right(EDGES_S, seconds) - 1
        for step in range(last):
            self._time[step] += weight * (EDGES_S[step + 1] - EDGES_S[step])
        self._time[last] += weight * (seconds - EDGES_S[last])
        if ended:
            self._exits[last] += weight
        if weight > 1e9:
            self._rescale()

    def hazard(self, at_s: Floats) -> Floats:
        """The cumulative hazard at these ages, s: the chance to last so long is exp(−hazard)."""
        rates = (self._prior_exits + np.array(self._exits) / self._weight) / (
            self._prior_time + np.array(self._time) / self._weight
        )
        summed = np.concatenate(([0.0], np.cumsum(rates * self._widths)))
        found: Floats = np.interp(at_s, self._edges, summed)
        return found

    def memory(self) -> dict[str, Any]:
        """What was learnt, as JSON."""
        return {
            "exits": [round(exits / self._weight, 6) for exits in self._exits],
            "time": [round(time / self._weight, 4) for time in self._time],
            "seen": self.seen,
        }

    def restore(self, memory: dict[str, Any]) -> None:
        """Go on from a `memory`; ValueError, KeyError or TypeError for one that is damaged."""
        exits, time = counts(memory["exits"], len(EDGES_S)), counts(memory["time"], len(EDGES_S))
        self.seen = int(memory["seen"])
        self._exits, self._time, self._weight = exits, time, 1.0

    def _rescale(self) -> None:
        self._exits = [exits / self._weight for exits in self._exits]
        self._time = [time / self._weight for time in self._time]
        self._weight = 1.0


def counts(kept: Sequence[Any], length: int) -> list[float]:
    """So many finite numbers, none negative; ValueError or TypeError for anything else."""
    numbers = [float(number) for number in kept]
    if len(numbers) != length or not all(0.0 <= number < 1e15 for number in numbers):
        raise ValueError(f"not {length} counts")
    return numbers


def lognormal_survival(at: float, mean: float, cv: float) -> float:
    """The chance that a lognormal of this mean and coefficient of variation is above `at`."""
    if at <= 0.0:
        return 1.0
    spread = log(1.0 + cv * cv)
    return 0.5 * (1.0 - erf((log(at / mean) + spread / 2.0) / sqrt(2.0 * spread)))
