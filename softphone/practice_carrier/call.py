"""One call at the practice carrier: a customer's script carried out on SIP and RTP.

The performance says what begins and when to come back; this side answers, plays and listens. Audio
is decoded only while somebody listens, so a hundred calls cost little more than their packets.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from softphone.audio.g711 import Codec
from softphone.audio.ticker import Ticker
from softphone.practice_carrier.call_log import CallLog
from softphone.practice_carrier.customers import (
    Announce,
    Answer,
    Echo,
    HangUp,
    Hold,
    Press,
    Refuse,
    Repeat,
    Ring,
    Say,
    Step,
    asked_of,
    script_of,
)
from softphone.practice_carrier.hearing import ChimeEar, power_of
from softphone.practice_carrier.number_plan import HUMAN_KINDS, Behaviour, Kind
from softphone.practice_carrier.performance import Performance
from softphone.practice_carrier.speaker import Speaker
from softphone.practice_carrier.tape import Tape
from softphone.practice_carrier.voices import NOISE, Repertoire
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.inbound import InboundCall
from softphone.sip.messages.sdp import SdpError, answer_audio, offer_audio, read_audio

log = logging.getLogger(__name__)

SILENT_KINDS = frozenset(
    {Kind.NO_ANSWER, Kind.CALLS_BACK, Kind.BUSY, Kind.NOT_IN_USE, Kind.REJECTED, Kind.REFUSED}
)  # never send or receive audio
ISDN_CAUSES = {404: 1, 480: 19, 486: 17, 603: 21}  # Q.850, as carriers add in a Reason header
BAD_OFFER, OUT_OF_PORTS = 488, 503


@dataclass(frozen=True)
class Studio:
    """What all calls of a carrier share."""

    host: str
    ports: PortPool
    ticker: Ticker
    repertoire: Repertoire
    call_log: CallLog
    record_dir: Path | None = None


class PracticeCall:
    """Listens to one `InboundCall`. `on_over(self)` comes once, when nothing is left to do."""

    def __init__(
        self,
        sip: InboundCall,
        behaviour: Behaviour,
        studio: Studio,
        *,
        on_over: Callable[[PracticeCall], None],
    ) -> None:
        self.sip = sip
        self.behaviour = behaviour
        self._studio = studio
        self._on_over = on_over
        self._loop = asyncio.get_running_loop()
        self._performance = Performance(
            script_of(behaviour), sound_seconds=studio.repertoire.seconds
        )
        self._session: RtpSession | None = None
        self._speaker: Speaker | None = None
        self._tape: Tape | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._chime = ChimeEar() if behaviour.kind in HUMAN_KINDS else None
        self._echoing = self._over = False
        self.missed = False  # the caller gave up while it rang

    async def begin(self) -> None:
        """Open the audio a call of this kind needs, then start the script."""
        if self.behaviour.kind not in SILENT_KINDS:
            try:
                session = await RtpSession.open(self._studio.ports, self._studio.host)
            except OSError:
                log.warning("no port left for audio")
                self._refuse(OUT_OF_PORTS)
                return
            if self._over:  # the caller gave up meanwhile
                await session.close()
                return
            session.on_digit = self._hear_key
            self._session = session
        self._carry_out(self._performance.start(self._loop.time()))

    def stop(self) -> None:
        """The carrier shuts down: hang up or refuse, whatever fits."""
        self.sip.hang_up()
        self._end(by="carrier", code=None)

    # -- the script ------------------------------------------------------------------------------

    def _carry_out(self, steps: list[Step]) -> None:
        for step in steps:
            if self._over:
                return
            self._do(step)
        if not self._over:
            self._listen()
            self._come_back()

    def _do(self, step: Step) -> None:
        match step:
            case Ring():
                self.sip.ring()
                self._studio.call_log.ringing(self.sip.sip_call_id, code=180)
            case Announce():
                self._open_line(lambda sdp: self.sip.ring(183, sdp), media=True)
                if not self._over:
                    self._studio.call_log.ringing(self.sip.sip_call_id, code=183)
            case Answer(media):
                self._open_line(self.sip.answer, media=media)
                if not self._over:
                    self._studio.call_log.answer(self.sip.sip_call_id)
            case Refuse(code):
                self._refuse(code)
            case HangUp():
                self.sip.hang_up()
                self._end(by="customer", code=200)
            case _:
                self._do_in_talk(step)

    def _do_in_talk(self, step: Step) -> None:
        """What changes only what is heard."""
        match step:
            case Say(sound) | Repeat(sound):
                self._play(sound, repeat=isinstance(step, Repeat))
            case Echo():
                self._echoing = True
                self._quiet()
            case Hold(on):
                self.sip.turn("sendonly" if on else "sendrecv")
            case Press(keys):
                if self._session is not None:
                    self._session.press(keys)

    def _refuse(self, code: int) -> None:
        self.sip.reject(code, q850=ISDN_CAUSES.get(code))
        self._end(by="customer", code=code)

    def _open_line(self, respond: Callable[[str], None], *, media: bool) -> None:
        """Agree on audio, say so, and let it flow."""
        assert self._session is not None, "SILENT_KINDS neither announce nor answer"
        host, port = self._session.address
        if self.sip.offer:
            try:
                sdp = answer_audio(self.sip.offer, host=host, port=port, session_id=port)
            except SdpError:
                self._refuse(BAD_OFFER)
                return
            self._connect(self.sip.offer)
        else:  # ours is the offer, and the ACK brings the answer
            sdp = offer_audio(host=host, port=port, codecs=("PCMU",), session_id=port)
        if media:
            noise = self._studio.repertoire.sound(NOISE).frames(self._session.codec)
            self._speaker = Speaker(
                self._studio.ticker, self._session, noise, offset=self.behaviour.draw
            )
            self._speaker.start()
        if self._studio.record_dir is not None:
            self._tape = Tape(self._tape_path(self._studio.record_dir), self._session.codec)
        respond(sdp)

    def _connect(self, sdp: str) -> None:
        """Send to, and hear, the address of a description. Raises SdpError."""
        assert self._session is not None
        remote = read_audio(sdp)
        self._session.connect(
            (remote.host, remote.port), remote.codec, dtmf_payload_type=remote.dtmf_payload_type
        )

    def _tape_path(self, directory: Path) -> Path:
        call = re.sub(r"[^0-9A-Za-z]+", "-", self.sip.sip_call_id)[:40]
        return directory / f"{self.behaviour.number}-{call}.wav"

    def _play(self, name: str, *, repeat: bool) -> None:
        if self._speaker is not None and self._session is not None:
            frames = self._studio.repertoire.sound(name).frames(self._session.codec)
            self._speaker.play(frames, repeat=repeat)

    def _quiet(self) -> None:
        if self._speaker is not None:
            self._speaker.stop()

    # -- time and sound --------------------------------------------------------------------------

    def _come_back(self) -> None:
        """Arm the timer for the performance's next instant."""
        if self._timer is not None:
            self._timer.cancel()
        wake_at = self._performance.wake_at
        self._timer = None if wake_at is None else self._loop.call_at(wake_at, self._advance)

    def _advance(self) -> None:
        self._carry_out(self._performance.advance(self._loop.time()))

    def _listen(self) -> None:
        """Take what arrives only while somebody wants it."""
        if self._session is not None:
            wanted = self._echoing or self._tape is not None or self._performance.listening
            wanted = wanted or self._chime is not None
            self._session.sink = self._hear if wanted else None

    def _hear(self, payload: bytes, timestamp: int) -> None:
        assert self._session is not None
        codec: Codec = self._session.codec
        if self._tape is not None:
            self._tape.hear(payload, timestamp)
        if self._chime is not None and self._chime.hear(payload, codec):
            self._chime = None
            question = asked_of(self.behaviour)
            self._carry_out(self._performance.turn_to(question, self._loop.time()))
        elif self._echoing:
            self._session.send(payload, source=self, timestamp=timestamp)
        elif self._performance.listening:
            steps = self._performance.hear(power_of(payload, codec), self._loop.time())
            if steps:
                self._carry_out(steps)

    def _hear_key(self, key: str, _duration_ms: int, in_band: bool) -> None:
        self._studio.call_log.key(self.sip.sip_call_id, key=key, in_band=in_band)

    # -- what the caller does (InboundListener) --------------------------------------------------

    def on_cancelled(self) -> None:
        self.missed = True
        self._end(by="caller", code=487)

    def on_ack(self, sdp: str) -> None:
        if not self.sip.offer and sdp:
            self.on_media(sdp)

    def on_media(self, sdp: str) -> None:
        """The caller moved its audio, or answered our offer."""
        try:
            self._connect(sdp)
        except SdpError:
            log.info("a description without usable audio changes nothing")

    def on_bye(self, ending: SipEnding) -> None:
        self._end(by="caller" if ending.by == "remote" else "trunk", code=ending.code)

    def _end(self, *, by: str, code: int | None) -> None:
        if self._over:
            return
        self._over = True
        self._performance.end()
        if self._timer is not None:
            self._timer.cancel()
        self._quiet()
        if self._tape is not None:
            self._tape.save()
        self._studio.call_log.end(self.sip.sip_call_id, by=by, code=code)
        self._on_over(self)

    async def close(self) -> None:
        """Give the audio port back, after the end."""
        if self._session is not None:
            await self._session.close()
