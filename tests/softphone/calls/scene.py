"""One call with everything around it pretended: SIP, audio, the seat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from softphone.calls import Call
from softphone.protocol import (
    CallEnded,
    Event,
    PlaceCall,
    Prompt,
    Refusal,
    ScreeningMode,
)
from softphone.rtp.leg import Leg
from softphone.sip.calls.outbound import OutboundInvite
from softphone.talk.talks import Talk
from tests.fakes.legs import FakeCustomerAudio, FakeJoint, FakeSeatLeg
from tests.fakes.timers import HandClock
from tests.fakes.trunk import FakeSipCall

E = TypeVar("E", bound=Event)

COMMAND = PlaceCall(
    call_id="c1",
    trunk_id="t1",
    campaign_id=3,
    number="+819000000001",
    number_key="key1",
    caller_id="0312345678",
    not_after=datetime(2026, 4, 1, 11, 0, tzinfo=UTC),
    ring_limit_s=25.0,
    screening=ScreeningMode.OFF,
    bridge_within_s=2.0,
    if_not_bridged=Prompt.SAFE_HARBOUR,
)


class Place:
    """A seat whose leg is up."""

    def __init__(self, clock: HandClock) -> None:
        self.seat_id = "s1"
        self.leg: FakeSeatLeg | None = FakeSeatLeg()
        self.talk: Talk | None = None
        self.gone_tones = 0
        self._clock = clock

    def leg_for_call(self) -> Leg | Refusal:
        if self.leg is None or self.talk is not None:
            return Refusal("seat_busy", "no leg to give")
        return self.leg

    def take(self, talk: Talk) -> None:
        self.talk = talk

    def release(self, *, customer_gone: bool) -> None:
        self.talk = None
        self.gone_tones += customer_gone

    def speak(self) -> None:
        assert self.leg is not None
        self.leg.last_packet_at = self._clock.now()


class Scene:
    """A placed call with the carrier, the clock and a seat in the test's hands."""

    def __init__(self, mode: ScreeningMode = ScreeningMode.OFF) -> None:
        self.clock = HandClock()
        self.events: list[Event] = []
        self.over: list[Call] = []
        self.audio = FakeCustomerAudio()
        self.seat = Place(self.clock)
        self.call = Call(
            replace(COMMAND, screening=mode),
            self.audio,
            report=self.events.append,
            timers=self.clock,
            now=self.clock.now,
            on_over=self.over.append,
        )
        self.sip = FakeSipCall(OutboundInvite("c1", "090", "03", "offer", 25.0), self.call)
        self.call.placed(self.sip)

    def seen(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def last(self, kind: type[E]) -> E:
        found = self.seen(kind)
        assert found, f"no {kind.__name__} in {self.events}"
        return found[-1]

    @property
    def ended(self) -> CallEnded:
        found = self.seen(CallEnded)
        assert len(found) == 1, self.events
        assert self.events[-1] == found[0]
        assert self.over == [self.call]
        assert self.audio.closed
        assert self.clock.pending == 0, "a timer outlives the call"
        return found[0]

    def answer(self) -> None:
        self.sip.ring()
        self.sip.answer()

    def bridge(self) -> FakeJoint:
        assert self.call.bridge(self.seat, zip_tone=True) is None
        return self.audio.joints[-1]

    def talk_for(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            self.seat.speak()
            self.clock.pass_s(0.1)
