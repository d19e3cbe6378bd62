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
        self._seen = (np.zeros(STEPS), np.zeros(STEPS))
        self._edges: Floats = np.arange(STEPS + 1) * step_s
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
        found: Floats = np.interp(at_s, self._edges, self._met(live=live))
        return found

    def chances(self, ages_s: Floats, ahead_s: Floats) -> Floats:
        """The chance of a person within `ahead_s` for a line of each age that has met no fate.

        Shape (ages, ahead). Where hardly any line gets so old, what is left of it is nobody.
        """
        share, met = self.share.cautious, self._met(live=True)
        live_now: Floats = np.interp(ages_s, self._edges, met)
        left = share * (1.0 - live_now) + (1.0 - share) * (1.0 - self.by(ages_s, live=False))
        found: Floats = np.interp(ages_s[:, None] + ahead_s, self._edges, met)
        found -= live_now[:, None]
        found *= share
        found /= np.maximum(left, 1e-4)[:, None]
        return found.clip(0.0, 1.0)

    def quantiles(self, shares: Floats) -> Floats:
        """The ages by which these shares of the people have come, s."""
        met = self._met(live=True)
        found: Floats = np.interp(shares, met + np.arange(STEPS + 1) * 1e-12, self._edges)
        return found

    def mean_s(self) -> float:
        """The mean age at which a person comes."""
        middles = (np.arange(STEPS) + 0.5) * self.step_s
        mass = self._mass(live=True)
        return float((mass * middles).sum() / mass.sum())

    def memory(self) -> dict[str, Any]:
        """What was learnt, as JSON."""
        return {
            "share": self.share.memory(),
            "live": [round(seen, 6) for seen in (self._seen[0] / self._weight).tolist()],
            "other": [round(seen, 6) for seen in (self._seen[1] / self._weight).tolist()],
            "count": self.count,
        }

    def restore(self, memory: dict[str, Any]) -> None:
        """Go on from a `memory`; ValueError, KeyError or TypeError for one that is damaged."""
        live, other = counts(memory["live"], STEPS), counts(memory["other"], STEPS)
        self.count = int(memory["count"])
        self.share.restore(memory["share"])
        self._seen, self._weight = (np.array(live), np.array(other)), 1.0

    def _mass(self, *, live: bool) -> Floats:
        which = 0 if live else 1
        found: Floats = self._prior[which] + self._seen[which] / self._weight
        return found

    def _met(self, *, live: bool) -> Floats:
        """`by` at the edges of the steps."""
        summed = np.zeros(STEPS + 1)
        np.cumsum(self._mass(live=live), out=summed[1:])
        summed /= summed[-1]
        return summed

    def _rescale(self) -> None:
        for seen in self._seen:
            seen /= self._weight
        self._weight = 1.0


def prior_steps(survival: Survival, step_s: float) -> Floats:
    """The prior's mass of each step, `PRIOR_WEIGHT` in all."""
    left = np.array([survival(step * step_s) for step in range(STEPS)] + [0.0])
    mass: Floats = PRIOR_WEIGHT * (left[:-1] - left[1:])
    return mass
