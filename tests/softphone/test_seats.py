"""Seats and their standing legs: reloads, second tabs, losses and the device check."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from softphone.audio.prompts import load_sounds
from softphone.audio.ticker import Ticker
from softphone.protocol import Event, Refusal, SeatDown, SeatState, SeatUp
from softphone.seats import Seat, Seats
from softphone.talk.talks import Names, Talk
from softphone.webrtc.offer import BadOffer
from tests.fakes.legs import FakeJoint, FakeSeatLeg
from tests.fakes.timers import HandClock
from tests.waiting import await_until


class Room:
    """Seats whose browsers are in the test's hands."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.events: list[Event] = []
        self.legs: list[FakeSeatLeg] = []
        self.ticker = Ticker()
        self.seats = Seats(self._answer, ticker=self.ticker, report=self.events.append)

    async def _answer(self, offer_sdp: str) -> FakeSeatLeg:
        if offer_sdp == "bad":
            raise BadOffer("no audio")
        self.legs.append(FakeSeatLeg(answer_sdp=f"answer to {offer_sdp}"))
        return self.legs[-1]

    @property
    def seat(self) -> Seat:
        seat = self.seats.find("s1")
        assert seat is not None
        return seat

    async def open_seat(self, offer: str = "offer") -> FakeSeatLeg:
        """A page that has connected and speaks."""
        await self.seats.open("s1", offer)
        await self.legs[-1].connect()
        self.legs[-1].last_packet_at = self.clock.now()
        return self.legs[-1]

    def start_talk(self) -> tuple[Talk, FakeJoint]:
        leg = self.seat.leg_for_call()
        assert not isinstance(leg, Refusal), leg
        joint = FakeJoint(leg)
        talk = Talk(
            Names("c1", "s1"),
            joint,
            report=self.events.append,
            timers=self.clock,
            now=self.clock.now,
            answered_at=self.clock.now(),
            on_lost=lambda: None,
        )
        self.seat.take(talk)
        talk.start(zip_tone=True)
        return talk, joint


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    yield room
    await room.seats.stop(within_s=1.0)


def error_id(result: object) -> str | None:
    return result.error_id if isinstance(result, Refusal) else None


async def test_a_seat_is_up_when_its_leg_is_connected(room: Room) -> None:
    assert await room.seats.open("s1", "offer") == "answer to offer"
    assert room.events == []
    assert room.seats.states() == (SeatState("s1", False),)
    await room.legs[0].connect()
    assert room.events == [SeatUp("s1")]
    assert room.seats.states() == (SeatState("s1", True),)


async def test_a_bad_offer_makes_no_seat(room: Room) -> None:
    with pytest.raises(BadOffer):
        await room.seats.open("s1", "bad")
    assert room.seats.states() == ()


async def test_a_leg_that_never_connects_is_reported(room: Room) -> None:
    await room.seats.open("s1", "offer")
    room.legs[0].connected.set_exception(ConnectionError("no answer"))
    await await_until(lambda: room.events)
    assert room.events == [SeatDown("s1", "no answer")]
    assert room.seats.states() == ()


async def test_a_lost_leg_is_reported_and_the_seat_is_gone(room: Room) -> None:
    leg = await room.open_seat()
    leg.lose("consent")
    assert room.events[-1] == SeatDown("s1", "consent")
    assert room.seats.states() == ()


async def test_a_second_page_takes_over_and_the_first_is_closed(room: Room) -> None:
    first = await room.open_seat()
    second = await room.open_seat("second")
    assert room.seat.leg is second
    assert first.state == "closed"
    assert room.events == [SeatUp("s1"), SeatUp("s1")]


async def test_until_the_second_page_is_connected_the_first_one_stays(room: Room) -> None:
    first = await room.open_seat()
    await room.seats.open("s1", "second")
    assert room.seat.leg is first
    room.legs[1].connected.set_exception(ConnectionError("no answer"))
    await asyncio.sleep(0)
    assert room.seat.leg is first
    assert room.events == [SeatUp("s1")]


