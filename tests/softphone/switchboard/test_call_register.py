"""Which calls leave, which never do, and what ends them all at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from softphone.clock import BusinessClock
from softphone.protocol import (
    CallEnded,
    CallNotPlaced,
    CallPhase,
    CallPlaced,
    CallRerouted,
    CallState,
    EndedBy,
    Event,
    PlaceCall,
    Prompt,
    ScreeningMode,
    TrunkShare,
)
from softphone.routing.send_gate import SendGate
from softphone.routing.trunks import Trunks
from softphone.rtp.ports import PortsUsedUp
from softphone.sip.trunk.settings import RefusalReason
from softphone.switchboard.call_register import CallRegister
from tests.fakes.legs import FakeCustomerAudio
from tests.fakes.timers import HandClock
from tests.fakes.trunk import FakeTrunk

NOON = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
CALL = PlaceCall(
    call_id="c1",
    trunk_id="t1",
    campaign_id=3,
    number="+819000000001",
    number_key="key1",
    caller_id="0312345678",
    not_after=NOON + timedelta(seconds=30),
    ring_limit_s=25.0,
    screening=ScreeningMode.OFF,
    bridge_within_s=2.0,
    if_not_bridged=Prompt.SAFE_HARBOUR,
)


class Office:
    """A register with one trunk whose carrier the test plays."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.audios: list[FakeCustomerAudio] = []
        self.trunk = FakeTrunk()
        self.gate = SendGate()
        self.timers = HandClock()
        self.newest_epoch = 1
        self.may_open = asyncio.Event()
        self.may_open.set()
        self.fault: Exception | None = None
        self.spare = FakeTrunk("t2")
        self.told: list[Event] = []  # by the trunks
        self.now = NOON
        trunks = Trunks(self.told.append)
        trunks.add(TrunkShare("t1", 2, 5.0), lambda on_state: self.trunk, orphans=lambda: 0)
        trunks.add(TrunkShare("t2", 2, 5.0), lambda on_state: self.spare, orphans=lambda: 0)
        self.calls = CallRegister(
            trunks=trunks,
            gate=self.gate,
            clock=BusinessClock(lambda: self.now),
            is_current=lambda epoch: epoch >= self.newest_epoch,
            open_audio=self._open_audio,
            report=self.events.append,
            timers=self.timers,
            now=self.timers.now,
        )

    async def _open_audio(self, trunk_id: str) -> FakeCustomerAudio:
        await self.may_open.wait()
        if self.fault is not None:
            raise self.fault
        self.audios.append(FakeCustomerAudio())
        return self.audios[-1]

    async def place(self, command: PlaceCall = CALL) -> None:
        assert self.calls.place(command, epoch=1) is None
        await self.turn()

    async def turn(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    @property
    def why_not(self) -> str:
        """The reason of the only event there is."""
        (event,) = self.events
        assert isinstance(event, CallNotPlaced), event
        assert not self.trunk.placed
        assert len(self.calls) == 0
        assert all(audio.closed for audio in self.audios)
        return event.refusal.error_id


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office = Office()
    yield office
    await office.calls.stop(within_s=0.0)


async def test_a_call_leaves_with_what_the_desk_said(office: Office) -> None:
    await office.place()
    invite = office.trunk.placed[0].invite
    assert (invite.number, invite.caller_id) == ("+819000000001", "0312345678")
    assert (invite.sdp, invite.ring_limit_s) == ("offer", 25.0)
    assert office.events == [CallPlaced("c1", "t1", "0312345678")]
    assert office.calls.states() == (CallState("c1", "t1", CallPhase.PLACED, None),)


async def test_a_trunk_that_fails_is_followed_by_the_fallback(office: Office) -> None:
    await office.place(replace(CALL, fallback_trunk_ids=("elsewhere", "t2")))
    office.trunk.placed[0].refuse(503)
    await office.turn()
    invite = office.spare.placed[0].invite
    assert (invite.number, invite.sdp) == ("+819000000001", "offer for t2")
    assert office.told == [CallRerouted("c1", "t2", 503, "0312345678")]
    office.spare.placed[0].refuse(486)
    (ended,) = [event for event in office.events if isinstance(event, CallEnded)]
    assert (ended.sip_code, ended.rang) == (486, False)


@pytest.mark.parametrize("obstacle", ["late", "blocked", "stopped", "superseded"])
async def test_no_further_invite_leaves_past_the_last_look(office: Office, obstacle: str) -> None:
    late = replace(CALL, not_after=NOON + timedelta(seconds=1.5))
    call = late if obstacle == "late" else CALL
    await office.place(replace(call, fallback_trunk_ids=("t2",)))
    if obstacle == "late":
        office.now += timedelta(seconds=1)
    elif obstacle == "blocked":
        office.gate.block(["key1"])
    elif obstacle == "stopped":
        office.gate.stop(3)
    else:
        office.newest_epoch = 2
    office.trunk.placed[0].refuse(503)
    await office.turn()
    assert not office.spare.placed
    (ended,) = [event for event in office.events if isinstance(event, CallEnded)]
    assert (ended.sip_code, ended.rang) == (503, False)


async def test_a_call_that_ended_is_forgotten_but_its_id_is_not(office: Office) -> None:
    await office.place()
    office.trunk.placed[0].refuse(486)
    assert len(office.calls) == 0
    refusal = office.calls.place(CALL, epoch=1)
    assert refusal is not None and refusal.error_id == "call_known"


@pytest.mark.parametrize(
    ("reason", "error_id"),
    [
        ("lines", "no_line"),
        ("calls_per_second", "no_slot"),
        ("down", "trunk_down"),
        ("number", "number_unusable"),
    ],
)
async def test_what_the_trunk_does_not_take_was_never_placed(
    office: Office, reason: RefusalReason, error_id: str
) -> None:
    office.trunk.refuse = reason
    await office.place()
    assert office.why_not == error_id


async def test_an_invite_that_could_leave_late_does_not_leave(office: Office) -> None:
    await office.place(replace(CALL, not_after=NOON + timedelta(seconds=0.9)))
    assert office.why_not == "too_late"


async def test_a_blocked_number_does_not_leave(office: Office) -> None:
    office.gate.block(("key1",))
    await office.place()
    assert office.why_not == "number_blocked"


async def test_what_is_blocked_while_the_port_opens_does_not_leave(office: Office) -> None:
    office.may_open.clear()
    await office.place()
    assert office.calls.states() == (CallState("c1", "t1", CallPhase.PLACED, None),)
    office.gate.block(("key1",))
    office.may_open.set()
    await office.turn()
    assert office.why_not == "number_blocked"


async def test_a_desk_superseded_while_the_port_opens_places_nothing(office: Office) -> None:
    office.may_open.clear()
    await office.place()
    office.newest_epoch = 2
    office.may_open.set()
    await office.turn()
    assert office.why_not == "stale_epoch"


async def test_a_call_hung_up_while_its_port_opens_was_never_placed(office: Office) -> None:
    office.may_open.clear()
    await office.place()
    assert office.calls.hang_up("c1", cause="stop")
    office.may_open.set()
    await office.turn()
    assert office.why_not == "hung_up"


async def test_without_a_media_port_there_is_no_call(office: Office) -> None:
    office.fault = PortsUsedUp(98, "every media port is taken or resting")
    await office.place()
    assert office.why_not == "no_media_port"


async def test_a_fault_of_our_own_is_told_too(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.fault = RuntimeError("a bug")
    await office.place()
    assert office.why_not == "gateway_fault"
    assert "background work failed" in caplog.text


async def test_an_unknown_trunk_is_refused_at_once(office: Office) -> None:
    refusal = office.calls.place(replace(CALL, trunk_id="t9"), epoch=1)
    assert refusal is not None and refusal.error_id == "trunk_unknown"
    assert office.events == []


async def test_hanging_up_twice_is_harmless_and_a_strange_call_is_unknown(office: Office) -> None:
    await office.place()
    assert office.calls.hang_up("c1", cause="operator")
    office.trunk.placed[0].confirm_cancel()
    assert office.calls.hang_up("c1", cause="operator")
    assert not office.calls.hang_up("c9", cause="operator")
    ended = office.events[-1]
    assert isinstance(ended, CallEnded) and ended.by is EndedBy.DESK
    assert len(office.events) == 2


async def test_blocking_cancels_what_rings_and_leaves_talks_alone(office: Office) -> None:
    for n in (1, 2):
        await office.place(replace(CALL, call_id=f"c{n}", number_key=f"key{n}"))
    first, second = office.trunk.placed
    office.calls.cancel_blocked({"key1"})
    assert (first.causes, second.causes) == (["number_blocked"], [])
    second.answer()
    office.calls.cancel_blocked({"key2"})
    assert second.causes == []


async def test_stopping_a_campaign_takes_back_only_what_may_not_have_left(
    office: Office,
) -> None:
    await office.place()
    office.timers.pass_s(1.1)
    await office.place(replace(CALL, call_id="c2"))
    office.calls.cancel_unsent(3)
    old, fresh = office.trunk.placed
    assert (old.causes, fresh.causes) == ([], ["campaign_stopped"])


async def test_stopping_ends_every_call_and_takes_no_more(office: Office) -> None:
    await office.place()
    office.trunk.placed[0].answer()
    await office.calls.stop(within_s=0.1)
    ended = office.events[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.by, ended.cause) == (EndedBy.GATEWAY, "gateway_stopping")
    refusal = office.calls.place(replace(CALL, call_id="c2"), epoch=1)
    assert refusal is not None and refusal.error_id == "gateway_stopping"
