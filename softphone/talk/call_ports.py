"""What a call needs from around it: the customer's audio, the SIP side, the operator's seat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from softphone.audio.g711 import Codec
from softphone.audio.prompts import Sound
from softphone.protocol import Prompt, Refusal, ScreeningMode, Verdict
from softphone.rtp.digits import OnDigit
from softphone.rtp.leg import Leg, Tap, TrunkMedia
from softphone.sip.calls.referral import ReferResult
from softphone.talk.asking import Asked, OnAnswer, OnKey
from softphone.talk.talks import Joint


@dataclass(frozen=True)
class Finding:
    """What screening found. `greeting_end_ms` since the answer."""

    verdict: Verdict
    greeting_end_ms: int | None
    evidence: str


class Terms(Protocol):
    """What a call does without asking: `PlaceCall` says it, or `inbound_calls.ArrivalTerms`."""

    @property
    def call_id(self) -> str: ...

    @property
    def trunk_id(self) -> str: ...

    @property
    def screening(self) -> ScreeningMode: ...

    @property
    def bridge_within_s(self) -> float: ...

    @property
    def if_not_bridged(self) -> Prompt: ...

    @property
    def recording(self) -> str: ...

    @property
    def record(self) -> bool: ...


class CustomerAudio(Protocol):
    """What a call needs of the customer's leg (`customer.line.CustomerLine`)."""

    tap: Tap | None

    @property
    def codec(self) -> Codec: ...

    on_digit: OnDigit | None

    @property
    def media(self) -> TrunkMedia: ...

    @property
    def leg(self) -> Leg: ...

    @property
    def on_hold(self) -> bool: ...

    def hear_early(self, sdp: str, on_evidence: Callable[[str], None]) -> None: ...

    def greeting(self) -> Sound | None: ...

    def connect(self, sdp: str) -> None: ...

    def press(self, digits: str) -> None: ...

    def screen(
        self, *, on_voice: Callable[[], None], on_finding: Callable[[Finding], None]
    ) -> None: ...

    def join(self, seat: Leg) -> Joint: ...

    def play(self, prompt: Prompt, *, on_done: Callable[[], None], recording: str = "") -> str: ...

    def leave(self, sound: Sound, on_left: Callable[[int, bool], None]) -> None: ...

    def ask(self, asked: Asked, on_answer: OnAnswer) -> OnKey: ...

    def say(self, sound: Sound, *, on_done: Callable[[], None]) -> None: ...

    def close(self) -> None: ...


class SipCall(Protocol):
    """What a call needs of `softphone.sip.calls.outbound.OutboundCall`."""

    on_digit: Callable[[str, int], None]

    def hang_up(self, cause: str) -> None: ...

    def refer(self, number: str, on_result: Callable[[ReferResult], None]) -> bool: ...

    def ask(self) -> None: ...


class Occupant(Protocol):
    """What a seat is busy with: a talk, a supervision, being somebody's second party."""

    def mute(self, on: bool) -> None: ...

    def seat_connected(self, leg: Leg, /) -> None: ...

    def seat_dropped(self) -> None: ...


class TalkingSeat(Protocol):
    """What a call needs of a seat (`seats.Seat`)."""

    seat_id: str

    def leg_for_call(self) -> Leg | Refusal: ...

    def take(self, occupant: Occupant, /) -> None: ...

    def release(self, *, customer_gone: bool) -> None: ...


class Recording(Protocol):
    """What a call needs of its recording (`recorder.CallRecording`)."""

    def stop(self) -> None: ...


Record = Callable[[str, CustomerAudio], Recording]  # begins the recording of a call by its id
