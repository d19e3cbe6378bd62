"""Legs and audio without sockets: what was joined, played and sent is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from softphone.audio.g711 import Codec
from softphone.audio.prompts import Sound
from softphone.protocol import PartyMode, Prompt, SupervisionMode, Verdict
from softphone.rtp.digits import OnDigit
from softphone.rtp.leg import AudioSink, Leg, Reports, Tap
from softphone.rtp.rtcp import HeardQuality
from softphone.rtp.stream import ReceptionReport
from softphone.talk.asking import Answer, Asked, OnAnswer, OnKey
from softphone.talk.call_ports import Finding


class FakeSeatLeg:
    """A browser's leg; the test says when it connects, speaks and disappears."""

    def __init__(self, *, answer_sdp: str = "answer") -> None:
        self.codec: Codec = "PCMU"
        self.sink: AudioSink | None = None
        self.answer_sdp = answer_sdp
        self.last_packet_at = 0.0
        self.last_sent_at = 0.0
        self.sent: list[bytes] = []
        self.on_lost: Callable[[str], None] | None = None
        self.state: Literal["connecting", "connected", "closed"] = "connecting"
        self.connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.consent_age_s = 0.5
        self.unanswered_s = 0.0
        self.level_dbfs = -30.0
        self.noise_dbfs = -96.0
        self.received = ReceptionReport(received=0, lost=0, highest_sequence=0, jitter_ms=0.0)
        self.heard: HeardQuality | None = None

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        self.sent.append(payload)

    async def close(self) -> None:
        self.state = "closed"
        if not self.connected.done():
            self.connected.set_exception(ConnectionError("the leg was closed"))
            self.connected.exception()

    async def connect(self) -> None:
        """The browser has connected, and whoever waited for it has been told."""
        self.state = "connected"
        self.connected.set_result(None)
        for _ in range(3):
            await asyncio.sleep(0)

    def lose(self, reason: str = "closed") -> None:
        self.state = "closed"
        if self.on_lost is not None:
            self.on_lost(reason)


class FakeJoint:
    """A bridge: keeps a list of what was done to it."""

    def __init__(self, seat: Leg) -> None:
        self.seat = seat
        self.on_audible: Callable[[], None] | None = None
        self.done: list[str] = []
        self.customer_silence_s = 0.0

    def connect(self, *, zip_tone: bool = True, greeting: Sound | None = None) -> None:
        played = [*(["zip tone"] if zip_tone else []), *(["greeting"] if greeting else [])]
        self.done.append(" with ".join(["connect", *([" and ".join(played)] if played else [])]))

    def await_audible(self) -> None:
        self.done.append("await audible")

    def hold(self, on: bool) -> None:
        self.done.append(f"hold {on}")

    def far_hold(self, on: bool) -> None:
        self.done.append(f"far hold {on}")

    def mute(self, on: bool, *, who: str = "seat") -> None:
        self.done.append(f"mute {on}" if who == "seat" else f"mute {who} {on}")

    def drop_seat(self) -> None:
        self.done.append("drop seat")

    def set_party(self, mode: PartyMode | None, leg: Leg | None = None) -> None:
        self.done.append(f"party {mode}" + (" with leg" if leg is not None else ""))

    def indicate_ringing(self, on: bool) -> None:
        self.done.append(f"ringing {on}")

    def supervise(self, seat_id: str, mode: SupervisionMode, leg: Leg) -> None:
        self.done.append(f"{seat_id} {mode}")

    def announce(self) -> None:
        self.done.append("announced")

    def stop_supervising(self, seat_id: str) -> None:
        self.done.append(f"{seat_id} out")

    def customer_silent_s(self) -> float:
        return self.customer_silence_s

    def seat_lost(self) -> None:
        self.done.append("seat lost")

    def replace_seat(self, new_leg: Leg) -> None:
        self.done.append("same seat" if new_leg is self.seat else "new seat")
        self.seat = new_leg

    def media_changed(self) -> None:
        self.done.append("media changed")

    def separate(self) -> None:
        self.done.append("separate")

    def become_audible(self) -> None:
        assert self.on_audible is not None
        self.on_audible()


