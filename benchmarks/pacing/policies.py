"""Every policy of the benchmark by name, and a day of it.

`x<k>` is k lines per idle seat for any k, by which the best constant is searched in hindsight
(`hindsight.py`). The others are in `TITLES`, in the order they are printed in.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from agent_desk.dialer.pacing import ProgressivePacer
from benchmarks.pacing.by_hand import by_hand
from benchmarks.pacing.field import Multiplier
from benchmarks.pacing.floor import Day, Policy
from benchmarks.pacing.issabel import Issabel
from benchmarks.pacing.product import ProductPacer, predictive
from benchmarks.pacing.scenarios import Scenario
from benchmarks.pacing.simulation import Simulation
from benchmarks.pacing.vicidial import Settings, Vicidial

SEATS_PER_SERVER = 20  # of VICIdial's telephony servers; each keeps a pace of its own

BY_HAND = "by-hand"
HINDSIGHT = "hindsight"
OURS = "ours"
OURS_CAPPED = "ours-capped"
OURS_CAREFUL = "ours-1%"
VICIDIAL: dict[str, Settings] = {
    "vici-ratio-2": Settings("RATIO", level=2.0),
    "vici-hard": Settings("ADAPT_HARD_LIMIT"),
    "vici-average": Settings("ADAPT_AVERAGE"),
    "vici-tapered": Settings("ADAPT_TAPERED"),
    "vici-hard-ready": Settings("ADAPT_HARD_LIMIT", available_only=True, maximum_level=5.0),
    "vici-average-ready": Settings("ADAPT_AVERAGE", available_only=True, maximum_level=5.0),
    "vici-tapered-ready": Settings("ADAPT_TAPERED", available_only=True, maximum_level=5.0),
}
TITLES: dict[str, str] = {
    BY_HAND: "by hand",
    "progressive": "one line per idle seat",
    "x2": "idle seats ×2",
    "x3": "idle seats ×3",
    "x4": "idle seats ×4",
    "x5": "idle seats ×5",
    "vici-ratio-2": "VICIdial RATIO 2.0",
    "vici-hard": "VICIdial HARD_LIMIT, as shipped",
    "vici-average": "VICIdial AVERAGE, as shipped",
    "vici-tapered": "VICIdial TAPERED, as shipped",
    "vici-hard-ready": "VICIdial HARD_LIMIT, available only, max 5",
    "vici-average-ready": "VICIdial AVERAGE, available only, max 5",
    "vici-tapered-ready": "VICIdial TAPERED, available only, max 5",
    "issabel": "Issabel, as shipped",
    "issabel-over": "Issabel, overcommit",
    HINDSIGHT: "best constant, hindsight",
    OURS: "ours, 3.0 %, no cap",
    OURS_CAPPED: "ours, 3.0 %, cap 5.0",
    OURS_CAREFUL: "ours, 1.0 %, no cap",
}


def policy(name: str, seats: int) -> Policy:
    """A fresh policy for so many seats; KeyError for an unknown name."""
    if name in VICIDIAL:
        return Vicidial(VICIDIAL[name], servers=ceil(seats / SEATS_PER_SERVER))
    if name.startswith("x"):
        return Multiplier(float(name[1:]))
    makers: dict[str, Callable[[], Policy]] = {
        "progressive": lambda: ProductPacer(ProgressivePacer(), mode="progressive", ratio=1.0),
        "issabel": lambda: Issabel(overcommit=False),
        "issabel-over": lambda: Issabel(overcommit=True),
        OURS: lambda: predictive(cap=None, target=0.03),
        OURS_CAPPED: lambda: predictive(cap=5.0, target=0.03),
        OURS_CAREFUL: lambda: predictive(cap=None, target=0.01),
    }
    return makers[name]()


def day(name: str, scenario: Scenario, *, seats: int, seed: int) -> Day:
    """What a day of this policy comes to."""
    if name == BY_HAND:
        return by_hand(scenario, seats=seats, seed=seed)
    return Simulation(scenario, policy(name, seats), seats=seats, seed=seed).run()
