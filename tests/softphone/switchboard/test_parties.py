"""A second party: dialed or fetched, consulted, joined, left with the customer, or gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.protocol import (
    AddParty,
    AddSeat,
    BlockNumbers,
    CallBridged,
    CallEnded,
    DropParty,
    EndedBy,
    Hold,
    PartyChanged,
    PartyMode,
    SetParties,
    StopCampaign,
    Supervise,
    SupervisionMode,
)
from tests.fakes.legs import FakeCustomerAudio
from tests.fakes.softphone_parts import NOON, place_call
from tests.fakes.trunk import FakeSipCall
from tests.softphone.talk.test_supervision import Floor
from tests.softphone.test_server import error_id, turn

CONSULT, CONFERENCE, TRANSFERRED = PartyMode


def third(**changes: object) -> AddParty:
    terms: dict[str, object] = {
        "call_id": "c1",
        "party_id": "p1",
        "trunk_id": "t1",
        "number": "+81312345678",
        "number_key": "key of the third",
        "caller_id": "0312340000",
        "not_after": NOON + timedelta(hours=1),
        "ring_limit_s": 25.0,
    }
    return AddParty(**{**terms, **changes})  # type: ignore[arg-type]


class Call(Floor):
    """With what the test does to a second party."""

    async def dial(self) -> FakeSipCall:
        assert error_id(await self.send(third())) is None
        return self.trunk.placed[-1]

    async def join(self) -> FakeSipCall:
        sip = await self.dial()
        sip.ring()
        sip.answer("the third's answer")
        return sip

    async def set(self, mode: PartyMode) -> str | None:
        return error_id(await self.send(SetParties("c1", mode)))

    @property
    def party_audio(self) -> FakeCustomerAudio:
        return self.audios[1]

    def told(self) -> list[tuple[str, PartyMode | None, int | None]]:
        news = [event for event in self.events() if isinstance(event, PartyChanged)]
        assert {event.party_id for event in news} <= {"p1"}
        return [(event.state, event.mode, event.sip_code) for event in news]

    @property
    def operator_is_free(self) -> bool:
        seat = self.seats.find("s1")
        return seat is not None and seat.talk is None


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Call]:
    call = Call(tmp_path)
    await call.open()
    yield call
    await call.stop()


# --- a third number -----------------------------------------------------------------------------


async def test_a_third_number_is_dialed_consulted_joined_and_dropped(call: Call) -> None:
    sip = await call.join()
    assert sip.invite.number == "+81312345678"
    assert call.party_audio.connected_to == ["the third's answer"]
    assert call.joint.done[1:] == [
        f"party {CONSULT}",
        "ringing True",
        "ringing False",
        f"party {CONSULT} with leg",
    ]
    assert await call.set(CONFERENCE) is None
    assert await call.set(CONSULT) is None
    assert error_id(await call.send(DropParty("c1"))) is None
    assert sip.causes == ["party dropped"]
    assert call.party_audio.closed
    assert call.joint.done[-1] == "party None"
    assert call.told() == [
        ("dialing", CONSULT, None),
        ("ringing", CONSULT, None),
        ("joined", CONSULT, None),
        ("joined", CONFERENCE, None),
        ("joined", CONSULT, None),
        ("gone", None, None),
    ]
    assert call.call_seat == "s1"


async def test_a_refusing_third_number_gives_the_call_back_with_its_code(call: Call) -> None:
    sip = await call.dial()
    sip.refuse(486)
    assert call.told()[-1] == ("gone", None, 486)
    assert call.joint.done[-1] == "party None"
    assert call.party_audio.closed
    assert (await call.dial()) is not sip


async def test_a_joined_third_who_hangs_up_gives_the_call_back(call: Call) -> None:
    sip = await call.join()
    await call.set(CONFERENCE)
    sip.say_bye()
    assert call.told()[-1] == ("gone", None, None)
    assert call.call_seat == "s1"


async def test_nothing_is_set_before_the_third_has_answered(call: Call) -> None:
    await call.dial()
    assert await call.set(CONFERENCE) == "party_not_joined"


async def test_a_drop_while_it_rings_cancels(call: Call) -> None:
    sip = await call.dial()
    await call.send(DropParty("c1"))
    assert sip.causes == ["party dropped"]
    sip.confirm_cancel()
    assert call.told() == [("dialing", CONSULT, None), ("gone", None, None)]


async def test_a_transferred_call_goes_on_without_the_seat_until_the_customer_hangs_up(
    call: Call,
) -> None:
    sip = await call.join()
    assert await call.set(TRANSFERRED) is None
    assert call.operator_is_free
    assert call.call_seat is None
    assert call.joint.done[-2:] == [f"party {TRANSFERRED}", "drop seat"]
    assert error_id(await call.send(Hold("c1", True))) == "transferred"
    assert await call.set(CONFERENCE) == "no_party"
    call.timers.pass_s(30)  # nobody watches a seat that is not there
    call.trunk.placed[0].say_bye()
    assert sip.causes == ["party dropped"]
    ended = call.events()[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.by, ended.seat_lost, ended.abandoned) == (EndedBy.CUSTOMER, False, False)


async def test_nobody_overhears_a_customer_who_was_left_with_another(call: Call) -> None:
    await call.supervise(SupervisionMode.LISTEN)
    await call.join()
    assert await call.set(TRANSFERRED) is None
    assert call.supervision() == [SupervisionMode.LISTEN, None]
    for mode in (SupervisionMode.LISTEN, SupervisionMode.TAKE_OVER):
        assert await call.supervise(mode) == "transferred"
    assert call.lead_is_free


async def test_a_transferred_call_ends_with_the_third(call: Call) -> None:
    sip = await call.join()
    await call.set(TRANSFERRED)
    sip.say_bye()
    assert call.trunk.placed[0].causes == ["party_gone"]
    ended = call.events()[-1]
    assert isinstance(ended, CallEnded) and ended.cause == "party_gone"


async def test_the_customer_hanging_up_ends_everything(call: Call) -> None:
    sip = await call.join()
    call.trunk.placed[0].say_bye()
    assert sip.causes == ["party dropped"]
    assert [type(event) for event in call.events()][-2:] == [PartyChanged, CallEnded]
    assert call.operator_is_free


async def test_a_lost_seat_ends_the_conference_with_the_apology(call: Call) -> None:
    sip = await call.join()
    await call.set(CONFERENCE)
    call.timers.pass_s(11.5)
    assert call.audios[0].played
    assert sip.causes == ["party dropped"]
    call.audios[0].finish_prompt()
    ended = call.events()[-1]
    assert isinstance(ended, CallEnded) and ended.seat_lost


async def test_the_party_has_a_line_of_its_own(call: Call) -> None:
    assert call.trunk.limits[0] == 2
    await call.join()
    assert call.trunk.lines_in_use == 2
    assert error_id(await call.send(place_call("c2", number_key="key2"))) is None
    await turn()
    assert call.trunk.lines_in_use == 2


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"not_after": NOON - timedelta(seconds=1)}, "too_late"),
        ({"trunk_id": "t9"}, "trunk_unknown"),
        ({"call_id": "c9"}, "call_unknown"),
    ],
)
async def test_the_last_look_counts_for_a_third_number_too(
    call: Call, changes: dict[str, object], refusal: str
) -> None:
    assert error_id(await call.send(third(**changes))) == refusal
    assert len(call.trunk.placed) == 1
    assert call.told() == []
    assert all(audio.closed for audio in call.audios[1:])


async def test_a_blocked_number_is_not_dialed_and_rings_no_longer(call: Call) -> None:
    sip = await call.dial()
    await call.send(BlockNumbers(("key of the third",)))
    assert sip.causes == ["party dropped"]
    assert error_id(await call.send(third())) == "number_blocked"


async def test_a_blocked_number_that_talks_goes_on(call: Call) -> None:
    sip = await call.join()
    await call.send(BlockNumbers(("key of the third",)))
    assert sip.causes == []


async def test_a_trunk_without_a_line_or_down_takes_no_third(call: Call) -> None:
    call.trunk.refuse = "lines"
    assert error_id(await call.send(third())) == "no_line"
    call.trunk.refuse = "down"
    assert error_id(await call.send(third())) == "trunk_down"
    assert call.told() == []


async def test_a_stopped_campaign_may_finish_its_last_calls(call: Call) -> None:
    await call.send(StopCampaign(3))
    assert error_id(await call.send(third())) is None


async def test_only_one_second_party(call: Call) -> None:
    await call.join()
    assert error_id(await call.send(third())) == "party_present"
    await call.add_seat("s2")
    assert error_id(await call.send(AddSeat("c1", "p2", "s2"))) == "party_present"


async def test_a_new_address_of_the_third_is_followed(call: Call) -> None:
    sip = await call.join()
    sip.listener.on_media("moved")
    assert call.party_audio.connected_to[-1] == "moved"
    assert call.joint.done[-1] == "media changed"


# --- another seat -------------------------------------------------------------------------------


async def test_a_colleague_is_there_at_once_and_busy(call: Call) -> None:
    await call.add_seat("s2")
    assert error_id(await call.send(AddSeat("c1", "p1", "s2"))) is None
    assert call.joint.done[-1] == f"party {CONSULT} with leg"
    assert error_id(await call.send(Supervise("c1", "s2", SupervisionMode.LISTEN))) == "seat_busy"
    await call.send(DropParty("c1"))
    assert error_id(await call.send(AddSeat("c1", "p1", "s2"))) is None


async def test_a_colleague_takes_the_call(call: Call) -> None:
    await call.add_seat("s2")
    await call.send(AddSeat("c1", "p1", "s2"))
    assert await call.set(TRANSFERRED) is None
    assert call.operator_is_free and call.call_seat == "s2"
    call.joint.become_audible()
    bridged = [event for event in call.events() if isinstance(event, CallBridged)]
    assert bridged[-1].seat_id == "s2"
    assert call.told()[-1] == ("joined", TRANSFERRED, None)
    assert await call.set(CONSULT) == "no_party"


async def test_a_colleague_whose_browser_dies_is_gone(call: Call) -> None:
    leg = await call.add_seat("s2")
    await call.send(AddSeat("c1", "p1", "s2"))
    await call.set(CONFERENCE)
    leg.lose()
    assert call.told()[-1] == ("gone", None, None)
    assert call.call_seat == "s1"
    assert call.seats.find("s2") is None


async def test_a_colleague_who_reloads_stays(call: Call) -> None:
    await call.add_seat("s2")
    await call.send(AddSeat("c1", "p1", "s2"))
    await call.set(CONFERENCE)
    await call.add_seat("s2")
    assert call.joint.done[-1] == f"party {CONFERENCE} with leg"


async def test_a_colleague_must_be_connected_and_free(call: Call) -> None:
    assert error_id(await call.send(AddSeat("c1", "p1", "s7"))) == "seat_not_connected"
    assert error_id(await call.send(AddSeat("c1", "p1", "s1"))) == "seat_busy"
    assert error_id(await call.send(AddSeat("c9", "p1", "s9"))) == "call_unknown"
    assert error_id(await call.send(DropParty("c1"))) == "no_party"
