"""A lead's seat in somebody else's call, from command to event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.protocol import (
    AddSeat,
    Bridge,
    CallBridged,
    CallEnded,
    CallPhase,
    CloseSeat,
    HangUp,
    Hold,
    Mute,
    OpenSeat,
    SeatSilent,
    SetParties,
    StopSupervising,
    Supervise,
    SupervisionChanged,
    SupervisionMode,
)
from softphone.protocol import PartyMode as Mode
from tests.fakes.legs import FakeJoint, FakeSeatLeg
from tests.fakes.softphone_parts import InnerGateway, place_call
from tests.softphone.test_server import bridged_call, error_id, turn

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode


class Floor(InnerGateway):
    """A bridged call of seat s1, and the lead's seat s9."""

    async def open(self) -> Floor:
        await bridged_call(self)
        self.joint.on_audible = None
        await self.add_seat("s9")
        return self

    @property
    def joint(self) -> FakeJoint:
        return self.audios[0].joints[0]

    async def add_seat(self, seat_id: str) -> FakeSeatLeg:
        await self.send(OpenSeat(seat_id, "offer"))
        leg = self.legs[-1]
        await leg.connect()
        return leg

    async def supervise(self, mode: SupervisionMode, seat_id: str = "s9") -> str | None:
        return error_id(await self.send(Supervise("c1", seat_id, mode)))

    def supervision(self) -> list[SupervisionMode | None]:
        return [e.mode for e in self.events() if isinstance(e, SupervisionChanged)]

    @property
    def lead_is_free(self) -> bool:
        seat = self.seats.find("s9")
        return seat is not None and seat.talk is None

    @property
    def call_seat(self) -> str | None:
        return self.calls.states()[0].seat_id


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    floor = await Floor(tmp_path).open()
    yield floor
    await floor.stop()


async def test_a_lead_listens_whispers_barges_and_leaves(floor: Floor) -> None:
    for mode in (LISTEN, WHISPER, BARGE):
        assert await floor.supervise(mode) is None
        assert f"s9 {mode}" == floor.joint.done[-1]
    assert not floor.lead_is_free
    assert error_id(await floor.send(StopSupervising("c1", "s9"))) is None
    assert floor.joint.done[-1] == "s9 out"
    assert floor.lead_is_free
    assert floor.supervision() == [LISTEN, WHISPER, BARGE, None]


async def test_the_operator_hears_a_lead_come_in_where_it_is_wanted_and_only_then(
    floor: Floor,
) -> None:
    for mode in (LISTEN, WHISPER):
        await floor.send(Supervise("c1", "s9", mode, notice=True))
    assert floor.joint.done.count("announced") == 1
    await floor.send(StopSupervising("c1", "s9"))
    await floor.supervise(LISTEN)
    assert floor.joint.done.count("announced") == 1


async def test_a_supervising_seat_gets_no_call_and_no_second_call_to_supervise(
    floor: Floor,
) -> None:
    await floor.supervise(LISTEN)
    await floor.send(place_call("c2", number_key="key2"))
    await turn()
    floor.trunk.placed[1].answer()
    assert error_id(await floor.send(Bridge("c2", "s9", True))) == "seat_busy"
    await floor.add_seat("s2")
    await floor.send(Bridge("c2", "s2", True))
    assert error_id(await floor.send(Supervise("c2", "s9", LISTEN))) == "seat_busy"


async def test_what_cannot_be_supervised_is_refused(floor: Floor) -> None:
    assert await floor.supervise(LISTEN, "s1") == "seat_busy"
    assert await floor.supervise(LISTEN, "s7") == "seat_not_connected"
    assert error_id(await floor.send(StopSupervising("c1", "s9"))) == "not_supervising"
    await floor.send(place_call("c2", number_key="key2"))
    await turn()
    assert error_id(await floor.send(Supervise("c2", "s9", LISTEN))) == "call_not_bridged"
    assert floor.supervision() == []


async def test_a_leads_browser_that_dies_leaves_the_call_untouched(floor: Floor) -> None:
    await floor.supervise(BARGE)
    before = [type(event) for event in floor.events()]
    lead = floor.seats.find("s9")
    assert lead is not None and isinstance(lead.leg, FakeSeatLeg)
    lead.leg.lose()
    assert floor.supervision() == [BARGE, None]
    assert floor.joint.done[-1] == "s9 out"
    assert floor.calls.states()[0].phase is CallPhase.BRIDGED
    kinds = [type(event) for event in floor.events()][len(before) :]
    assert not {CallEnded, SeatSilent, CallBridged} & set(kinds)
    assert floor.seats.find("s9") is None


