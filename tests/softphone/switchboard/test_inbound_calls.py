"""Calls that come in, in the gateway: rung, told, answered as the desk says, never forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest

from softphone.protocol import (
    AnswerCall,
    Bridge,
    CallAnswered,
    CallArrived,
    CallBridged,
    CallEnded,
    CallPhase,
    CallTreated,
    EndedBy,
    EndWithPrompt,
    Event,
    HangUp,
    Hold,
    Prompt,
    RefusedCalls,
)
from softphone.sip.calls.endings import SipEnding
from softphone.sip.messages.sdp import SdpError
from softphone.switchboard.inbound_calls import DESK_SILENT_S, MOST_RINGING, InboundCall
from tests.fakes.softphone_parts import InnerGateway
from tests.fakes.trunk import FakeArrival
from tests.waiting import await_until

E = TypeVar("E", bound=Event)


class Scene:
    """A gateway with a connected seat, and a carrier in the test's hands."""

    def __init__(self, folder: Path) -> None:
        self.inner = InnerGateway(folder)
        self.inbound = self.inner.inbound

    async def arrive(self, call_id: str = "in1", **options: str) -> FakeArrival:
        """A call comes in and rings."""
        arrived = FakeArrival(call_id, **options)
        self.inbound.take(arrived)  # type: ignore[arg-type]  # what is needed of it
        await await_until(lambda: arrived.rang or arrived.rejected, what="ringing")
        return arrived

    def call(self, call_id: str = "in1") -> InboundCall:
        call = self.inner.calls.find(call_id)
        assert isinstance(call, InboundCall)
        return call

    async def send(self, command: Bridge | EndWithPrompt | HangUp | Hold) -> str | None:
        reply = await self.inner.send(command)
        return reply.refusal.error_id if reply.refusal is not None else None

    def seen(self, kind: type[E]) -> list[E]:
        return [event for event in self.inner.events() if isinstance(event, kind)]

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.inner.events() if "Seat" not in repr(event)]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    made = Scene(tmp_path)
    yield made
    await made.inbound.stop(within_s=0.0)
    await made.inner.stop()


async def test_a_call_rings_and_the_desk_hears_who_calls(scene: Scene) -> None:
    await scene.arrive(number="+819012345678", called="+81312345678")
    assert scene.seen(CallArrived) == [CallArrived("in1", "t1", "+819012345678", "+81312345678")]
    [state] = scene.inner.gateway.snapshot().calls
    assert (state.call_id, state.phase, state.seat_id) == ("in1", CallPhase.RINGING, None)


async def test_a_bridge_answers_and_joins(scene: Scene) -> None:
    leg = await scene.inner.connect_seat("s1")
    arrived = await scene.arrive()
    assert await scene.send(Bridge("in1", "s1", zip_tone=True)) is None
    assert arrived.answers == ["answer"]
    audio = scene.inner.audios[-1]
    assert audio.connected_to == ["offer"]
    assert [joint.seat for joint in audio.joints] == [leg]
    audio.joints[-1].become_audible()
    assert [type(e) for e in (*scene.seen(CallAnswered), *scene.seen(CallBridged))] == [
        CallAnswered,
        CallBridged,
    ]
    assert await scene.send(Hold("in1", on=True)) is None


async def test_a_bridge_says_whether_a_caller_is_recorded(scene: Scene) -> None:
    await scene.inner.connect_seat("s1")
    await scene.arrive()
    assert not scene.call().command.record
    assert await scene.send(Bridge("in1", "s1", zip_tone=True, record=True)) is None
    assert scene.call().command.record


async def test_a_seat_that_cannot_take_it_leaves_it_ringing(scene: Scene) -> None:
    arrived = await scene.arrive()
    assert await scene.send(Bridge("in1", "s1", zip_tone=True)) == "seat_not_connected"
    assert (arrived.answers, scene.call().phase) == ([], CallPhase.RINGING)


async def test_nothing_is_sent_to_the_callers_address_before_the_ack(scene: Scene) -> None:
    arrived = await scene.arrive()
    assert scene.inbound.answer(AnswerCall("in1", 60.0)) is None
    audio = scene.inner.audios[-1]
    assert audio.played == [Prompt.PLEASE_WAIT] and audio.held_back
    arrived.on_acknowledged()
    assert not audio.held_back


async def test_a_caller_waits_with_music_until_a_seat_is_free(scene: Scene) -> None:
    await scene.inner.connect_seat("s1")
    await scene.arrive()
    assert scene.inbound.answer(AnswerCall("in1", 60.0)) is None
    audio = scene.inner.audios[-1]
    assert (audio.played, scene.call().phase) == ([Prompt.PLEASE_WAIT], CallPhase.WAITING)
    audio.finish_prompt()
    assert audio.music
    assert scene.inbound.answer(AnswerCall("in1", 60.0)) is None, "once more is no harm"
    assert await scene.send(Bridge("in1", "s1", zip_tone=True)) is None
    assert not audio.music
    assert len(scene.seen(CallAnswered)) == 1


async def test_who_waited_for_too_long_is_told_so_and_hung_up(scene: Scene) -> None:
    arrived = await scene.arrive()
    scene.inbound.answer(AnswerCall("in1", 60.0))
    scene.inner.timers.pass_s(60.0)
    audio = scene.inner.audios[-1]
    assert audio.played == [Prompt.PLEASE_WAIT, Prompt.ALL_BUSY]
    audio.finish_prompt()
    [end] = scene.seen(CallEnded)
    assert (end.by, end.cause, end.abandoned) == (EndedBy.GATEWAY, "no_seat", True)
    assert arrived.causes == ["no_seat"]
    assert audio.closed


