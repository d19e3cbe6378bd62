"""A gateway that may open few files: what is new is refused by name, what is there goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.audio.ticker import Ticker
from softphone.protocol import Bridge, CallBridged, CallScreened, CloseSeat, OpenSeat, SeatUp
from softphone.webrtc.offering_peer import OfferingPeer
from tests.fakes.carrier import Carrier
from tests.fakes.desk_server import FakeDesk
from tests.softphone.gateway_process import GatewayProcess, place_call
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

pytestmark = pytest.mark.processes

DESCRIPTORS = 64


class Starved:
    """One talk in a gateway with few descriptors left."""

    def __init__(self, tmp_path: Path) -> None:
        self.ticker = Ticker()
        self.desk = FakeDesk()
        self.carrier = Carrier(self.ticker)
        self.browser = BrowserClient(self.ticker)
        self._tmp_path = tmp_path
        self._peers: list[OfferingPeer] = []

    async def open(self) -> None:
        await self.desk.start()
        await self.carrier.start()
        self.gateway = GatewayProcess(
            self._tmp_path, self.desk, sip_port=self.carrier.port, descriptors=DESCRIPTORS
        )
        self.gateway.start()
        await self.desk.linked()
        await self.browser.connect(self._post_offer)
        await self.desk.event(SeatUp, seat_id="talker")
        self.browser.hum(440)
        await self.desk.send(place_call("c1", "+819000001234", desk=self.desk))
        self.call = await self.carrier.call("09000001234")
        await self.call.answer(hz=700)
        await self.desk.event(CallScreened, call_id="c1", offered=True)
        await self.desk.send(Bridge("c1", "talker", True))
        await self.desk.event(CallBridged, call_id="c1")

    async def close(self) -> None:
        await self.browser.close()
        for peer in self._peers:
            await peer.close()
        self.gateway.end()
        await self.carrier.stop()
        await self.desk.stop()

    async def _post_offer(self, offer: str) -> str:
        reply = await self.desk.send(OpenSeat("talker", offer))
        assert reply.answer_sdp is not None, reply
        return reply.answer_sdp

    async def another_seat(self, seat_id: str) -> str | None:
        """A page that asks for a leg; why it was refused."""
        self._peers.append(OfferingPeer())
        reply = await self.desk.send(OpenSeat(seat_id, await self._peers[-1].offer()))
        return reply.refusal.error_id if reply.refusal is not None else None


@pytest.fixture
async def starved(tmp_path: Path) -> AsyncIterator[Starved]:
    starved = Starved(tmp_path)
    try:
        await starved.open()
        yield starved
    finally:
        await starved.close()


async def test_out_of_files_new_seats_and_calls_are_refused_and_the_talk_goes_on(
    starved: Starved,
) -> None:
    await await_until(lambda: starved.browser.hears_only(700, but_not=440))
    starved.browser.listen_afresh()
    starved.call.customer.listen_afresh()
    heard = starved.browser.count, starved.call.customer.count
    refusals = [await starved.another_seat(f"s{n}") for n in range(DESCRIPTORS)]
    opened = refusals.count(None)
    assert 1 <= opened < DESCRIPTORS
    assert set(refusals[opened:]) == {"gateway_starved"}
    reply = await starved.desk.send(place_call("c2", "+819000005678", desk=starved.desk))
    assert reply.refusal is not None and reply.refusal.error_id == "gateway_starved"

    # The link is made anew with what was kept back, and all the time both hear each other.
    await starved.desk.cut()
    await starved.desk.linked()
    await await_until(lambda: starved.browser.count - heard[0] > 50)
    await await_until(lambda: starved.call.customer.count - heard[1] > 50)
    await await_until(lambda: starved.browser.hears_only(700, but_not=440))
    await await_until(lambda: starved.call.customer.hears_only(440, but_not=700))
    assert "Traceback" not in starved.gateway.log

    for n in range(opened):
        await starved.desk.send(CloseSeat(f"s{n}"))

    async def takes_again() -> bool:
        return await starved.another_seat("late") is None

    for _ in range(50):
        if await takes_again():
            break
    else:
        raise AssertionError("it takes no seat although files are free again")
