"""The SIP layer alone: one trunk's calls against SIPp, without desk, media and ladder.

Used by `benchmarks.sip`. It runs in the process that measures, so the core it is started on is its
own and SIPp's is another.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.sip_peer import Answer, Carrier
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.outbound import OutboundCall, OutboundInvite
from softphone.sip.messages.sdp import offer_audio
from softphone.sip.trunk.settings import TrunkSettings
from softphone.sip.trunk.trunk import Trunk
from tests.waiting import await_until

OFFER = offer_audio(host="127.0.0.1", port=4000, session_id=77)
RATE = 150.0


@dataclass(frozen=True)
class LayerFigure:
    attempts: int
    live: int
    cpu_ms: float
    ringing_ms: list[float]
    missing: int

    def __str__(self) -> str:
        return (
            f"{self.attempts} attempts beside {self.live} dialogs, {self.missing} missing; "
            f"{self.cpu_ms:.2f} ms CPU an attempt; INVITE → first word p50 "
            f"{median(self.ringing_ms):.1f} ms"
        )


class _Caller:
    """Hangs up what is answered, unless it `holds`."""

    def __init__(self, *, holds: bool = False) -> None:
        self.sip: OutboundCall | None = None
        self.began = time.monotonic()
        self.first_word: float | None = None
        self.answered = self.ended = False
        self._holds = holds

    def on_ringing(self, code: int, sdp: str | None) -> None:
        self.first_word = self.first_word or time.monotonic()

    def on_answer(self, sdp: str) -> None:
        self.answered = True
        if not self._holds and self.sip is not None:
            self.sip.hang_up("measured")

    def on_media(self, sdp: str) -> None:
        pass

    def on_end(self, ending: SipEnding) -> None:
        self.ended = True


def _place(trunk: Trunk, n: int, answer: Answer, *, holds: bool = False) -> _Caller:
    caller = _Caller(holds=holds)
    invite = OutboundInvite(
        call_id=f"call {n}",
        number=f"+81900{n % 1000000:06}{answer.value}",
        caller_id="",
        sdp=OFFER,
        ring_limit_s=20.0 if answer is Answer.LOST_200 else 2.0,
    )
    caller.sip = trunk.place(invite, caller)
    return caller


async def measure_layer(attempts: int, *, live: int, kinds: dict[Answer, int]) -> LayerFigure:
    """The mix at `RATE` beside so many answered calls."""
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        carrier = Carrier(Path(name))
        await carrier.start()
        os.sched_setaffinity(0, {0})
        settings = TrunkSettings(
            trunk_id="trunk1",
            host="127.0.0.1",
            port=carrier.port,
            domain="carrier.test",
            caller_id="+81312340000",
            lines=5000,
            calls_per_second=1000.0,
        )
        trunk = Trunk(settings, DialogJournal(Path(name) / "journal"))
        await trunk.start()
        try:
            standing = []
            for n in range(live):
                standing.append(_place(trunk, n, Answer.TALK, holds=True))
                await asyncio.sleep(0.004)
            await await_until(lambda: all(each.answered for each in standing), within_s=30)
            used, started = time.process_time(), time.monotonic()
            callers = []
            chosen = rng.choices(list(kinds), list(kinds.values()), k=attempts)
            for n, answer in enumerate(chosen):
                await asyncio.sleep(max(0.0, started + n / RATE - time.monotonic()))
                callers.append(_place(trunk, n, answer, holds=answer is Answer.LEAVES))
            with contextlib.suppress(AssertionError):
                await await_until(lambda: all(each.ended for each in callers), within_s=30)
            cpu = time.process_time() - used
        finally:
            await trunk.stop(within_s=1.0)
            await carrier.stop()
        return LayerFigure(
            attempts=attempts,
            live=live,
            cpu_ms=cpu / attempts * 1000,
            ringing_ms=[(e.first_word - e.began) * 1000 for e in callers if e.first_word],
            missing=sum(not each.ended for each in callers),
        )
