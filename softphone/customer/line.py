"""The customer's side of a call: RTP, the silence under it, the prompts, and the screening's ear.

It is the leg that the bridge joins to a seat. While screening runs, arriving audio passes through
here; once it is over the bridge's function receives the packets directly.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from softphone.audio.g711 import Codec
from softphone.audio.prompts import Sound, Sounds
from softphone.audio.ticker import Ticker
from softphone.background import Background
from softphone.bridge import Bridge
from softphone.customer.audio_terms import AudioForm, AudioTerms
from softphone.customer.early_media import EarlyEar, Ears
from softphone.customer.greeting import KEPT_FRAMES, voiced
from softphone.customer.left_message import LeftMessage, OnLeft
from softphone.customer.question import Question
from softphone.customer.screener import Screener
from softphone.protocol import Prompt
from softphone.rtp.digits import OnDigit
from softphone.rtp.leg import AudioSink, Leg, Tap, TrunkMedia
from softphone.rtp.player import Player, SilenceFill
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from softphone.sip.messages.sdp import RemoteAudio, SdpError
from softphone.talk.asking import Asked, OnAnswer, OnKey
from softphone.talk.call_ports import Finding


@dataclass(frozen=True)
class MediaRoom:
    """What all customers' lines share."""

    ports: PortPool
    ticker: Ticker
    sounds: Sounds
    background: Background
    ears: Ears = field(default_factory=Ears)
    approved: Callable[[str], Sound | None] = lambda recording: None  # by SHA-256

    def sound(self, prompt: Prompt, recording: str) -> Sound:
        """The recording behind a name of the wire; `recording` is the campaign's own."""
        own = self.approved(recording) if prompt is Prompt.SAFE_HARBOUR else None
        sound: Sound = own or getattr(self.sounds, prompt.value)
        return sound


