"""The simulator beside an independent one: the base scenario's figures taken before it was written.

Those were means of two to twelve days of a simulator of its own, with the same scenario in prose.
It placed VICIdial's calls of one pass all at once, and so does this comparison.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

from benchmarks.pacing.by_hand import by_hand
from benchmarks.pacing.field import Multiplier
from benchmarks.pacing.floor import Day, Policy
from benchmarks.pacing.issabel import Issabel
from benchmarks.pacing.policies import VICIDIAL
from benchmarks.pacing.scenarios import BASE
from benchmarks.pacing.simulation import Simulation
from benchmarks.pacing.tables import figures
from benchmarks.pacing.vicidial import Vicidial

SIZES = (5, 10, 20, 50, 100)

# Occupancy % / abandoned %, by size.
CELLS: dict[str, tuple[tuple[float, float], ...]] = {
    "by hand": ((48, 0), (48, 0), (48, 0), (48, 0), (48, 0)),
    "×1": ((56.8, 0), (56.7, 0), (56.8, 0), (57.0, 0), (57.3, 0)),
    "×3": ((80.8, 9.4), (81.0, 3.6), (80.7, 0.6), (80.4, 0.0), (80.1, 0.0)),
    "×5": ((87.8, 24), (88.2, 14), (88.7, 5.9), (88.2, 0.6), (87.5, 0.1)),
    "vici-ratio-2": ((83.3, 36), (87.3, 29), (90.9, 23), (94.4, 16), (96.1, 11)),
    "vici-hard": ((56.1, 3.3), (57.1, 3.3), (57.9, 3.3), (58.6, 3.1), (57.6, 3.0)),
    "vici-tapered-ready": ((60.4, 3.1), (64.5, 3.0), (76.5, 3.0), (87.1, 0.4), (86.7, 0.0)),
    "issabel-over": ((64.9, 5.2), (64.0, 1.1), (63.5, 0.1), (64.1, 0), (63.2, 0)),
}


def _policy(name: str) -> Policy:
    if name.startswith("×"):
        return Multiplier(float(name[1:]))
    if name in VICIDIAL:
        return Vicidial(replace(VICIDIAL[name], calls_per_second=inf))
    return Issabel(overcommit=True)


def _day(name: str, seats: int, seed: int) -> Day:
    if name == "by hand":
        return by_hand(BASE, seats=seats, seed=seed)
    return Simulation(BASE, _policy(name), seats=seats, seed=seed).run()


def compare(sizes: list[int], seeds: int, say: Callable[[str], None]) -> None:
    """Both, cell by cell."""
    chosen = [seats for seats in SIZES if seats in sizes]
    say("\nhere (there): occupancy / abandoned, %\n")
    say("| policy | " + " | ".join(f"{seats} seats" for seats in chosen) + " |")
    say("|---" * (len(chosen) + 1) + "|")
    for name, cells in CELLS.items():
        row = []
        for seats, (occupancy, abandoned) in zip(SIZES, cells, strict=True):
            if seats in chosen:
                found = figures([_day(name, seats, seed) for seed in range(seeds)], "base")
                here = f"{found.occupancy:.1f} / {found.abandonment:.1f}"
                row.append(f"{here} ({occupancy:g} / {abandoned:g})")
        say(f"| {name} | " + " | ".join(row) + " |")
