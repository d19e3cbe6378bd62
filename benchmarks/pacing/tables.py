"""The tables of the pacing benchmark: one per scenario and size, and one of all sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.pacing.floor import Day
from benchmarks.pacing.policies import TITLES
from benchmarks.pacing.scenarios import SCENARIOS


@dataclass(frozen=True)
class Figures:
    """What a policy came to over some days of one scenario and size; means unless said."""

    occupancy: float  # %
    idle_per_call: float  # s
    abandonment: float  # % of people who answered
    worst: float  # %, of the worst day
    lines: float  # in use
    lines_peak: int
    attempts: float  # a day
    people: float  # who answered, a day
    days: int
    lost: float  # calls cut off because their operator left, a day


def figures(days: Sequence[Day], scenario: str) -> Figures:
    """Of at least one day."""
    count = len(days)
    seconds = SCENARIOS[scenario].seconds
    return Figures(
        occupancy=sum(day.occupancy for day in days) / count,
        idle_per_call=sum(day.idle_per_call for day in days) / count,
        abandonment=sum(day.abandonment for day in days) / count,
        worst=max(day.abandonment for day in days),
        lines=sum(day.line_seconds for day in days) / count / seconds,
        lines_peak=max(day.lines_peak for day in days),
        attempts=sum(day.attempts for day in days) / count,
        people=sum(day.people for day in days) / count,
        days=count,
        lost=sum(day.seat_lost for day in days) / count,
    )


HEAD = (
    "| policy | occupancy % | idle s per call | abandoned % | worst day % "
    "| lines in use (peak) | attempts a day | people a day |\n|---|---|---|---|---|---|---|---|"
)


def row(title: str, found: Figures) -> str:
    """One policy."""
    return (
        f"| {title} | {found.occupancy:.1f} | {found.idle_per_call:.1f} | "
        f"{found.abandonment:.2f} | {found.worst:.2f} | {found.lines:.1f} ({found.lines_peak}) | "
        f"{found.attempts:.0f} | {found.people:.0f} |"
    )


def title_of(policy: str, constant: str | None = None) -> str:
    """As printed; the constant that hindsight chose is named."""
    return TITLES[policy] if constant is None else f"{TITLES[policy]}: ×{constant[1:]}"


def matrix(
    policies: Sequence[str], sizes: Sequence[int], of: Callable[[str, int], Figures]
) -> list[str]:
    """Occupancy and abandonment (mean, worst day) of every policy at every size."""
    lines = [
        "| policy | " + " | ".join(f"{seats} seats" for seats in sizes) + " |",
        "|---" * (len(sizes) + 1) + "|",
    ]
    for policy in policies:
        found = [of(policy, seats) for seats in sizes]
        cells = (
            f"{each.occupancy:.1f} / {each.abandonment:.2f} ({each.worst:.2f})" for each in found
        )
        lines.append(f"| {TITLES[policy]} | " + " | ".join(cells) + " |")
    return lines


def _cell(found: Figures) -> str:
    return f"{found.occupancy:.1f} / {found.abandonment:.2f} ({found.worst:.2f})"