async def test_out_of_hours_it_is_answered_for_the_prompt(scene: Scene) -> None:
    arrived = await scene.arrive()
    assert await scene.send(EndWithPrompt("in1", Prompt.CLOSED, "out-of-hours")) is None
    assert arrived.answers == ["answer"]
    scene.inner.audios[-1].finish_prompt()
    assert [treated.prompt for treated in scene.seen(CallTreated)] == [Prompt.CLOSED]
    assert scene.seen(CallEnded)[0].by is EndedBy.DESK


async def test_a_desk_that_says_nothing_is_not_there(scene: Scene) -> None:
    arrived = await scene.arrive()
    scene.inner.timers.pass_s(DESK_SILENT_S)
    assert arrived.answers == ["answer"]
    assert [treated.prompt for treated in scene.seen(CallTreated)] == [Prompt.ALL_BUSY]
    scene.inner.audios[-1].finish_prompt()
    assert scene.seen(CallEnded)[0].cause == "desk_silent"


async def test_a_refused_call_is_busy(scene: Scene) -> None:
    arrived = await scene.arrive()
    assert await scene.send(HangUp("in1", "unknown-call")) is None
    assert arrived.causes == ["unknown-call"]
    [end] = scene.seen(CallEnded)
    assert (end.answered, end.sip_code, end.by) == (False, 486, EndedBy.DESK)
    assert scene.inner.timers.pending == 0


async def test_a_caller_who_gives_up_is_a_customer_who_hung_up(scene: Scene) -> None:
    arrived = await scene.arrive()
    arrived.give_up()
    [end] = scene.seen(CallEnded)
    assert (end.by, end.answered, end.sip_code) == (EndedBy.CUSTOMER, False, 487)
    assert scene.inner.audios[-1].closed
    assert len(scene.inner.calls) == 0


async def test_who_gives_up_before_it_rings_is_nobodys_call(scene: Scene) -> None:
    arrived = FakeArrival("in1")
    scene.inbound.take(arrived)  # type: ignore[arg-type]  # what is needed of it
    arrived.give_up()
    await await_until(lambda: scene.inner.audios and scene.inner.audios[-1].closed, what="the end")
    assert scene.inner.events() == []


async def test_a_second_call_of_the_same_number_is_busy_and_hidden_ones_are_not(
    scene: Scene,
) -> None:
    await scene.arrive("in1", number="+819012345678")
    second = await scene.arrive("in2", number="+819012345678")
    assert second.rejected == 486
    assert not (await scene.arrive("in3", number="")).rejected
    assert not (await scene.arrive("in4", number="")).rejected


async def test_a_flood_takes_no_more_than_its_part_of_the_ports(scene: Scene) -> None:
    for number in range(MOST_RINGING):
        assert not (await scene.arrive(f"in{number}", number=f"+8190{number:08}")).rejected
    beyond = await scene.arrive("beyond", number="+819099999999")
    assert beyond.rejected == 486
    refused = scene.inner.gateway.liveness().refused
    assert refused == (RefusedCalls("too_many_ringing", 1),)
    assert len(scene.inner.audios) == MOST_RINGING


async def test_a_gateway_that_takes_nothing_new_sends_the_carrier_elsewhere(scene: Scene) -> None:
    scene.inner.admission.draining = True
    assert (await scene.arrive()).rejected == 503
    assert scene.inner.events() == []


async def test_a_gateway_that_is_being_stopped_takes_no_more_not_even_who_came_before(
    scene: Scene,
) -> None:
    before, after = FakeArrival("in1"), FakeArrival("in2", number="+819000000002")
    scene.inbound.take(before)  # type: ignore[arg-type]  # its audio is still being made
    await scene.inbound.stop(within_s=1.0)
    scene.inbound.take(after)  # type: ignore[arg-type]
    assert (before.rejected, after.rejected) == (503, 503)
    assert scene.inner.events() == []


async def test_without_a_codec_in_common_it_is_not_acceptable(scene: Scene) -> None:
    def refuse(offer: str) -> str:
        raise SdpError(offer)

    scene.inner.answer_offer = refuse
    arrived = await scene.arrive()
    assert arrived.rejected == 488
    assert scene.inner.audios[-1].closed


async def test_an_offer_of_ours_is_answered_with_the_ack(scene: Scene) -> None:
    arrived = await scene.arrive(offer="")
    scene.inbound.answer(AnswerCall("in1", 60.0))
    assert arrived.answers == ["offer"]
    scene.call().on_media("what the ACK brought")
    assert scene.inner.audios[-1].connected_to == ["what the ACK brought"]


async def test_the_call_of_another_kind_is_not_to_be_answered(scene: Scene) -> None:
    refusal = scene.inbound.answer(AnswerCall("out1", 60.0))
    assert refusal is not None and refusal.error_id == "call_unknown"


async def test_a_bye_ends_a_waiting_caller(scene: Scene) -> None:
    arrived = await scene.arrive()
    scene.inbound.answer(AnswerCall("in1", 60.0))
    arrived.tell(SipEnding(200, "hung up", 16, "remote", rang=True, answered=True))
    [end] = scene.seen(CallEnded)
    assert (end.by, end.answered, end.abandoned) == (EndedBy.CUSTOMER, True, False)
    assert scene.inner.timers.pending == 0
