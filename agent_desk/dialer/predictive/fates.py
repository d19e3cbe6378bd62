"""What becomes of a line as it ages: a person after so long, or anything else after so long.

Used twice: from the start of an attempt to its answer, and from the answer to screening's word. A
line that has rung for twenty seconds is hardly ever answered by a person any more, one of eight
seconds is at its likeliest; pacing that counts both alike dials too few lines or too many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from agent_desk.dialer.predictive.durations import Floats, counts
from agent_desk.dialer.predictive.share import Share

HALF_LIFE = 1500.0  # of a time seen, in times seen; shapes change slowly
STEPS = 160
PRIOR_WEIGHT = 12.0
Survival = Callable[[float], float]


class Fates:
    """Ages are cut into `STEPS` of `step_s`; what happens later is put into the last one."""

    def __init__(
        self, *, step_s: float, live_share: float, live: Survival, other: Survival
    ) -> None:
        """`live` and `other` are the prior's chances that either takes longer than so many s."""
        self.step_s = step_s
        self.share = Share(live_share)
        self._prior = (prior_steps(live, step_s), prior_steps(other, step_s))
        self._seen = ([0.0] * STEPS, [0.0] * STEPS)
        self._weight = 1.0
        self.count = 0

    def learn(self, seconds: float, *, live: bool, hour: int) -> None:
        """One line's fate, so many seconds after its start, in this hour of the day."""
        self.share.learn(live, hour)
        self.count += 1
        self._weight *= 2.0 ** (1.0 / HALF_LIFE)
        step = min(STEPS - 1, max(0, int(seconds / self.step_s)))
        self._seen[0 if live else 1][step] += self._weight
        if self._weight > 1e9:
            self._rescale()

    def by(self, at_s: Floats, *, live: bool) -> Floats:
        """Share of the lines with this fate that meet it within these ages, 0–1."""
        which = 0 if live else 1
        mass = self._prior[which] + np.array(self._seen[which]) / self._weight
        summed = np.concatenate(([0.0], np.cumsum(mass)))
        edges = np.arange(STEPS + 1) * self.step_s
        found: Floats = np.interp(at_s, edges, summed / summed[-1])
        return found

    def chances(self, ages_s: Floats, ahead_s: Floats) -> Floats:
        """The chance of a person within `ahead_s` for a line of each age that has met no fate.

        Shape (ages, ahead). Where hardly any line gets so old, what is left of it is nobody.
        """
        share = self.share.cautious
        live_now = self.by(ages_s, live=True)
        left = share * (1.0 - live_now) + (1.0 - share) * (1.0 - self.by(ages_s, live=False))
        later = self.by(ages_s[:, None] + ahead_s[None, :], live=True)
        found: Floats = share * (later - live_now[:, None]) / np.maximum(left, 1e-4)[:, None]
        return np.clip(found, 0.0, 1.0)

    def quantiles(self, shares: Floats) -> Floats:
        """The ages by which these shares of the people have come, s."""
        edges = np.arange(STEPS + 1) * self.step_s
        by = self.by(edges, live=True)
        found: Floats = np.interp(shares, by + np.arange(STEPS + 1) * 1e-12, edges)
        return found

    def mean_s(self) -> float:
        """The mean age at which a person comes."""
        middles = (np.arange(STEPS) + 0.5) * self.step_s
        mass = self._prior[0] + np.array(self._seen[0]) / self._weight
        return float((mass * middles).sum() / mass.sum())

    def memory(self) -> dict[str, Any]:
        """What was learnt, as JSON."""
        return {
            "share": self.share.memory(),
            "live": [round(seen / self._weight, 6) for seen in self._seen[0]],
            "other": [round(seen / self._weight, 6) for seen in self._seen[1]],
            "count": self.count,
        }

    def restore(self, memory: dict[str, Any]) -> None:
        """Go on from a `memory`; ValueError, KeyError or TypeError for one that is damaged."""
        live, other = counts(memory["live"], STEPS), counts(memory["other"], STEPS)
        self.count = int(memory["count"])
        self.share.restore(memory["share"])
        self._seen, self._weight = (live, other), 1.0

    def _rescale(self) -> None:
        live, other = self._seen
        self._seen = ([seen / self._weight for seen in live], [s / self._weight for s in other])
        self._weight = 1.0


def prior_steps(survival: Survival, step_s: float) -> Floats:
    """The prior's mass of each step, `PRIOR_WEIGHT` in all."""
    left = np.array([survival(step * step_s) for step in range(STEPS)] + [0.0])
    mass: Floats = PRIOR_WEIGHT * (left[:-1] - left[1:])
    return mass
