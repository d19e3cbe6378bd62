"""A telephone for tests that calls a gateway, as a customer's call comes in from the carrier."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softphone.audio.ticker import Ticker
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.outbound import OutboundInvite
from softphone.sip.messages.sdp import offer_audio
from softphone.sip.trunk.settings import TrunkSettings
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.practice_carrier.caller import Caller
from tests.waiting import PATIENCE_S


class Telephone:
    """Calls whatever number it likes at one gateway; the listener of each call is a `Caller`."""

    def __init__(self, trunk: Trunk) -> None:
        self.trunk = trunk
        self._ticker = Ticker()
        self._ports = PortPool()
        self._calls: list[Caller] = []
        self._numbers = itertools.count(1)

    async def call(
        self, called: str, *, number: str, hz: int | None = None, sdp: str | None = None
    ) -> Caller:
        """Call from `number` ("" withholds it); hum from the answer on."""
        session = await RtpSession.open(self._ports, "127.0.0.1")
        caller = Caller(self._ticker, session)
        caller.hum(hz)
        self._calls.append(caller)
        host, port = session.address
        offer = offer_audio(host=host, port=port, session_id=port) if sdp is None else sdp
        invite = OutboundInvite(
            call_id=str(next(self._numbers)),
            number=called,
            caller_id=number,
            sdp=offer,
            ring_limit_s=60,
        )
        caller.call = self.trunk.place(invite, caller)
        return caller

    async def close(self) -> None:
        for caller in self._calls:
            await caller.session.close()


@asynccontextmanager
async def telephone(folder: Path, gateway: tuple[str, int]) -> AsyncIterator[Telephone]:
    """A telephone that reaches a gateway at its SIP address."""
    settings = TrunkSettings(
        trunk_id="telephone",
        host=gateway[0],
        port=gateway[1],
        domain="customer.test",
        caller_id="",
        lines=200,
        calls_per_second=200,
    )
    trunk = Trunk(settings, DialogJournal(folder / "telephone.journal"))
    await trunk.start()
    made = Telephone(trunk)
    try:
        yield made
    finally:
        await trunk.stop(within_s=1.0)
        await made.close()


async def in_time(event: asyncio.Event) -> None:
    """Wait for what a telephone reports."""
    async with asyncio.timeout(PATIENCE_S):
        await event.wait()
