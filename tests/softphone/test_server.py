"""What each command does, and what the gateway says of itself."""

from __future__ import annotations

import asyncio
import typing
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.link.epochs import Superseded
from softphone.protocol import (
    AddParty,
    AddSeat,
    AnswerCall,
    AskCustomer,
    BlockNumbers,
    Bridge,
    CallNotPlaced,
    CallPhase,
    CallPlaced,
    CallState,
    CloseRelay,
    CloseSeat,
    Command,
    CommandReply,
    DropParty,
    EndWithPrompt,
    HangUp,
    Hold,
    HoldMessages,
    LeaveMessage,
    Mute,
    OpenRelay,
    OpenSeat,
    PartyMode,
    PauseRecording,
    Prompt,
    Refer,
    ResumeCampaign,
    SeatState,
    SeatUp,
    SendDigits,
    SendLadder,
    SendSnapshot,
    SetParties,
    SetShares,
    StopCampaign,
    StopSupervising,
    Supervise,
    SupervisionMode,
    TestSeat,
    TrunkShare,
    UnblockNumbers,
)
from softphone.rtp.ports import PortsUsedUp
from softphone.webrtc.addresses import NoUsableAddress
from softphone.webrtc.offer import BadOffer
from tests.fakes.softphone_parts import NOON, InnerGateway, place_call, welcome


@pytest.fixture
async def fake(tmp_path: Path) -> AsyncIterator[InnerGateway]:
    fake = InnerGateway(tmp_path)
    yield fake
    await fake.stop()


def error_id(reply: CommandReply) -> str | None:
    return reply.refusal.error_id if reply.refusal else None


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def open_seat(fake: InnerGateway) -> None:
    await fake.send(OpenSeat("s1", "offer"))
    await fake.legs[-1].connect()
    fake.legs[-1].last_packet_at = fake.timers.now()


async def bridged_call(fake: InnerGateway) -> None:
    await open_seat(fake)
    await fake.send(place_call())
    await turn()
    fake.trunk.placed[0].answer()
    assert error_id(await fake.send(Bridge("c1", "s1", True))) is None


# --- who may command ----------------------------------------------------------------------------


async def test_an_older_desk_is_refused_after_a_newer_one_commanded(fake: InnerGateway) -> None:
    assert error_id(await fake.send(StopCampaign(1), epoch=5)) is None
    assert error_id(await fake.send(place_call(), epoch=4)) == "stale_epoch"
    await turn()
    assert not fake.trunk.placed
    assert fake.events() == []


async def test_an_older_desk_is_refused_by_a_restarted_gateway(
    fake: InnerGateway, tmp_path: Path
) -> None:
    await fake.send(StopCampaign(1), epoch=5)
    again = InnerGateway(tmp_path, boot_id="another")
    assert again.gateway.hello().newest_epoch == 5
    assert error_id(await again.send(place_call(), epoch=4)) == "stale_epoch"
    await again.stop()


async def test_a_command_for_another_gateway_is_refused(fake: InnerGateway) -> None:
    reply = await fake.send(StopCampaign(1), gateway_id="gw2", epoch=9)
    assert error_id(reply) == "wrong_gateway"
    assert fake.epochs.newest == 0


async def test_what_cannot_be_read_is_refused_with_its_id(fake: InnerGateway) -> None:
    reply = await fake.gateway.command({"type": "CommandEnvelope", "command_id": "x"})
    assert (reply.command_id, error_id(reply)) == ("x", "malformed")
    assert error_id(await fake.gateway.command("nonsense")) == "malformed"


async def test_a_command_that_comes_twice_places_one_call(fake: InnerGateway) -> None:
    replies = [await fake.send(place_call(), command_id="same") for _ in range(3)]
    await turn()
    assert len(fake.trunk.placed) == 1
    assert replies[0] == replies[1] == replies[2]
    assert fake.events() == [CallPlaced("c1", "t1", place_call().caller_id)]


async def test_the_same_call_by_another_command_is_refused(fake: InnerGateway) -> None:
    await fake.send(place_call(), command_id="one")
    assert error_id(await fake.send(place_call(), command_id="two")) == "call_known"


