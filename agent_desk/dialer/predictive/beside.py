"""Lines of other campaigns that are on their way to the same seats, and what they will bring.

Each other campaign is watched like one's own, for its list answers in its own way: ten lines of a
list where every third one is a person weigh more than ten of one where nobody is at home.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.pacing_facts import PacingSnapshot
from agent_desk.dialer.predictive.durations import Floats
from agent_desk.dialer.predictive.watch import RING_STEP, SCREEN_STEP, Ages, Watch


@dataclass
class Others:
    """The present lines of all of them."""

    waiting: int = 0
    in_flight: int = 0
    lines: list[tuple[Watch, Ages, int]] = field(default_factory=list)  # and how many are leased
    elsewhere: int = 0

    def draws(self, horizons_s: Floats) -> Floats:
        """Each line's chance of bringing nobody by each horizon (lines, horizons)."""
        rows = [_nobody(*of, horizons_s) for of in self.lines]
        # Those nearest to a person are taken to be for the seats at hand.
        found: Floats = np.concatenate([screening for screening, _ in rows] + [r for _, r in rows])
        return found[: max(0, len(found) - self.elsewhere)]


class Beside:
    """Keeps a watch on each campaign that shares seats."""

    def __init__(self) -> None:
        self._watches: dict[CampaignId, Watch] = {}

    def look(self, snapshot: PacingSnapshot, now: datetime) -> Others:
        """Learn from what changed since the last look."""
        found = Others(elsewhere=snapshot.elsewhere)
        for other in snapshot.others:
            watch = self._watches.setdefault(other.campaign_id, Watch())
            ages = watch.look_at_lines(other.lines, now)
            found.waiting += ages.waiting
            found.in_flight += ages.in_flight + other.leasing
            found.lines.append((watch, ages, other.leasing))
        found.in_flight = max(0, found.in_flight - found.elsewhere)
        return found


def _nobody(watch: Watch, ages: Ages, leasing: int, horizons_s: Floats) -> tuple[Floats, Floats]:
    """Of lines being screened, and of those that ring."""
    screening = (np.array(ages.screening, dtype=np.float64) + 0.5) * SCREEN_STEP.total_seconds()
    ringing = np.array(ages.ringing + [0] * leasing, dtype=np.float64) + 0.5
    ahead = np.maximum(0.0, horizons_s - watch.screen.mean_s())
    return (
        1.0 - watch.screen.chances(screening, horizons_s),
        1.0 - watch.ring.chances(ringing * RING_STEP.total_seconds(), ahead),
    )
