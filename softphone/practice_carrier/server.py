"""The practice carrier: a SIP server on loopback whose every number has a customer behind it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from softphone.audio.ticker import Ticker
from softphone.practice_carrier.call import PracticeCall, Studio
from softphone.practice_carrier.call_log import CallLog
from softphone.practice_carrier.callback import Missed, PracticeCallback
from softphone.practice_carrier.number_plan import behaviour_of
from softphone.practice_carrier.voices import load_repertoire
from softphone.rtp.ports import PortPool
from softphone.sip.calls.inbound import InboundCall
from softphone.sip.server import SipServer

log = logging.getLogger(__name__)

GOOD_BYE_S = 1.0  # for the callers to answer our BYEs when the carrier stops


class PracticeCarrier:
    """`start`, then it serves until `stop`; `address` says where. Same seed, same customers."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        record_dir: Path | None = None,
        call_log: CallLog | None = None,
    ) -> None:
        self._seed = seed
        self._record_dir = record_dir
        self._host = host
        self.call_log = call_log or CallLog()
        self._sip = SipServer(self._take, host=host, port=port)
        self._calls: set[PracticeCall | PracticeCallback] = set()
        self._later: set[asyncio.TimerHandle] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> tuple[str, int]:
        return self._sip.address

    async def start(self) -> None:
        """Load the voices and listen. Raises OSError when the port is taken."""
        repertoire = load_repertoire()
        repertoire.load_all()
        if self._record_dir is not None:
            self._record_dir.mkdir(parents=True, exist_ok=True)
        self._studio = Studio(
            host=self._host,
            ports=PortPool(),
            ticker=Ticker(),
            repertoire=repertoire,
            call_log=self.call_log,
            record_dir=self._record_dir,
        )
        await self._sip.start()

    async def stop(self) -> None:
        """Hang up every call, wait a moment for the answers, close."""
        for timer in self._later:
            timer.cancel()
        for call in list(self._calls):
            call.stop()
        deadline = asyncio.get_running_loop().time() + GOOD_BYE_S
        while (self._sip.calls or self._calls) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110  # it ends by time
            await asyncio.sleep(0.01)
        await asyncio.gather(*self._tasks)
        await self._sip.stop()
        self.call_log.close()

    def _take(self, sip: InboundCall) -> PracticeCall:
        behaviour = behaviour_of(sip.number, seed=self._seed)
        self.call_log.invite(
            sip.sip_call_id,
            number=behaviour.number,
            caller=sip.caller,
            kind=behaviour.kind.value,
        )
        log.info("call taken", extra={"number": behaviour.number, "kind": behaviour.kind.value})
        call = PracticeCall(sip, behaviour, self._studio, on_over=self._forget)
        self._calls.add(call)
        self._run(call.begin())
        return call

    def _call_back(self, missed: Missed) -> None:
        call = PracticeCallback(missed, self._studio, on_over=self._forget)
        self._calls.add(call)
        log.info("calling back", extra={"number": missed.behaviour.number})
        self._run(call.begin(self._sip.place))

    def _forget(self, call: PracticeCall | PracticeCallback) -> None:
        self._calls.discard(call)
        if isinstance(call, PracticeCall):
            self._consider_callback(call)
        log.info("call over", extra={"live_calls": self.call_log.live_calls})
        self._run(call.close())

    def _consider_callback(self, call: PracticeCall) -> None:
        """A customer who missed our call may want to know who it was."""
        back_s = call.behaviour.back_s
        if back_s is None or not call.missed or not call.sip.caller:
            return
        missed = Missed(call.behaviour, call.sip.caller, call.sip.source)

        def now() -> None:
            self._later.discard(timer)
            self._call_back(missed)

        timer = asyncio.get_running_loop().call_later(back_s, now)
        self._later.add(timer)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
