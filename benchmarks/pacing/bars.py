"""The bars the product's pacer is held to, and whether it clears them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.pacing.policies import HINDSIGHT, OURS, TITLES, VICIDIAL
from benchmarks.pacing.tables import Figures

LIMIT = 3.0  # % abandoned, on every day
OCCUPANCY = {5: 74.0, 10: 81.0, 20: 86.0, 50: 91.5, 100: 93.2}  # base scenario
ABOVE_VICIDIAL = 5.0  # points, base scenario
VICIDIAL_SIZES = (5, 10, 20)
VICIDIAL_LIMIT = 3.1  # % abandoned on average: its best is looked for below this
BELOW_HINDSIGHT = 0.5  # points, all other scenarios

Of = Callable[[str, int], Figures]


@dataclass(frozen=True)
class Bar:
    """One bar: what is asked, what was found."""

    asked: str
    found: str
    cleared: bool


def best_vicidial(of: Of, seats: int, field: Sequence[str] = tuple(VICIDIAL)) -> str | None:
    """The one of `field` of the highest occupancy among those that keep the limit on average."""
    lawful = [name for name in field if of(name, seats).abandonment <= VICIDIAL_LIMIT]
    return max(lawful, key=lambda name: of(name, seats).occupancy, default=None)


def bars(scenario: str, seats: int, of: Of, field: Sequence[str] = tuple(VICIDIAL)) -> list[Bar]:
    """The bars of one scenario and size; `field` are the VICIdial policies that were run."""
    ours = of(OURS, seats)
    where = f"{scenario}, {seats} seats: "
    found = [
        Bar(
            f"{where}abandoned ≤ {LIMIT} % on each of {ours.days} days",
            f"{ours.worst:.2f} %",
            ours.worst <= LIMIT,
        )
    ]
    if scenario != "base":
        constant = of(HINDSIGHT, seats).occupancy
        least = constant - BELOW_HINDSIGHT
        found.append(
            Bar(
                f"{where}occupancy ≥ {least:.1f} % (hindsight {constant:.1f})",
                f"{ours.occupancy:.1f} %",
                ours.occupancy >= least,
            )
        )
        return found
    if seats in OCCUPANCY:
        bar = OCCUPANCY[seats]
        found.append(
            Bar(f"{where}occupancy ≥ {bar} %", f"{ours.occupancy:.1f} %", ours.occupancy >= bar)
        )
    if seats in VICIDIAL_SIZES:
        found.append(_above_vicidial(where, ours, seats, of, field))
    return found


def _above_vicidial(where: str, ours: Figures, seats: int, of: Of, field: Sequence[str]) -> Bar:
    best = best_vicidial(of, seats, field)
    if best is None:
        asked = f"{where}{ABOVE_VICIDIAL} points above VICIdial's best of {VICIDIAL_LIMIT} %"
        return Bar(asked, "none of its policies keeps that", True)
    ahead = ours.occupancy - of(best, seats).occupancy
    asked = f"{where}{ABOVE_VICIDIAL} points above {TITLES[best]}"
    return Bar(asked, f"{ahead:+.1f} points", ahead >= ABOVE_VICIDIAL)


def lines(found: list[Bar]) -> list[str]:
    """As a table."""
    return [
        "| bar | found | |",
        "|---|---|---|",
        *(
            f"| {bar.asked} | {bar.found} | {'pass' if bar.cleared else '**FAIL**'} |"
            for bar in found
        ),
    ]
