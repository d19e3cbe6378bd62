"""Rounds of kill -9 under load: work, kill at a random moment, start again, prove, go on.

`tests/acceptance/test_kill.py` does a few, `python -m benchmarks.soak` as many as it is told. The
operators go through all rounds of a product without being told anything: what they see is a lost
connection, or a customer who is gone.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from softphone.audio.ticker import Ticker
from tests.acceptance.proofs import Proofs
from tests.acceptance.shift import Shift
from tests.operator_client import OperatorClient
from tests.population import numbers, populate, usernames
from tests.product import Product
from tests.waiting import PATIENCE_S, await_until

# A weekday that is no holiday, 10:00 in Japan; later than any instant of a real clock before it.
MORNING = "2030-11-26T10:00:00+09:00"
OPERATORS = 8
CAP = 2
# Hums for ever (from 640 Hz on, which strict screening takes for nobody's greeting); hums for 2 to
# 5 s and hangs up; a person; busy; rejected; rings and is busy; rings and hums.
ENDINGS = (
    *("9640", "9688", "9736", "9784", "9832", "9880"),
    *("9202", "9203", "9205", "9009"),
    *("9001", "9002", "9906", "9102", "9105"),
)
AUDIBLE_DBFS = -25.0
# What may not be heard of the time without a desk: a talk that leaned on the desk would miss all
# of it, and a busy machine misses some.
MOST_OF_THE_RESTART = 0.5
SETTLE_S = PATIENCE_S  # after a restart, for one side's calls to become the other's

Targets = tuple[str, ...]
DESK: Targets = ("desk",)
GATEWAY: Targets = ("gateway",)
BOTH: Targets = ("desk", "gateway")


@dataclass
class Figures:
    """What one round measured. Seconds."""

    targets: Targets
    talks: int = 0
    gap_s: float = 0.0
    ready_s: float = 0.0
    pages_s: float = 0.0
    dialing_s: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        heard = f"{self.talks} talks"
        if self.targets == DESK:
            heard += f", longest gap {self.gap_s * 1000:.0f} ms"
        return (
            f"{'+'.join(self.targets):12} ready {self.ready_s:.1f} s, pages {self.pages_s:.1f} s, "
            f"dialing {self.dialing_s:.1f} s after the kill; {heard}"
            + "".join(f"\n    {failure}" for failure in self.failures)
        )


class KillRounds:
    """One product with its operators, for as many rounds as its customers last."""

    def __init__(self, folder: Path, rng: random.Random, *, operators: int = OPERATORS) -> None:
        self.product = Product(folder)
        self.rng = rng
        self.shifts: list[Shift] = []
        self._operators = operators

    # --- from nothing to work, and home again ---------------------------------------------------

    async def open(self, *, customers: int, ratio: float = 2.0) -> None:
        """Prepare, start every part, and have all operators working."""
        product = self.product
        await asyncio.to_thread(product.run, "migrate")
        product.set_clock(MORNING)
        populate(
            product.environ,
            operators=self._operators,
            customers=list(numbers(ENDINGS, customers)),
            now=product.now(),
            screening="strict",
            ring_limit_s=15,
            daily_cap=CAP,
            ratio=ratio,
        )
        self.proofs = Proofs(product)
        await asyncio.to_thread(product.start_all)
        ticker = Ticker()
        for username in usernames(self._operators):
            client = OperatorClient(product.url, username, ticker=ticker)
            self.shifts.append(Shift(product, client, random.Random(self.rng.random())))
        await asyncio.gather(*(shift.begin() for shift in self.shifts))

    async def close(self) -> None:
        for shift in self.shifts:
            await shift.close()
        await asyncio.to_thread(self.product.stop_all)

    async def go_home(self) -> list[str]:
        """Let everybody finish; what is wrong when nobody calls any more."""
        for shift in self.shifts:
            shift.leave()
        await asyncio.gather(*(shift.left() for shift in self.shifts))
        await await_until(
            lambda: not self.proofs.carrier.live(), within_s=80, what="the carrier's calls end"
        )
        figures = Figures(())
        await self._within(figures, self._open_attempts, "attempts open without a dialog")
        return [
            *figures.failures,
            *self.proofs.seconds_that_do_not_add_up(shift.client for shift in self.shifts),
            *await self._prove(),
            *await self._audit(),
        ]

    # --- one round ------------------------------------------------------------------------------

    async def round(self, targets: Targets) -> Figures:
        """Work, kill, start again, prove. What is wrong is in the figures' `failures`.

        The audit of the rows runs while the next round works, or before everybody goes home.
        """
        figures = Figures(targets)
        audit = asyncio.create_task(self._audit())  # of what the round before has left
        await self._work_until_busy()
        figures.failures += await audit
        await asyncio.sleep(self.rng.uniform(0.0, 2.0))  # pace: the random moment
        talks = await self._hold_talks() if targets == DESK else {}
        before = set(self.proofs.carrier.live())
        open_before = self._open_attempts()
        killed = time.monotonic()
        for part in targets:
            self.product.kill(part)
        await asyncio.sleep(self.rng.uniform(0.0, 1.0))  # pace: the time a part stays dead
        for part in targets:
            self.product.start(part)
        await self._recover(figures, killed)
        figures.talks = len(talks) or len(open_before)
        if targets == DESK:
            await self._talks_went_on(figures, talks)
        else:
            await self._nothing_is_left(figures, before, open_before)
        for shift in self.shifts:
            shift.may_hang_up.set()
        await self._dials_again(figures, killed)
        await self._talks_end_in_wrap_up(figures, talks)
        figures.failures += await self._prove()
        return figures

    async def _work_until_busy(self) -> None:
        """Until half of the operators talk."""
        await await_until(
            lambda: sum(bool(shift.talking) for shift in self.shifts) * 2 >= len(self.shifts),
            within_s=80,
            what="half of the operators talk",
        )
        for shift in self.shifts:
            shift.check()

    async def _hold_talks(self) -> dict[Shift, str]:
        """Talks that nobody is about to end, at least one; what is heard of them is measured anew.

        Who is just being connected is not heard yet, and some customers hang up by themselves.
        """
        for shift in self.shifts:
            shift.may_hang_up.clear()
        talks = await await_until(self._audible_talks, within_s=80, what="a talk that can be heard")
        for shift in talks:
            shift.client.media.listen_afresh()
        return talks

    def _audible_talks(self) -> dict[Shift, str]:
        talks = {}
        for shift in self.shifts:
            call_id = shift.talking
            hz = shift.tone_hz(call_id) if call_id and not shift.hanging_up else None
            if call_id and hz and shift.client.media.heard_dbfs(hz) > AUDIBLE_DBFS:
                talks[shift] = call_id
        return talks

    def _open_attempts(self) -> set[str]:
        return {row[0] for row in self.product.query("SELECT id FROM attempts WHERE open")}

    async def _recover(self, figures: Figures, killed: float) -> None:
        figures.ready_s = await asyncio.to_thread(self._wait_ready, killed)
        clients = [shift.client for shift in self.shifts]
        await await_until(
            lambda: all(client.connected for client in clients),
            within_s=80,
            what="all pages are connected",
        )
        figures.pages_s = time.monotonic() - killed

    def _wait_ready(self, killed: float) -> float:
        self.product.wait_ready()
        return time.monotonic() - killed

    async def _dials_again(self, figures: Figures, killed: float) -> None:
        invites = self.proofs.carrier.invites()
        await await_until(
            lambda: self.proofs.carrier.invites() > invites, within_s=80, what="the next INVITE"
        )
        figures.dialing_s = time.monotonic() - killed

    # --- what a round must leave behind ---------------------------------------------------------

    async def _talks_went_on(self, figures: Figures, talks: dict[Shift, str]) -> None:
        """A desk's death is not heard: same call, same tone, no hole."""
        for shift, call_id in talks.items():
            figures.gap_s = max(figures.gap_s, shift.client.media.longest_gap_s)
            if shift.talking != call_id:
                seat = shift.client.seat_state
                figures.failures.append(f"{call_id}: {seat} {shift.talking} after the restart")

        def unheard() -> set[str]:
            tones = {shift: shift.tone_hz(call_id) for shift, call_id in talks.items()}
            return {
                f"{talks[shift]} at {hz} Hz"
                for shift, hz in tones.items()
                if hz and shift.client.media.heard_dbfs(hz) < AUDIBLE_DBFS
            }

        await self._within(figures, unheard, "talks that fell silent")
        if figures.gap_s > MOST_OF_THE_RESTART * figures.ready_s:
            figures.failures.append(f"nothing heard for {figures.gap_s:.2f} s")

    async def _nothing_is_left(
        self, figures: Figures, dialogs: set[str], attempts: set[str]
    ) -> None:
        """A gateway's death ends its calls: at the carrier, and with one outcome each."""
        await self._within(
            figures,
            lambda: dialogs & self.proofs.carrier.live().keys(),
            "dialogs from before the kill at the carrier",
        )
        await self._within(
            figures, lambda: attempts & self._open_attempts(), "attempts from before without an end"
        )

    async def _talks_end_in_wrap_up(self, figures: Figures, talks: dict[Shift, str]) -> None:
        """What went on through the restart is wrapped up under the same call id."""
        saved = {
            payload["call_id"]
            for shift in self.shifts
            for event, payload in shift.client.acknowledged
            if event == "save_result"
        }

        def unsaved() -> set[str]:
            for shift in self.shifts:
                for event, payload in shift.client.acknowledged[-5:]:
                    if event == "save_result":
                        saved.add(payload["call_id"])
            return set(talks.values()) - saved

        await self._within(figures, unsaved, "talks from before without a saved result")

    async def _within(self, figures: Figures, left: Callable[[], set[str]], what: str) -> None:
        """Nothing is left in time, or it is a failure."""
        try:
            await await_until(lambda: not left(), within_s=SETTLE_S)
        except AssertionError:
            figures.failures.append(f"{what}: {sorted(left())}")

    async def _prove(self) -> list[str]:
        wrong = self.proofs.acknowledged_is_stored_once(shift.client for shift in self.shifts)
        wrong += self.proofs.calls_too_many(cap=CAP)
        wrong += sorted(await self._lasting_disagreements())
        return wrong

    async def _audit(self) -> list[str]:
        audit = await asyncio.to_thread(self.product.run, "audit", check=False)
        return [] if audit.returncode == 0 else [f"audit: {audit.stdout}{audit.stderr}"]

    async def _lasting_disagreements(self) -> set[str]:
        """What only one side holds, every time it is asked."""
        lasting = self.proofs.disagreements()
        deadline = time.monotonic() + SETTLE_S
        while lasting and time.monotonic() < deadline:
            await asyncio.sleep(0.1)  # pace: between two looks
            lasting &= self.proofs.disagreements()
        return lasting


async def play(
    folder: Path,
    *,
    seed: int,
    targets: Sequence[Targets],
    done: list[Figures],
    tell: Callable[[str], None] = lambda text: None,
) -> None:
    """Rounds on one product, one per target, then everybody goes home.

    Figures and what they found wrong are appended to `done`; AssertionError when it got stuck.
    """
    rounds = KillRounds(folder, random.Random(seed))
    try:
        await rounds.open(customers=150 + 60 * len(targets))
        for each in targets:
            done.append(await rounds.round(each))
            tell(str(done[-1]))
        wrong = await rounds.go_home()
        if wrong:
            done[-1].failures += wrong
            tell("\n".join(wrong))
    finally:
        await rounds.close()
