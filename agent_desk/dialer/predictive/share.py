"""A share that changes during the day, such as the calls a person answers: followed, not averaged.

No single memory is right for it. A long one is exact and wakes up late when the list or the hour
changes; a short one follows at once and is mostly noise. So several run side by side, and each is
believed as far as it foretold the latest draws (Bayes, with old evidence fading). One of them is
the same hour of earlier days.
"""

from __future__ import annotations

from math import exp, log, sqrt
from operator import mul
from typing import Any

from agent_desk.dialer.predictive.durations import counts

HALF_LIVES = (60.0, 250.0, 1000.0, 4000.0)  # draws
HOURS = 24
FADING = 0.985  # of the evidence for each memory, per draw: about the last 70 draws judge
PRIOR_DRAWS = 40.0
CAUTION = 2.0  # standard errors
LEAST = 0.005


class Share:
    """The chance of a yes in the next draw. `prior` is believed for the first few draws."""

    def __init__(self, prior: float) -> None:
        self._prior = prior
        self._decays = [2.0 ** (-1.0 / half_life) for half_life in HALF_LIVES]
        self._draws = [PRIOR_DRAWS] * len(HALF_LIVES)
        self._yes = [PRIOR_DRAWS * prior] * len(HALF_LIVES)
        self._hour_draws = [0.0] * HOURS
        self._hour_yes = [0.0] * HOURS
        self._evidence = [0.0] * (len(HALF_LIVES) + 1)
        self.value = prior
        self._sure = PRIOR_DRAWS  # how many draws the value rests on
        self._told: tuple[int, list[float]] | None = None  # what each memory says of this hour

    @property
    def cautious(self) -> float:
        """The value and `CAUTION` errors of it: what to count with where more is dangerous."""
        error = sqrt(self.value * (1.0 - self.value) / self._sure)
        return min(1.0 - LEAST, self.value + CAUTION * error)

    def learn(self, yes: bool, hour: int) -> None:
        """One draw, in this hour of the day (0–23, of any fixed zone)."""
        told = self._told
        estimates = told[1] if told is not None and told[0] == hour else self._estimates(hour)
        for at, estimate in enumerate(estimates):
            likely = log(estimate if yes else 1.0 - estimate)
            self._evidence[at] = self._evidence[at] * FADING + likely
        for at, decay in enumerate(self._decays):
            self._draws[at] = self._draws[at] * decay + 1.0
            self._yes[at] = self._yes[at] * decay + yes
        # An hour's memory spans days: about its last 2,000 draws.
        self._hour_draws[hour] = self._hour_draws[hour] * 0.9995 + 1.0
        self._hour_yes[hour] = self._hour_yes[hour] * 0.9995 + yes
        self._believe(hour)

    def _believe(self, hour: int) -> None:
        estimates = self._estimates(hour)
        self._told = hour, estimates
        best = max(self._evidence)
        weights = [exp(told - best) for told in self._evidence]
        total = sum(weights)
        draws = [*self._draws, self._hour_draws[hour] + PRIOR_DRAWS]
        self.value = sum(map(mul, weights, estimates)) / total
        self._sure = sum(map(mul, weights, draws)) / total

    def _estimates(self, hour: int) -> list[float]:
        found = [
            min(1.0 - LEAST, max(LEAST, yes / draws))
            for yes, draws in zip(self._yes, self._draws, strict=True)
        ]
        # With little of this hour behind it, the hour says what the longest memory says.
        lean = found[-1] * PRIOR_DRAWS
        hourly = (self._hour_yes[hour] + lean) / (self._hour_draws[hour] + PRIOR_DRAWS)
        found.append(min(1.0 - LEAST, max(LEAST, hourly)))
        return found

    def memory(self) -> dict[str, Any]:
        """What was learnt, as JSON."""
        return {
            "draws": list(self._draws),
            "yes": list(self._yes),
            "hour_draws": list(self._hour_draws),
            "hour_yes": list(self._hour_yes),
            "doubt": [-told for told in self._evidence],
            "value": self.value,
            "sure": self._sure,
        }

    def restore(self, memory: dict[str, Any]) -> None:
        """Go on from a `memory`; ValueError, KeyError or TypeError for one that is damaged."""
        memories = len(HALF_LIVES)
        draws, yes = counts(memory["draws"], memories), counts(memory["yes"], memories)
        hour_draws = counts(memory["hour_draws"], HOURS)
        hour_yes = counts(memory["hour_yes"], HOURS)
        doubt = counts(memory["doubt"], memories + 1)
        value = float(memory["value"])
        sure = float(memory["sure"])
        if not (0.0 < value < 1.0 and 1.0 <= sure < 1e9) or min(draws) <= 0.0:
            raise ValueError("not a share")
        self._draws, self._yes = draws, yes
        self._hour_draws, self._hour_yes = hour_draws, hour_yes
        self._evidence = [-told for told in doubt]
        self.value, self._sure, self._told = value, sure, None
