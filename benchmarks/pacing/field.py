"""Plain policies of the field: a multiplier of idle seats."""

from __future__ import annotations

from math import floor as whole

from benchmarks.pacing.floor import Policy
from benchmarks.pacing.simulation import Simulation


class Multiplier(Policy):
    """`times` lines per idle seat, rounded half up, less those in flight; with no brake at all.

    The product's `RatioPacer` without its abandonment budget and its floor of three seats: what
    the field calls a ratio (架電倍率).
    """

    every_second = False

    def __init__(self, times: float) -> None:
        self.times = times

    def wanted(self, sim: Simulation) -> int:
        idle = len(sim.idle)
        if idle == 0:
            return 0
        in_flight = sim.ringing + sim.screening + len(sim.waiting)
        return whole(self.times * idle + 0.5) - in_flight
