"""What one decision of the product's predictive pacer takes, on a floor in full swing.

The floor is a simulated day's, after `WARM_S`; the pacer has learnt on the way. Every decision the
day asks for in the next `MEASURE_S` is timed, snapshot not included, in processor time: what other
work on the machine does is not its cost.
"""

from __future__ import annotations

import time

from agent_desk.dialer.pacing import PacingSnapshot
from benchmarks.pacing.product import ProductPacer, instant, predictive
from benchmarks.pacing.scenarios import BASE
from benchmarks.pacing.simulation import Simulation
from benchmarks.table import percentiles

LIMITS_MS = {50: 5.0, 500: 20.0}  # seats
WARM_S = {50: 1800.0, 500: 600.0}
MEASURE_S = {50: 300.0, 500: 60.0}
HEAD = "| seats | lines on the way | decisions | p50 ms | p95 | p99 | worst | limit |"


class Timed(ProductPacer):
    """Times what is asked of the pacer inside a warm day."""

    def __init__(self, inner: ProductPacer, begins: float) -> None:
        super().__init__(inner.pacer, mode=inner.mode, ratio=inner.ratio, target=inner.target)
        self._begins = begins
        self.took_ms: list[float] = []
        self.lines: list[int] = []

    def wanted(self, sim: Simulation) -> int:
        if sim.now < self._begins:
            return super().wanted(sim)
        seen: PacingSnapshot = self.snapshot(sim)
        now = instant(sim.now)
        began = time.thread_time()
        decision = self.pacer.decide(seen, now)
        self.took_ms.append(1000.0 * (time.thread_time() - began))
        self.lines.append(sim.ringing + sim.screening)
        return decision.count


def measure() -> int:
    """Print the table; 1 when any decision is over its limit."""
    print(f"\n{HEAD}\n" + "|---" * 8 + "|")
    over = 0
    for seats, limit in LIMITS_MS.items():
        timed = Timed(predictive(cap=None, target=0.03), WARM_S[seats])
        scenario = BASE.lasting(WARM_S[seats] + MEASURE_S[seats])
        Simulation(scenario, timed, seats=seats, seed=0).run()
        lines = sum(timed.lines) / len(timed.lines)
        worst = percentiles(timed.took_ms, digits=2)
        print(f"| {seats} | {lines:.0f} | {worst} | {limit:g} |", flush=True)
        over += max(timed.took_ms) > limit
    return 1 if over else 0
