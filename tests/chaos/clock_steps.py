"""F23: somebody sets the desk's clock by an hour, either way, while people talk and ring.

The desk is the product's own process under libfaketime, which moves its wall clock and leaves the
running time of the machine alone, as `date -s` would. Nobody is called while the hour is not
certain, talks go on, no duration turns negative, and it goes on by itself once the clock is right.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from tests.acceptance.kill_rounds import Figures, KillRounds

SEED = 20301126
STEPS_S = (3600, -3600)
LIBRARY = "libfaketimeMT.so.1"  # Debian: faketime
ORDERED_S = 3.0  # what was ordered before the step is on its way for this long
STEPPED_S = 8.0
BACKWARDS = (
    "SELECT id FROM calls WHERE ended_at < coalesce(bridged_at, answered_at, rang_at, leased_at)"
    " OR bridged_at < answered_at OR answered_at < leased_at"
)


def library() -> Path | None:
    """Where libfaketime is; None where it is not installed."""
    return next(iter(sorted(Path("/usr/lib").glob(f"**/faketime/{LIBRARY}"))), None)


class SteppedClock(KillRounds):
    """Rounds of setting the desk's clock and setting it right again."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        super().__init__(folder, rng, operators=4)
        self._offset = folder / "offset"

    def set_clock_by(self, seconds: int) -> None:
        """From now on the desk's wall clock is wrong by so much; written at one stroke."""
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self._offset)

    async def restart_under(self, faketime: Path) -> None:
        """The desk anew, with a clock that can be set."""
        figures = Figures(("desk",))
        self.set_clock_by(0)
        self.product.kill("desk")
        killed = time.monotonic()
        self.product.start(
            "desk",
            LD_PRELOAD=str(faketime),
            FAKETIME_TIMESTAMP_FILE=str(self._offset),
            FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
        )
        await self._recover(figures, killed)

    async def step(self, seconds: int) -> Figures:
        """One round."""
        figures = Figures(("desk",))
        await self._work_until_busy()
        self.set_clock_by(seconds)
        await asyncio.sleep(ORDERED_S)  # pace: what was ordered before arrives
        invites = self.proofs.carrier.invites()
        await asyncio.sleep(STEPPED_S)  # pace: nobody may be called
        if self.proofs.carrier.invites() != invites:
            figures.failures.append(f"{seconds:+d} s: an INVITE while the hour was not certain")
        right = time.monotonic()
        self.set_clock_by(0)
        await self._dials_again(figures, right)
        backwards = self.product.query(BACKWARDS)
        if backwards:
            figures.failures.append(f"{seconds:+d} s: durations below zero: {backwards}")
        figures.failures += await self._prove()
        figures.failures += await self._audit()
        return figures


async def clock_rounds(folder: Path, count: int) -> list[str]:
    """F23: an hour ahead and an hour back, in turn."""
    faketime = library()
    if faketime is None:
        return [f"{LIBRARY} is not installed (Debian: faketime)"]
    rounds = SteppedClock(folder, random.Random(SEED))
    wrong: list[str] = []
    try:
        await rounds.open(customers=300 + 60 * count)
        await rounds.restart_under(faketime)
        for number in range(count):
            figures = await rounds.step(STEPS_S[number % len(STEPS_S)])
            print(f"clock {STEPS_S[number % len(STEPS_S)]:+d} s: {figures}", flush=True)
            wrong += figures.failures
        wrong += await rounds.go_home()
    finally:
        await rounds.close()
    return wrong
