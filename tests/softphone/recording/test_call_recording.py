"""When a call is recorded: from its bridge to its end, when the desk asked for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.calls import Call
from softphone.protocol import Event, Prompt
from softphone.sip.calls.outbound import OutboundInvite
from softphone.talk.call_ports import CustomerAudio
from tests.fakes.legs import FakeCustomerAudio
from tests.fakes.timers import HandClock
from tests.fakes.trunk import FakeSipCall
from tests.softphone.calls.scene import COMMAND, Place


class Scene:
    """A waiting call and what its recorder was told."""

    def __init__(self, *, record: bool) -> None:
        self.clock = HandClock()
        self.audio = FakeCustomerAudio()
        self.told: list[str] = []
        events: list[Event] = []
        self.call = Call(
            replace(COMMAND, record=record),
            self.audio,
            report=events.append,
            timers=self.clock,
            now=self.clock.now,
            on_over=lambda call: self.told.append("over"),
            record=self.record,
        )
        sip = FakeSipCall(OutboundInvite("c1", "090", "03", "offer", 25.0), self.call)
        self.call.placed(sip)
        sip.ring()
        sip.answer()
        self.sip = sip

    def record(self, call_id: str, line: CustomerAudio) -> Scene:
        assert line is self.audio
        self.told.append(f"begin {call_id}")
        return self

    def stop(self) -> None:
        assert not self.audio.closed, "the line is closed before its recording"
        self.told.append("stop")

    def bridge(self) -> None:
        assert self.call.bridge(Place(self.clock), zip_tone=True) is None


async def test_a_call_is_recorded_from_the_bridge_to_its_end() -> None:
    scene = Scene(record=True)
    assert scene.told == []
    scene.bridge()
    assert scene.told == ["begin c1"]
    scene.sip.say_bye()
    assert scene.told == ["begin c1", "stop", "over"]


async def test_the_apology_to_a_customer_who_lost_the_operator_is_recorded_too() -> None:
    scene = Scene(record=True)
    scene.bridge()
    scene.clock.pass_s(11.0)
    assert scene.audio.played == [Prompt.APOLOGY]
    assert scene.told == ["begin c1"]


@pytest.mark.parametrize("record", [True, False])
async def test_a_call_that_was_never_bridged_is_not_recorded(record: bool) -> None:
    scene = Scene(record=record)
    scene.sip.say_bye()
    assert scene.told == ["over"]


async def test_a_call_the_desk_does_not_want_recorded_is_not() -> None:
    scene = Scene(record=False)
    scene.bridge()
    scene.sip.say_bye()
    assert scene.told == ["over"]


async def test_a_call_that_goes_on_without_us_is_not_heard_any_more() -> None:
    scene = Scene(record=True)
    scene.bridge()
    scene.call.stop_recording()
    assert scene.told == ["begin c1", "stop"]