class CustomerLine:
    """A `Leg`, and what `Call` needs beside it. `offer_sdp` is what the INVITE carries."""

    def __init__(
        self,
        session: RtpSession,
        room: MediaRoom,
        form: AudioForm,
        forms: Mapping[str, AudioForm],
    ) -> None:
        self._terms = AudioTerms(session.address, form)
        self.offer_sdp = self._terms.offer()
        self._forms = forms
        self._session = session
        self._room = room
        self._sink: AudioSink | None = None
        self._screener: Screener | None = None
        self._player: Player | None = None
        self._message: LeftMessage | None = None
        self._question: Question | None = None
        self._tap: Tap | None = None
        self._early: EarlyEar | None = None
        # What the customer has said since the answer, until somebody is there to hear it.
        self._kept: deque[bytes] = deque(maxlen=KEPT_FRAMES)
        self._answered = self._keeping = False
        self.on_hold = self._held_back = False
        # `Leg` asks for attributes one can set; here they mirror the session's.
        self._leg = cast(Leg, self)
        self._fill = SilenceFill(room.ticker, self._leg)

    @classmethod
    async def open(
        cls,
        room: MediaRoom,
        *,
        host: str,
        form: AudioForm,
        forms: Mapping[str, AudioForm] = MappingProxyType({}),
    ) -> CustomerLine:
        """Bind an RTP port on `host`. Raises `PortsUsedUp` or `OSError`.

        `forms`: how each trunk wants the line described, should the call go out on another one.
        """
        return cls(await RtpSession.open(room.ports, host), room, form, forms)

    def offer_for(self, trunk_id: str) -> str:
        """Our audio described anew, for another trunk; answers count for this one from now on."""
        self._terms = AudioTerms(self._session.address, self._forms[trunk_id])
        self.offer_sdp = self._terms.offer()
        return self.offer_sdp

    def answer(self, offer: str) -> str:
        """Our description for a call that came in. Raises `SdpError`."""
        return self._terms.answer(offer)

    # --- Leg --------------------------------------------------------------------------------

    @property
    def codec(self) -> Codec:
        return self._session.codec

    @property
    def last_packet_at(self) -> float:
        return self._session.last_packet_at

    @property
    def last_sent_at(self) -> float:
        return self._session.last_sent_at

    @property
    def unanswered_s(self) -> float:
        return self._session.unanswered_s

    @property
    def sink(self) -> AudioSink | None:
        return self._sink

    @sink.setter
    def sink(self, sink: AudioSink | None) -> None:
        self._sink = sink
        self._route()

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        """See `Leg.send`."""
        session, tap = self._session, self._tap
        if tap is None:
            session.send(payload, source=source, timestamp=timestamp)
            return
        before = session.packets_sent
        session.send(payload, source=source, timestamp=timestamp)
        if session.packets_sent != before:
            tap.sent(payload, session.codec)

    @property
    def tap(self) -> Tap | None:
        """Who overhears both directions."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self._tap = tap
        self._route()

    @property
    def leg(self) -> Leg:
        """Itself, as a bridge sees it."""
        return self._leg

    # --- CustomerAudio ----------------------------------------------------------------------

    def connect(self, sdp: str) -> None:
        """Send to the address and codec of the answer, or of a re-INVITE. Raises `SdpError`."""
        audio = self._terms.read(sdp)
        self.on_hold = audio.on_hold
        self._attach(audio)
        self._session.hold(audio.on_hold or self._held_back)
        if not self._answered:
            self._answered = self._keeping = True
            self._listen_no_more()
            self._route()
        self._fill.start()

    def hold_back(self, on: bool) -> None:
        """On: send nothing to the address described, whatever is played."""
        self._held_back = on
        self._session.hold(on or self.on_hold)

    def hear_early(self, sdp: str, on_evidence: Callable[[str], None]) -> None:
        """Listen to what comes before an answer; nothing is sent, and nobody else hears it.

        A description that cannot be used is ignored: the answer will bring another.
        """
        if self._early is not None:
            return
        with contextlib.suppress(SdpError):
            self._attach(self._terms.read(sdp))
            self._early = self._room.ears.lend(asyncio.get_running_loop().time, on_evidence)
            self._route()

    def _listen_no_more(self) -> None:
        if self._early is not None:
            self._early.close()

    def greeting(self) -> Sound | None:
        """How the customer answered, kept until the bridge; None when nothing was said."""
        return voiced(self._kept, self.codec)

    def _attach(self, audio: RemoteAudio) -> None:
        if audio.host != "0.0.0.0":  # an old way of saying "hold": no address to send to
            self._session.connect(
                (audio.host, audio.port),
                audio.codec,
                dtmf_payload_type=audio.dtmf_payload_type,
                rtcp_port=audio.rtcp_port,
                secure=self._terms.secure(audio),
            )

    def screen(
        self, *, on_voice: Callable[[], None], on_finding: Callable[[Finding], None]
    ) -> None:
        """Listen until it is known what answered."""

        def found(finding: Finding) -> None:
            self._route()
            on_finding(finding)

        now = asyncio.get_running_loop().time
        self._screener = Screener(self._room.ticker, now, on_voice=on_voice, on_finding=found)
        self._screener.start()
        self._route()

    def join(self, seat: Leg) -> Bridge:
        """A bridge of this line and a seat's leg, not yet connected."""
        self._keeping = False
        self._kept.clear()
        self._route()
        self._session.attend()
        return Bridge(self._leg, seat, self._room.ticker, sounds=self._room.sounds)

    @property
    def media(self) -> TrunkMedia:
        """What is measured of the customer's side."""
        return self._session

    @property
    def on_digit(self) -> OnDigit | None:
        """Who is told of the customer's keys."""
        return self._session.on_digit

    @on_digit.setter
    def on_digit(self, on_digit: OnDigit | None) -> None:
        self._session.on_digit = on_digit

    def press(self, digits: str) -> None:
        """Send keys to the customer."""
        self._session.press(digits)

    def play(self, prompt: Prompt, *, on_done: Callable[[], None], recording: str = "") -> str:
        """Play a recording to the customer from its beginning; the SHA-256 of its file."""
        sound = self._room.sound(prompt, recording)
        self.say(sound, on_done=on_done)
        return sound.sha256

    def say(self, sound: Sound, *, on_done: Callable[[], None]) -> None:
        """Play this to the customer from its beginning."""
        self._stop_playing()
        frames = sound.frames(self.codec)
        self._player = Player(self._room.ticker, frames, self._leg, on_done=on_done)
        self._player.start()

    def ask(self, asked: Asked, on_answer: OnAnswer) -> OnKey:
        """Ask the customer something; what is returned is to be told each key. `on_answer` is told
        when the line is closed meanwhile, too."""
        self._stop_playing()
        now = asyncio.get_running_loop().time
        self._question = Question(
            asked, self._leg, ticker=self._room.ticker, now=now, on_answer=on_answer
        )
        self._question.start()
        return self._question.press

    def play_music(self) -> None:
        """Play hold music to the customer until something else is played."""
        self._stop_playing()
        frames = self._room.sounds.hold_music.frames(self.codec)
        self._player = Player(self._room.ticker, frames, self._leg, loop=True)
        self._player.start()

    def leave(self, sound: Sound, on_left: OnLeft) -> None:
        """Leave a message on the machine at the other end; `on_left` is told when the line is
        closed meanwhile, too."""
        self._stop_playing()
        now = asyncio.get_running_loop().time
        self._message = LeftMessage(
            sound, self._leg, ticker=self._room.ticker, now=now, on_left=on_left
        )
        self._message.start()
        self._route()

    def hush(self) -> None:
        """Play nothing any more."""
        self._stop_playing()

    def close(self) -> None:
        """Fall silent and give the port back. Closing twice is harmless."""
        self._stop_playing()
        for each in (self._message, self._question):
            if each is not None:
                each.stop()
        self._fill.stop()
        self._listen_no_more()
        if self._screener is not None:
            self._screener.stop()
        self._sink = self.tap = None
        self._room.background.spawn(self._session.close())

    def _stop_playing(self) -> None:
        if self._player is not None:
            self._player.stop()
            self._player = None

    def _route(self) -> None:
        listening = self._screener is not None and not self._screener.over
        hearing = self._keeping or self._tap is not None or self._message is not None
        overheard = listening or hearing
        if self._early is not None and not self._answered:
            self._session.sink = self._hear_early
        else:
            self._session.sink = self._overhear if overheard else self._sink

    def _hear_early(self, payload: bytes, timestamp: int) -> None:
        if self._early is not None:
            self._early.hear(payload, self.codec)

    def _overhear(self, payload: bytes, timestamp: int) -> None:
        if self._keeping:
            self._kept.append(payload)
        if self._tap is not None:
            self._tap.heard(payload, self._session.codec)
        if self._screener is not None:
            self._screener.hear(payload, self.codec)
        if self._message is not None:
            self._message.hear(payload, self.codec)
        if self._sink is not None:
            self._sink(payload, timestamp)