# Every command, about calls and seats that are not there.
NOTHING_LIVES = (
    place_call(),
    Bridge("c9", "s9", True),
    HangUp("c9", "x"),
    EndWithPrompt("c9", Prompt.APOLOGY, "x"),
    Hold("c9", True),
    Mute("s9", True),
    OpenSeat("s9", "offer"),
    CloseSeat("s8"),
    TestSeat("s8", "tone"),
    BlockNumbers(("k",)),
    UnblockNumbers(("k",)),
    StopCampaign(1),
    ResumeCampaign(1),
    SetShares(()),
    SendSnapshot(),
    OpenRelay("r9", "c9", "s9", True, "127.0.0.1:1", "127.0.0.1:2", 1, 2, "key"),
    CloseRelay("r9"),
    Supervise("c9", "s9", SupervisionMode.LISTEN),
    StopSupervising("c9", "s9"),
    AddParty("c9", "p1", "t1", "+81312345678", "k", "", NOON, 25.0),
    AddSeat("c9", "p1", "s9"),
    SetParties("c9", PartyMode.CONFERENCE),
    DropParty("c9"),
    AnswerCall("c9", 60.0),
)
REFUSED = {
    "Bridge": "call_unknown",
    "HangUp": "call_unknown",
    "EndWithPrompt": "call_unknown",
    "Hold": "call_unknown",
    "Supervise": "call_unknown",
    "StopSupervising": "call_unknown",
    "AddParty": "call_unknown",
    "AddSeat": "call_unknown",
    "SetParties": "call_unknown",
    "DropParty": "call_unknown",
    "AnswerCall": "call_unknown",
    "OpenRelay": "no_relay",
    "Mute": "seat_not_connected",
    "CloseSeat": "seat_unknown",
    "TestSeat": "seat_not_connected",
}


async def test_every_command_of_the_wire_is_understood(fake: InnerGateway) -> None:
    samples = {type(each): each for each in NOTHING_LIVES}
    # These are carried out by parts this gateway is made without; `test_wiring.py` has them all.
    elsewhere = {
        AskCustomer,
        HoldMessages,
        LeaveMessage,
        PauseRecording,
        Refer,
        SendDigits,
        SendLadder,
    }
    assert set(samples) == set(typing.get_args(Command)) - elsewhere
    refused = {}
    for kind, command in samples.items():
        refused[kind.__name__] = error_id(await fake.send(command))
    assert {name: why for name, why in refused.items() if why} == REFUSED


# --- calls --------------------------------------------------------------------------------------


async def test_a_call_is_bridged_held_muted_and_ended(fake: InnerGateway) -> None:
    await bridged_call(fake)
    joint = fake.audios[0].joints[0]
    for command in (Hold("c1", True), Hold("c1", False), Mute("s1", True)):
        assert error_id(await fake.send(command)) is None
    assert joint.done == ["connect with zip tone", "hold True", "hold False", "mute True"]
    assert error_id(await fake.send(HangUp("c1", "operator"))) is None
    assert fake.trunk.placed[0].causes == ["operator"]
    assert error_id(await fake.send(HangUp("c1", "again"))) is None


async def test_a_call_cannot_be_bridged_to_a_seat_that_is_not_there(fake: InnerGateway) -> None:
    await fake.send(place_call())
    await turn()
    fake.trunk.placed[0].answer()
    assert error_id(await fake.send(Bridge("c1", "s1", True))) == "seat_not_connected"


async def test_a_closing_prompt_is_played(fake: InnerGateway) -> None:
    await bridged_call(fake)
    await fake.send(EndWithPrompt("c1", Prompt.APOLOGY, "shift_over"))
    assert fake.audios[0].played == [Prompt.APOLOGY]


async def test_blocked_numbers_neither_leave_nor_ring_on(fake: InnerGateway) -> None:
    await fake.send(place_call("c1", number_key="key1"))
    await turn()
    await fake.send(BlockNumbers(("key1", "key2")))
    assert fake.trunk.placed[0].causes == ["number_blocked"]
    await fake.send(place_call("c2", number_key="key2"))
    await turn()
    assert isinstance(fake.events()[-1], CallNotPlaced)
    await fake.send(UnblockNumbers(("key2",)))
    await fake.send(place_call("c3", number_key="key2"))
    await turn()
    assert fake.events()[-1] == CallPlaced("c3", "t1", place_call().caller_id)


async def test_a_stopped_campaign_places_nothing_until_it_is_resumed(fake: InnerGateway) -> None:
    await fake.send(StopCampaign(3))
    await fake.send(place_call("c1"))
    await turn()
    assert isinstance(fake.events()[-1], CallNotPlaced)
    await fake.send(ResumeCampaign(3))
    await fake.send(place_call("c2"))
    await turn()
    assert fake.events()[-1] == CallPlaced("c2", "t1", place_call().caller_id)