async def test_of_three_pages_the_newest_wins(room: Room) -> None:
    await room.open_seat()
    await room.seats.open("s1", "second")
    third = await room.open_seat("third")
    assert room.seat.leg is third
    await await_until(lambda: room.legs[1].state == "closed")


async def test_a_reload_reaches_the_live_talk(room: Room) -> None:
    await room.open_seat()
    _, joint = room.start_talk()
    room.legs[0].lose("closed")
    assert room.seat.talk is not None
    second = await room.open_seat("second")
    room.clock.pass_s(0.2)
    assert joint.seat is second


async def test_only_a_connected_answering_and_free_seat_gets_a_customer(room: Room) -> None:
    await room.seats.open("s1", "offer")
    assert error_id(room.seat.leg_for_call()) == "seat_not_connected"
    leg = await room.open_seat()
    assert room.seat.leg_for_call() is leg
    room.clock.pass_s(60)  # between calls the page sends nothing, and that is no fault
    assert room.seat.leg_for_call() is leg
    leg.consent_age_s = 3.5
    assert error_id(room.seat.leg_for_call()) == "seat_silent"
    leg.consent_age_s = 0.5
    room.start_talk()
    assert error_id(room.seat.leg_for_call()) == "seat_busy"


async def test_a_customer_who_hung_up_is_heard_to_be_gone(room: Room) -> None:
    leg = await room.open_seat()
    room.start_talk()
    room.seat.release(customer_gone=True)
    await await_until(lambda: len(leg.sent) == len(load_sounds().customer_gone.frames("PCMU")))
    assert leg.sent == list(load_sounds().customer_gone.frames("PCMU"))


async def test_the_next_customer_cuts_the_tone_off(room: Room) -> None:
    leg = await room.open_seat()
    room.start_talk()
    room.seat.release(customer_gone=True)
    await await_until(lambda: leg.sent)
    sent = len(leg.sent)
    room.start_talk()
    ticks: list[int] = []
    room.ticker.add(ticks.append)
    await await_until(lambda: len(ticks) == 3)
    room.ticker.remove(ticks.append)
    assert len(leg.sent) == sent


async def test_the_device_check_plays_echoes_and_stops(room: Room) -> None:
    assert room.seats.find("s1") is None
    leg = await room.open_seat()
    assert room.seat.test("tone") is None
    await await_until(lambda: leg.sent)
    assert room.seat.test("echo") is None
    assert leg.sink is not None
    assert room.seat.test("stop") is None
    assert leg.sink is None


async def test_there_is_no_device_check_in_a_call_or_without_a_leg(room: Room) -> None:
    await room.seats.open("s1", "offer")
    assert error_id(room.seat.test("tone")) == "seat_not_connected"
    await room.open_seat()
    room.start_talk()
    assert error_id(room.seat.test("tone")) == "seat_busy"


async def test_a_call_ends_the_device_check(room: Room) -> None:
    leg = await room.open_seat()
    room.seat.test("echo")
    room.start_talk()
    assert leg.sink is None


async def test_mute_belongs_to_the_call(room: Room) -> None:
    await room.open_seat()
    assert error_id(room.seat.mute(True)) == "seat_not_in_call"
    _, joint = room.start_talk()
    assert room.seat.mute(True) is None
    assert joint.done[-1] == "mute True"


async def test_closing_a_seat_takes_its_legs_down(room: Room) -> None:
    leg = await room.open_seat()
    await room.seats.open("s1", "second")
    assert room.seats.close("s1") is None
    assert error_id(room.seats.close("s1")) == "seat_unknown"
    await await_until(lambda: [each.state for each in room.legs] == ["closed", "closed"])
    assert room.events == [SeatUp("s1"), SeatDown("s1", "closed by the desk")]
    assert leg.on_lost is None