async def test_a_lead_who_reloads_goes_on_supervising(floor: Floor) -> None:
    await floor.supervise(WHISPER)
    await floor.add_seat("s9")
    assert floor.joint.done[-2:] == [f"s9 {WHISPER}", f"s9 {WHISPER}"]
    assert floor.supervision() == [WHISPER]


async def test_closing_the_leads_seat_ends_the_supervision(floor: Floor) -> None:
    await floor.supervise(LISTEN)
    await floor.send(CloseSeat("s9"))
    assert floor.supervision() == [LISTEN, None]


async def test_a_lead_can_be_muted(floor: Floor) -> None:
    await floor.supervise(BARGE)
    assert error_id(await floor.send(Mute("s9", True))) is None
    assert floor.joint.done[-1] == "mute s9 True"


async def test_the_end_of_the_call_frees_the_lead_before_the_last_word(floor: Floor) -> None:
    await floor.supervise(LISTEN)
    await floor.send(HangUp("c1", "operator"))
    assert floor.lead_is_free
    kinds = [type(event) for event in floor.events()]
    assert kinds[-2:] == [SupervisionChanged, CallEnded]


@pytest.mark.parametrize("listened_before", [True, False])
async def test_taking_over_swaps_the_seats(floor: Floor, listened_before: bool) -> None:
    if listened_before:
        await floor.supervise(LISTEN)
    await floor.send(Hold("c1", True))
    assert await floor.supervise(TAKE_OVER) is None
    operator = floor.seats.find("s1")
    assert operator is not None and operator.talk is None
    assert floor.call_seat == "s9"
    assert "hold False" in floor.joint.done and "new seat" in floor.joint.done
    floor.joint.become_audible()
    bridged = [event for event in floor.events() if isinstance(event, CallBridged)]
    assert [event.seat_id for event in bridged] == ["s9"]
    assert floor.supervision()[-1] is TAKE_OVER
    # The operator's seat can take the next call.
    await floor.send(place_call("c2", number_key="key2"))
    await turn()
    floor.trunk.placed[1].answer()
    assert error_id(await floor.send(Bridge("c2", "s1", True))) is None


async def test_a_seat_that_took_over_and_is_lost_is_a_lost_seat(floor: Floor) -> None:
    await floor.supervise(TAKE_OVER)
    lead = floor.seats.find("s9")
    assert lead is not None and isinstance(lead.leg, FakeSeatLeg)
    lead.leg.lose()
    floor.timers.pass_s(1.2)
    assert SeatSilent("c1", "s9", silent=True) in floor.events()
    floor.timers.pass_s(10)
    assert floor.audios[0].played
    floor.audios[0].finish_prompt()
    ended = floor.events()[-1]
    assert isinstance(ended, CallEnded) and ended.seat_lost


async def test_a_lost_operator_leaves_the_lead_with_the_customer_until_the_apology(
    floor: Floor,
) -> None:
    await floor.supervise(BARGE)
    floor.timers.pass_s(1.2)
    assert SeatSilent("c1", "s1", silent=True) in floor.events()
    assert floor.supervision() == [BARGE]
    floor.timers.pass_s(10)
    assert floor.supervision() == [BARGE, None]
    assert floor.lead_is_free


async def test_a_call_handed_to_a_colleague_keeps_its_lead(floor: Floor) -> None:
    await floor.supervise(LISTEN)
    await floor.add_seat("s2")
    assert error_id(await floor.send(AddSeat("c1", "p1", "s2"))) is None
    assert error_id(await floor.send(SetParties("c1", Mode.TRANSFERRED))) is None
    assert floor.call_seat == "s2"
    assert floor.supervision() == [LISTEN]


async def test_a_lead_whose_browser_is_dying_does_not_take_over_and_is_told_out(
    floor: Floor,
) -> None:
    await floor.supervise(LISTEN)
    floor.legs[-1].consent_age_s = 3.5
    assert await floor.supervise(TAKE_OVER) == "seat_silent"
    assert floor.call_seat == "s1"
    assert floor.lead_is_free
    assert floor.supervision() == [LISTEN, None]
