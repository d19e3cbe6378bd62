"""Issabel's predictor, written from a description of its `CampaignProcess` and `Predictor`.

Every three seconds: seats free, and seats about to be, less customers that wait and attempts not
answered yet; with overcommit what is left is divided by the share of attempts that were answered,
by whomever, in the last half hour (never below 0.20). A busy seat counts as about to be free when
1 - exp(-(elapsed + mean answer time) / mean duration) reaches `qos`, known from ten calls on.
"""

from __future__ import annotations

from collections import deque
from math import exp

from benchmarks.pacing.floor import Line, Policy, Seat
from benchmarks.pacing.simulation import Simulation

PASS_S = 3.0
HISTORY_S = 1800.0
LOWEST_RATIO = 0.20
CALLS_NEEDED = 10


class Issabel(Policy):
    """`overcommit` is off as shipped; without it no line is started beyond seats."""

    event_driven = False

    def __init__(self, *, qos: float = 0.97, overcommit: bool = True) -> None:
        self.qos = qos
        self.overcommit = overcommit
        self._talking: dict[int, float] = {}  # since when, by seat
        self._calls = 0
        self._talk_sum = 0.0
        self._answer_sum = 0.0
        self._answers = 0
        self._history: deque[tuple[float, bool]] = deque()
        self._successes = 0

    def begin(self, sim: Simulation) -> None:
        sim.at(0.0, self._pass, sim)

    def _pass(self, sim: Simulation) -> bool:
        pending = sim.ringing + sim.screening
        count = len(sim.idle) + self._about_to_free(sim.now) - len(sim.waiting) - pending
        if count > 0 and self.overcommit:
            count = round(count / self._answered_share(sim.now))
        sim.start_lines(count)
        sim.at(sim.now + PASS_S, self._pass, sim)
        return False

    def _about_to_free(self, now: float) -> int:
        if self._calls < CALLS_NEEDED:
            return 0
        duration = self._talk_sum / self._calls
        answer = self._answer_sum / self._answers
        return sum(
            1.0 - exp(-(now - since + answer) / duration) >= self.qos
            for since in self._talking.values()
        )

    def _answered_share(self, now: float) -> float:
        while self._history and self._history[0][0] < now - HISTORY_S:
            self._successes -= self._history.popleft()[1]
        if not self._history:
            return 1.0
        return max(LOWEST_RATIO, self._successes / len(self._history))

    def _log(self, now: float, success: bool) -> None:
        self._history.append((now, success))
        self._successes += success

    def line_moved(self, sim: Simulation, line: Line, before: str) -> None:
        if line.state == "waiting":
            self._answers += 1
            self._answer_sum += sim.now - line.started_at

    def line_ended(self, sim: Simulation, line: Line, outcome: str) -> None:
        self._log(sim.now, line.answered_at is not None)

    def seat_moved(self, sim: Simulation, seat: Seat, before: str) -> None:
        if seat.state == "talking":
            self._talking[seat.index] = sim.now
        elif before == "talking":
            self._calls += 1
            self._talk_sum += sim.now - self._talking.pop(seat.index)