async def test_a_smaller_share_counts_from_the_next_call_on(fake: InnerGateway) -> None:
    await fake.send(SetShares((TrunkShare("t1", 1, 2.0),)))
    for call_id in ("c1", "c2"):
        await fake.send(place_call(call_id))
    await turn()
    refused = fake.events()[-1]
    assert isinstance(refused, CallNotPlaced) and refused.refusal.error_id == "no_line"


# --- seats --------------------------------------------------------------------------------------


async def test_opening_a_seat_answers_the_browser(fake: InnerGateway) -> None:
    reply = await fake.send(OpenSeat("s1", "offer"), command_id="cmd-7")
    assert reply == CommandReply("cmd-7", None, "the answer")
    await fake.legs[0].connect()
    assert fake.events() == [SeatUp("s1")]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (BadOffer("the offer has no audio section"), "bad_offer"),
        (NoUsableAddress(), "no_usable_address"),
        (PortsUsedUp(98, "every media port is taken"), "no_media_port"),
        (OSError(24, "Too many open files"), "no_media_port"),
    ],
)
async def test_a_seat_that_cannot_be_opened_says_why(
    fake: InnerGateway, fault: Exception, expected: str
) -> None:
    fake.answer_fault = fault
    reply = await fake.send(OpenSeat("s1", "offer"))
    assert error_id(reply) == expected
    assert reply.refusal is not None and reply.refusal.message
    assert reply.answer_sdp is None


async def test_a_seat_is_tested_and_closed(fake: InnerGateway) -> None:
    await open_seat(fake)
    assert error_id(await fake.send(TestSeat("s1", "echo"))) is None
    assert fake.legs[0].sink is not None
    assert error_id(await fake.send(CloseSeat("s1"))) is None
    await turn()
    assert fake.legs[0].state == "closed"


# --- what it says of itself ---------------------------------------------------------------------


async def test_hello_says_what_the_outbox_holds_and_the_trunks_carry(fake: InnerGateway) -> None:
    await open_seat(fake)
    hello = fake.gateway.hello()
    assert (hello.version, hello.gateway_id, hello.boot_id) == (1, "gw1", "boot")
    assert (hello.first_seq, hello.next_seq) == (1, 2)
    assert hello.trunks == (TrunkShare("t1", 2, 5.0),)


async def test_a_snapshot_shows_everything_alive(fake: InnerGateway) -> None:
    await bridged_call(fake)
    await fake.send(place_call("c2"))
    snapshot = fake.gateway.snapshot()
    assert snapshot.calls == (
        CallState("c2", "t1", CallPhase.PLACED, None),
        CallState("c1", "t1", CallPhase.BRIDGED, "s1"),
    )
    assert snapshot.seats == (SeatState("s1", True),)
    assert snapshot.next_seq == fake.outbox.next_seq


async def test_a_wanted_snapshot_is_passed_on(fake: InnerGateway) -> None:
    wanted: list[bool] = []
    fake.gateway.on_snapshot_wanted = lambda: wanted.append(True)
    await fake.send(SendSnapshot())
    assert wanted == [True]


async def test_liveness_covers_seats_and_trunks(fake: InnerGateway) -> None:
    await open_seat(fake)
    live = fake.gateway.liveness()
    assert [seat.seat_id for seat in live.seats] == ["s1"]
    assert [trunk.trunk_id for trunk in live.trunks] == ["t1"]
    assert live.at == NOON


async def test_a_welcome_sets_clock_shares_stops_and_blocks(fake: InnerGateway) -> None:
    await fake.send(place_call("c0", number_key="key0"))
    await turn()
    fake.gateway.welcomed(
        welcome(
            epoch=4,
            acknowledged=1,
            clock_offset_s=3600.0,
            shares=(TrunkShare("t1", 7, 1.0),),
            stopped=(9,),
            blocked=("key0",),
        )
    )
    assert fake.clock.now() == NOON + timedelta(hours=1)
    assert fake.trunk.limits == (7, 1.0)
    assert fake.events() == []
    assert fake.trunk.placed[0].causes == ["number_blocked"]
    for command in (place_call("c1", campaign_id=9), place_call("c2", number_key="key0")):
        await fake.send(command, epoch=4)
    await turn()
    reasons = [e.refusal.error_id for e in fake.events() if isinstance(e, CallNotPlaced)]
    assert reasons == ["campaign_stopped", "number_blocked"]


async def test_an_older_desk_is_not_obeyed_although_it_welcomes(fake: InnerGateway) -> None:
    fake.gateway.welcomed(welcome(epoch=4))
    with pytest.raises(Superseded, match="epoch 3"):
        fake.gateway.welcomed(replace(welcome(epoch=3), clock_offset_s=99.0))
    assert fake.clock.offset_s == 0.0
