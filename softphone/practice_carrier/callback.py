"""A customer who missed our call and calls back: the practice carrier as the one who calls.

The number that was shown is called, at the address the missed call came from, as a carrier would
route it. From our answer on the customer's script is carried out like that of any other call.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from softphone.practice_carrier.call import Studio
from softphone.practice_carrier.customers import HangUp, Repeat, Say, Step, callback_of
from softphone.practice_carrier.hearing import power_of
from softphone.practice_carrier.number_plan import Behaviour
from softphone.practice_carrier.performance import Performance
from softphone.practice_carrier.speaker import Speaker
from softphone.practice_carrier.tape import Tape
from softphone.practice_carrier.voices import NOISE
from softphone.rtp.session import RtpSession
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.outbound import OutboundCall, OutboundInvite, OutboundListener
from softphone.sip.messages.invite import InviteForm
from softphone.sip.messages.sdp import SdpError, offer_audio, read_audio
from softphone.sip.transport.transactions import Address

log = logging.getLogger(__name__)

PATIENCE_S = 60.0  # of ringing

Place = Callable[[OutboundInvite, InviteForm, OutboundListener], OutboundCall]


@dataclass(frozen=True)
class Missed:
    """A call nobody took: who was called, what number was shown, and where it came from."""

    behaviour: Behaviour
    shown: str
    source: Address


class PracticeCallback:
    """One call back. `on_over(self)` comes once, when nothing is left to do."""

    def __init__(
        self, missed: Missed, studio: Studio, *, on_over: Callable[[PracticeCallback], None]
    ) -> None:
        self._missed, self._studio, self._on_over = missed, studio, on_over
        self._loop = asyncio.get_running_loop()
        self._performance = Performance(
            callback_of(missed.behaviour), sound_seconds=studio.repertoire.seconds
        )
        self._sip: OutboundCall | None = None
        self._session: RtpSession | None = None
        self._speaker: Speaker | None = None
        self._tape: Tape | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    async def begin(self, place: Place) -> None:
        """Open the audio and call. Raises OSError when no port is left."""
        session = await RtpSession.open(self._studio.ports, self._studio.host)
        self._session = session
        host, port = session.address
        number = self._missed.behaviour.number
        invite = OutboundInvite(
            call_id=secrets.token_hex(8),
            number=self._missed.shown,
            caller_id=number,
            sdp=offer_audio(host=host, port=port, session_id=port),
            ring_limit_s=PATIENCE_S,
        )
        own = f"sip:{number}@{self._studio.host}"
        gateway_host, gateway_port = self._missed.source
        form = InviteForm(
            trunk_id="practice",
            uri=f"sip:{self._missed.shown}@{gateway_host}:{gateway_port}",
            from_uri=own,
            address=self._missed.source,
            session_expires_s=0,
            headers={"p-asserted-identity": f"<{own}>"},
        )
        self._sip = place(invite, form, self)
        self._studio.call_log.invite(
            self._sip.sip_call_id, number=self._missed.shown, caller=number, kind="callback"
        )
        self._sip.start()

    def stop(self) -> None:
        """The carrier shuts down."""
        if self._sip is not None:
            self._sip.hang_up("carrier stopped")

    # -- what the called side does (OutboundListener) -----------------------------------------

    def on_ringing(self, code: int, sdp: str | None) -> None:
        if self._sip is not None:
            self._studio.call_log.ringing(self._sip.sip_call_id, code=code)

    def on_answer(self, sdp: str) -> None:
        assert self._session is not None and self._sip is not None, "it was placed with its audio"
        self._studio.call_log.answer(self._sip.sip_call_id)
        self.on_media(sdp)
        noise = self._studio.repertoire.sound(NOISE).frames(self._session.codec)
        offset = self._missed.behaviour.draw
        self._speaker = Speaker(self._studio.ticker, self._session, noise, offset=offset)
        self._speaker.start()
        if self._studio.record_dir is not None:
            self._tape = Tape(self._tape_path(self._studio.record_dir), self._session.codec)
        self._session.sink = self._hear
        self._carry_out(self._performance.start(self._loop.time()))

    def on_media(self, sdp: str) -> None:
        assert self._session is not None, "it was placed with its audio"
        try:
            remote = read_audio(sdp)
        except SdpError:
            log.info("a description without usable audio changes nothing")
            return
        self._session.connect(
            (remote.host, remote.port), remote.codec, dtmf_payload_type=remote.dtmf_payload_type
        )

    def on_end(self, ending: SipEnding) -> None:
        if self._over or self._sip is None:
            return
        self._over = True
        self._performance.end()
        if self._timer is not None:
            self._timer.cancel()
        if self._speaker is not None:
            self._speaker.stop()
        if self._tape is not None:
            self._tape.save()
        by = "customer" if ending.by in ("local", "timeout") else "caller"
        self._studio.call_log.end(self._sip.sip_call_id, by=by, code=ending.code)
        self._on_over(self)

    async def close(self) -> None:
        """Give the audio port back, after the end."""
        if self._session is not None:
            await self._session.close()

    # -- the script ------------------------------------------------------------------------------

    def _carry_out(self, steps: list[Step]) -> None:
        for step in steps:
            if self._over:
                return
            self._do(step)
        if not self._over:
            self._come_back()

    def _do(self, step: Step) -> None:
        match step:
            case Say(sound) | Repeat(sound):
                self._play(sound, repeat=isinstance(step, Repeat))
            case HangUp():
                assert self._sip is not None, "it was placed"
                self._sip.hang_up("said good-bye")

    def _play(self, name: str, *, repeat: bool) -> None:
        if self._speaker is not None and self._session is not None:
            frames = self._studio.repertoire.sound(name).frames(self._session.codec)
            self._speaker.play(frames, repeat=repeat)

    def _come_back(self) -> None:
        """Arm the timer for the performance's next instant."""
        if self._timer is not None:
            self._timer.cancel()
        wake_at = self._performance.wake_at
        self._timer = None if wake_at is None else self._loop.call_at(wake_at, self._advance)

    def _advance(self) -> None:
        self._carry_out(self._performance.advance(self._loop.time()))

    def _hear(self, payload: bytes, timestamp: int) -> None:
        assert self._session is not None, "it was placed with its audio"
        if self._tape is not None:
            self._tape.hear(payload, timestamp)
        if self._performance.listening:
            power = power_of(payload, self._session.codec)
            steps = self._performance.hear(power, self._loop.time())
            if steps:
                self._carry_out(steps)

    def _tape_path(self, directory: Path) -> Path:
        assert self._sip is not None, "it was placed"
        call = "".join(c if c.isalnum() else "-" for c in self._sip.sip_call_id)[:40]
        return directory / f"{self._missed.behaviour.number}-{call}.wav"
