"""A running gateway: what is started, in which order it is stopped, how it finishes its calls."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass

from softphone.background import Background
from softphone.health import collector
from softphone.health.admission import Admission
from softphone.health.ladder_file import LadderFile
from softphone.link.desk_link import DeskLink
from softphone.recording.recorder import Recorder
from softphone.relay.relays import Relays
from softphone.routing.trunks import Trunks
from softphone.seats import Seats
from softphone.server import Gateway
from softphone.sip.calls.journal import DialogJournal
from softphone.switchboard.call_register import CallRegister
from softphone.switchboard.inbound_calls import InboundCalls

log = logging.getLogger(__name__)

DRAIN_LOOK_S = 0.1


@dataclass
class Process:
    """The parts of a running gateway that are started and stopped."""

    gateway: Gateway
    link: DeskLink
    calls: CallRegister
    inbound: InboundCalls
    seats: Seats
    trunks: Trunks
    journal: DialogJournal
    background: Background
    relays: Relays
    admission: Admission
    recorder: Recorder
    ladder_file: LadderFile
    open_relay_socket: Callable[[], socket.socket | None]
    drain_s: float

    async def run(self, stop: asyncio.Event, *, drain: asyncio.Event) -> None:
        """Work until told to go: `stop` ends every call and leaves within two seconds, `drain`
        lets those that live finish first, for at most `drain_s`."""
        self.recorder.start()
        self.ladder_file.start()
        await self._start_relays()
        await self.trunks.start()
        tasks = [
            asyncio.create_task(self.link.run()),
            asyncio.create_task(self.gateway.loop_lag.watch()),
            asyncio.create_task(collector.keep_giving_back()),
        ]
        await self._work(stop, drain)
        log.info("stopping", extra={"count": len(self.calls)})
        await self.inbound.stop(within_s=0.1)
        await self.calls.stop(within_s=0.2)
        await self.trunks.stop(within_s=0.6)
        self.relays.stop()
        await self.recorder.stop(within_s=0.3)
        self.ladder_file.stop(within_s=0.2)
        await self.link.flush(within_s=0.3)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=0.3)
        await self.seats.stop(within_s=0.3)
        await self.background.stop(within_s=0.1)
        self.journal.close()

    async def _start_relays(self) -> None:
        try:
            bound = self.open_relay_socket()
            if bound is not None:
                await self.relays.start(bound)
        except OSError as fault:
            log.error("no relay to other gateways", extra={"reason": str(fault)})

    async def _work(self, stop: asyncio.Event, drain: asyncio.Event) -> None:
        """Until it is time to go; once `drain` is set, as soon as no call is left."""
        waits = [asyncio.create_task(event.wait()) for event in (stop, drain)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if stop.is_set():
            return
        log.info("draining", extra={"count": len(self.calls)})
        self.admission.draining = True
        self.link.send_liveness_now()
        loop = asyncio.get_running_loop()
        until = loop.time() + self.drain_s
        while len(self.calls) + len(self.relays) > 0 and loop.time() < until:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), DRAIN_LOOK_S)
                return
