"""How full each way of pacing keeps operators, and whom it abandons, in simulated days.

    python -m benchmarks.pacing                     # everything; hours. --keep FILE goes on later
    python -m benchmarks.pacing --quick             # 3 seeds; 5, 10, 20 seats; base and shift
    python -m benchmarks.pacing --scenarios base --sizes 5,10 --policies ours,x3
    python -m benchmarks.pacing --cost              # what one decision takes
    python -m benchmarks.pacing --check             # the simulator beside an independent one
    python -m benchmarks.pacing --plot docs/pacing.svg --scenarios base

Occupancy is 1 - idle / (idle + talk + wrap-up), breaks left out. Abandoned are people who answered
and had no operator within 2.0 s of the end of their greeting, of all people who answered. Ends
with 1 when a bar of the product's pacer is missed.
"""

from __future__ import annotations

import argparse
import os
from functools import partial
from pathlib import Path

from benchmarks.__main__ import machine
from benchmarks.pacing import bars, cost, plot, reference, tables
from benchmarks.pacing.policies import BY_HAND, HINDSIGHT, OURS, TITLES, VICIDIAL
from benchmarks.pacing.runs import Job, Runs
from benchmarks.pacing.scenarios import SCENARIOS

SIZES = (3, 5, 10, 20, 50, 100, 200)
QUICK_SIZES = (5, 10, 20)
QUICK_SCENARIOS = ("base", "shift")
QUICK_POLICIES = (
    BY_HAND,
    "progressive",
    "x3",
    "x5",
    "vici-hard",
    "vici-hard-ready",
    "vici-tapered-ready",
    "issabel-over",
    HINDSIGHT,
    OURS,
)


def options_of() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog="policies: " + ", ".join(TITLES) + "; scenarios: " + ", ".join(SCENARIOS),
    )
    parser.add_argument("--quick", action="store_true", help="a minute's worth")
    parser.add_argument("--cost", action="store_true", help="time decisions instead")
    parser.add_argument("--check", action="store_true", help="beside an independent simulator")
    parser.add_argument(
        "--seeds", type=int, default=10, help="days of each kind (200 seats: at most 3)"
    )
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="seats")
    parser.add_argument("--scenarios", default=",".join(SCENARIOS))
    parser.add_argument("--policies", default=",".join(TITLES))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--keep", type=Path, help="keep days in this file, and use those in it")
    parser.add_argument("--plot", type=Path, help="draw occupancy against seats (base scenario)")
    options = parser.parse_args()
    options.sizes = [int(each) for each in options.sizes.split(",")]
    options.scenarios = options.scenarios.split(",")
    options.policies = options.policies.split(",")
    if options.quick:
        options.seeds, options.sizes = 3, list(QUICK_SIZES)
        options.scenarios, options.policies = list(QUICK_SCENARIOS), list(QUICK_POLICIES)
    for scenario in options.scenarios:
        if scenario not in SCENARIOS:
            parser.error(f"no scenario is called {scenario}")
    for policy in options.policies:
        if policy not in TITLES:
            parser.error(f"no policy is called {policy}")
    return options


def figures(runs: Runs, scenario: str, policy: str, seats: int) -> tables.Figures:
    """Of all seeds."""
    return tables.figures(runs.days(policy, scenario, seats), scenario)


def report(runs: Runs, options: argparse.Namespace, scenario: str) -> list[bars.Bar]:
    """Print one scenario; its bars."""
    of = partial(figures, runs, scenario)
    found: list[bars.Bar] = []
    for seats in options.sizes:
        constant = runs.best(scenario, seats) if HINDSIGHT in options.policies else None
        print(f"\n### {scenario}, {seats} seats\n\n{tables.HEAD}")
        for policy in options.policies:
            chosen = constant if policy == HINDSIGHT else None
            print(tables.row(tables.title_of(policy, chosen), of(policy, seats)), flush=True)
        if {OURS, HINDSIGHT} <= set(options.policies):
            field = [name for name in VICIDIAL if name in options.policies]
            found += bars.bars(scenario, seats, of, field)
    print(f"\n### {scenario}, all sizes: occupancy / abandoned, mean (worst day), %\n")
    print("\n".join(tables.matrix(options.policies, options.sizes, of)), flush=True)
    return found


def main() -> None:
    options = options_of()
    print(machine())
    if options.cost:
        raise SystemExit(cost.measure())
    if options.check:
        reference.compare(options.sizes, options.seeds, partial(print, flush=True))
        return
    found: list[bars.Bar] = []
    with Runs(seeds=options.seeds, jobs=options.jobs, keep=options.keep) as runs:
        for scenario in options.scenarios:
            runs.do(
                Job(policy, scenario, seats, seed)
                for policy in options.policies
                if policy != HINDSIGHT
                for seats in options.sizes
                for seed in range(runs.seeds_at(seats))
            )
            if HINDSIGHT in options.policies:
                runs.search(scenario, options.sizes)
            found += report(runs, options, scenario)
        if options.plot is not None:
            of = partial(figures, runs, "base")
            options.plot.write_text(plot.draw(options.policies, options.sizes, of), "utf-8")
    if found:
        print("\n## Bars\n")
        print("\n".join(bars.lines(found)))
    missed = sum(not bar.cleared for bar in found)
    print(f"\n{runs.took_s():.0f} s; {len(found) - missed} bars cleared, {missed} missed")
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
