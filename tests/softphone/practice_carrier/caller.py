"""A caller for tests: places real calls through the trunk, hears what comes and can hum or fall
silent."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from softphone.audio.g711 import FRAME_SAMPLES, decode, silence
from softphone.audio.ticker import Ticker
from softphone.audio.tones import level_dbfs, tone_dbfs
from softphone.practice_carrier.server import PracticeCarrier
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.outbound import OutboundCall, OutboundInvite
from softphone.sip.messages.sdp import offer_audio, read_audio
from softphone.sip.trunk.settings import TrunkSettings
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.webrtc_client import hum_frames
from tests.waiting import PATIENCE_S

CALLER_ID = "+81312345678"


class Caller:
    """One call from the caller's side; also its SIP listener."""

    def __init__(self, ticker: Ticker, session: RtpSession) -> None:
        self.session = session
        self.rings: list[int] = []
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()
        self.ending: SipEnding | None = None
        self.call: OutboundCall | None = None
        self.payloads: list[bytes] = []
        self.holds: list[bool] = []
        self._ticker = ticker
        self._hz: int | None = None
        session.sink = lambda payload, timestamp: self.payloads.append(payload)

    # OutboundListener

    def on_ringing(self, code: int, sdp: str | None) -> None:
        self.rings.append(code)
        if sdp:
            self._connect(sdp)

    def on_answer(self, sdp: str) -> None:
        self._connect(sdp)
        self._ticker.add(self._speak)
        self.answered.set()

    def on_media(self, sdp: str) -> None:
        self.holds.append(read_audio(sdp).on_hold)
        self._connect(sdp)

    def on_end(self, ending: SipEnding) -> None:
        self._ticker.remove(self._speak)
        self.ending = ending
        self.ended.set()

    # what a test does

    def hum(self, hz: int | None) -> None:
        """Send a tone, or digital silence."""
        self._hz = hz

    def hang_up(self) -> None:
        assert self.call is not None
        self.call.hang_up("test")

    def forget(self) -> None:
        self.payloads.clear()

    @property
    def heard(self) -> np.ndarray:
        """All samples since the start, or since `forget`."""
        return decode(b"".join(self.payloads), self.session.codec)

    def heard_dbfs(self, hz: float) -> float:
        return tone_dbfs(self.heard[-1600:], hz)

    def levels(self) -> list[float]:
        """Of each frame heard, in dBFS."""
        return [level_dbfs(decode(payload, self.session.codec)) for payload in self.payloads]

    def voiced_s(self) -> float:
        return sum(level > -42 for level in self.levels()) * 0.02

    def _connect(self, sdp: str) -> None:
        remote = read_audio(sdp)
        self.session.connect(
            (remote.host, remote.port),
            remote.codec,
            dtmf_payload_type=remote.dtmf_payload_type,
        )

    def _speak(self, tick: int) -> None:
        codec = self.session.codec
        frames = hum_frames(self._hz, codec) if self._hz else (silence(codec),)
        self.session.send(
            frames[tick % len(frames)],
            source=self,
            timestamp=tick * FRAME_SAMPLES & 0xFFFFFFFF,
        )


class Exchange:
    """A carrier and a trunk towards it. `dial` places a call."""

    def __init__(self, carrier: PracticeCarrier, trunk: Trunk) -> None:
        self.carrier = carrier
        self.trunk = trunk
        self.ticker = Ticker()
        self._ports = PortPool()
        self._callers: list[Caller] = []
        self._numbers = itertools.count(1)

    async def dial(self, number: str, *, codecs: tuple[str, ...] = ("PCMU", "PCMA")) -> Caller:
        session = await RtpSession.open(self._ports, "127.0.0.1")
        caller = Caller(self.ticker, session)
        self._callers.append(caller)
        host, port = session.address
        sdp = offer_audio(host=host, port=port, codecs=codecs, session_id=port)
        invite = OutboundInvite(
            call_id=str(next(self._numbers)),
            number=number,
            caller_id=CALLER_ID,
            sdp=sdp,
            ring_limit_s=60,
        )
        caller.call = self.trunk.place(invite, caller)
        return caller

    async def answered(self, number: str, *, codecs: tuple[str, ...] = ("PCMU", "PCMA")) -> Caller:
        """Dial and wait for the answer."""
        caller = await self.dial(number, codecs=codecs)
        async with asyncio.timeout(PATIENCE_S):
            await caller.answered.wait()
        return caller

    async def close(self) -> None:
        for caller in self._callers:
            await caller.session.close()


@asynccontextmanager
async def exchange(
    directory: Path, *, carrier: PracticeCarrier | None = None, port: int = 0
) -> AsyncIterator[Exchange]:
    """A carrier on a free port (or one in another process at `port`) and a trunk towards it."""
    own = carrier or PracticeCarrier()
    if not port:
        await own.start()
    trunk = Trunk(
        TrunkSettings(
            trunk_id="practice",
            host="127.0.0.1",
            port=port or own.address[1],
            domain="127.0.0.1",
            caller_id=CALLER_ID,
            lines=200,
            calls_per_second=200,
        ),
        DialogJournal(directory / "dialogs.journal"),
    )
    await trunk.start()
    made = Exchange(own, trunk)
    try:
        yield made
    finally:
        await trunk.stop()
        await made.close()
        if not port:
            await own.stop()