class FakeTrunkMedia:
    """What is measured of a customer's leg, as the test says."""

    def __init__(self) -> None:
        self.received = ReceptionReport(received=0, lost=0, highest_sequence=0, jitter_ms=0.0)
        self.heard: Reports | None = None
        self.noise_dbfs = -96.0


class FakeCustomerAudio:
    """A customer's leg; the test says what is heard on it."""

    def __init__(self, *, answer_offer: Callable[[str], str] = lambda offer: "answer") -> None:
        self.offer_sdp = "offer"
        self.answer = answer_offer
        self.music = False
        self.codec: Codec = "PCMU"
        self.tap: Tap | None = None
        self.on_hold = self.held_back = False
        self.kept: Sound | None = None
        self.on_evidence: Callable[[str], None] | None = None
        self.connected_to: list[str] = []
        self.joints: list[FakeJoint] = []
        self.played: list[Prompt] = []
        self.pressed: list[str] = []
        self.on_digit: OnDigit | None = None
        self.media = FakeTrunkMedia()
        self.closed = False
        self.on_voice: Callable[[], None] | None = None
        self.on_finding: Callable[[Finding], None] | None = None
        self._on_done: Callable[[], None] | None = None
        self.left: Sound | None = None
        self._on_left: Callable[[int, bool], None] | None = None
        self.asked: Asked | None = None
        self._on_answer: OnAnswer | None = None
        self.keys: list[str] = []
        self.spoken: list[Sound] = []

    def offer_for(self, trunk_id: str) -> str:
        return f"offer for {trunk_id}"

    @property
    def leg(self) -> Leg:
        return FakeSeatLeg()

    def hear_early(self, sdp: str, on_evidence: Callable[[str], None]) -> None:
        self.on_evidence = on_evidence

    def greeting(self) -> Sound | None:
        return self.kept

    def connect(self, sdp: str) -> None:
        self.connected_to.append(sdp)
        self.on_hold = "sendonly" in sdp or "inactive" in sdp

    def screen(
        self, *, on_voice: Callable[[], None], on_finding: Callable[[Finding], None]
    ) -> None:
        self.on_voice, self.on_finding = on_voice, on_finding

    def join(self, seat: Leg) -> FakeJoint:
        self.joints.append(FakeJoint(seat))
        return self.joints[-1]

    def press(self, digits: str) -> None:
        self.pressed.append(digits)

    def play(self, prompt: Prompt, *, on_done: Callable[[], None], recording: str = "") -> str:
        self.played.append(prompt)
        self._on_done = on_done
        return recording

    def leave(self, sound: Sound, on_left: Callable[[int, bool], None]) -> None:
        self.left, self._on_left = sound, on_left

    def said(self, played_ms: int, *, whole: bool) -> None:
        """The message is over."""
        on_left, self._on_left = self._on_left, None
        assert on_left is not None
        on_left(played_ms, whole)

    def ask(self, asked: Asked, on_answer: OnAnswer) -> OnKey:
        self.asked, self._on_answer = asked, on_answer
        return self.keys.append

    def answer_with(self, answer: Answer) -> None:
        """What the question came to."""
        on_answer, self._on_answer = self._on_answer, None
        assert on_answer is not None
        on_answer(answer)

    def say(self, sound: Sound, *, on_done: Callable[[], None]) -> None:
        self.spoken.append(sound)
        self._on_done = on_done

    def play_music(self) -> None:
        self.music = True

    def hush(self) -> None:
        self.music = False

    def hold_back(self, on: bool) -> None:
        self.held_back = on

    def close(self) -> None:
        self.closed = True
        self._on_done = None
        if self._on_left is not None:
            self.said(0, whole=False)
        if self._on_answer is not None:
            self.answer_with(Answer("", "hung_up", 1))

    def hear_voice(self) -> None:
        assert self.on_voice is not None
        self.on_voice()

    def find(self, verdict: Verdict, greeting_end_ms: int | None = None) -> None:
        assert self.on_finding is not None
        self.on_finding(Finding(verdict, greeting_end_ms, "by order"))

    def finish_prompt(self) -> None:
        assert self._on_done is not None
        self._on_done()
