"""A call on one gateway and its seat on another: two real processes, a carrier and a browser."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.audio.ticker import Ticker
from softphone.protocol import (
    Bridge,
    CallBridged,
    CallEnded,
    CallScreened,
    EndedBy,
    HangUp,
    Hold,
    Mute,
    OpenRelay,
    OpenSeat,
    RelayChanged,
    SeatSilent,
    SeatUp,
    TestSeat,
)
from tests.fakes.carrier import Carrier, CarrierCall
from tests.fakes.desk_server import FakeDesk
from tests.softphone.gateway_process import GatewayProcess, place_call
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

pytestmark = pytest.mark.processes

OPERATOR_HZ, CUSTOMER_HZ = 440, 700
NUMBER = "+819000001234"


class TwoGateways:
    """`host` has the trunk's calls, `lender` the seats; each is told by a desk of its own."""

    def __init__(self, tmp_path: Path) -> None:
        self.ticker = Ticker()
        self.carrier = Carrier(self.ticker)
        self.host_desk, self.lender_desk = FakeDesk(), FakeDesk()
        self._tmp_path = tmp_path
        self._browsers: list[BrowserClient] = []

    async def open(self) -> None:
        await self.carrier.start()
        for desk in (self.host_desk, self.lender_desk):
            await desk.start()
        self.host, self.lender = (
            GatewayProcess(
                self._tmp_path / name,
                desk,
                sip_port=self.carrier.port,
                rtp_ports=ports,
                gateway_id=name,
            )
            for name, desk, ports in (
                ("host", self.host_desk, "42000-42499"),
                ("lender", self.lender_desk, "42500-42999"),
            )
        )
        for gateway in (self.host, self.lender):
            gateway.start()
        for desk in (self.host_desk, self.lender_desk):
            await desk.linked()

    async def close(self) -> None:
        for browser in self._browsers:
            await browser.close()
        for gateway in (self.host, self.lender):
            gateway.end()
        await self.carrier.stop()
        for desk in (self.host_desk, self.lender_desk):
            await desk.stop()

    async def browser(self, at: FakeDesk | None = None) -> BrowserClient:
        """An operator's page, on the lender unless said otherwise: connected, humming."""
        browser, desk = BrowserClient(self.ticker), at or self.lender_desk
        self._browsers.append(browser)
        ups = len(desk.events(SeatUp))

        async def post_offer(offer: str) -> str:
            reply = await desk.send(OpenSeat("s1", offer))
            assert reply.answer_sdp is not None, reply
            return reply.answer_sdp

        await browser.connect(post_offer)
        browser.hum(OPERATOR_HZ)
        await await_until(lambda: len(desk.events(SeatUp)) > ups)
        return browser

    async def talk(self) -> CarrierCall:
        """A call that is bridged over a relay."""
        await self.host_desk.send(place_call("c1", NUMBER, desk=self.host_desk))
        call = await self.carrier.call("0" + NUMBER.removeprefix("+81"))
        await call.answer(hz=CUSTOMER_HZ)
        await self.host_desk.event(CallScreened, call_id="c1", offered=True)
        here, there = (desk.hellos[-1].relay_address for desk in (self.host_desk, self.lender_desk))
        key = base64.b64encode(secrets.token_bytes(30)).decode()
        hosting = OpenRelay("r1", "c1", "s1", True, here, there, 1, 2, key)
        lending = OpenRelay("r1", "c1", "s1", False, there, here, 2, 1, key)
        told = self.host_desk.send(hosting), self.lender_desk.send(lending)
        for reply in await asyncio.gather(*told):
            assert reply.refusal is None, reply
        reply = await self.host_desk.send(Bridge("c1", "s1", True))
        assert reply.refusal is None, reply
        await self.host_desk.event(CallBridged, call_id="c1", seat_id="s1")
        return call


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[TwoGateways]:
    two = TwoGateways(tmp_path)
    try:
        await two.open()
        yield two
    finally:
        await two.close()


async def hear_each_other(browser: BrowserClient, call: CarrierCall) -> None:
    await await_until(lambda: browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ))
    await await_until(lambda: call.customer.hears_only(OPERATOR_HZ, but_not=CUSTOMER_HZ))


async def test_a_talk_over_a_relay_is_as_any_other(two: TwoGateways) -> None:
    browser = await two.browser()
    call = await two.talk()
    await hear_each_other(browser, call)
    check = await two.lender_desk.send(TestSeat("s1", "tone"))
    assert check.refusal is not None and check.refusal.error_id == "seat_busy"
    await two.host_desk.send(Hold("c1", True))
    await await_until(lambda: call.customer.heard_dbfs(OPERATOR_HZ) < -40)
    await await_until(lambda: call.customer.level_dbfs() > -50, what="music")
    await two.host_desk.send(Hold("c1", False))
    await hear_each_other(browser, call)
    await two.lender_desk.send(Mute("s1", True))
    await await_until(lambda: call.customer.hears_silence())
    await two.lender_desk.send(Mute("s1", False))
    await hear_each_other(browser, call)
    call.hang_up()
    ended = await two.host_desk.event(CallEnded)
    assert (ended.by, ended.abandoned) == (EndedBy.CUSTOMER, False)
    await await_until(lambda: browser.heard_dbfs(740, ms=60) > -35, what="the falling tone")
    await two.lender_desk.event(RelayChanged, up=False)
    await await_until(lambda: browser.level_dbfs() < -60)


async def test_a_reload_at_the_lender_goes_on_with_the_same_customer(two: TwoGateways) -> None:
    first = await two.browser()
    call = await two.talk()
    await hear_each_other(first, call)
    second = await two.browser()
    await hear_each_other(second, call)
    assert two.host_desk.events(SeatSilent) == []
    await second.vanish()
    await two.host_desk.event(SeatSilent, silent=True)
    third = await two.browser()
    await two.host_desk.event(SeatSilent, silent=False)
    await hear_each_other(third, call)
    await two.host_desk.send(HangUp("c1", "operator"))
    await two.lender_desk.event(RelayChanged, up=False, reason="released")


async def test_a_lender_that_dies_is_a_lost_browser_which_may_come_back_elsewhere(
    two: TwoGateways,
) -> None:
    browser = await two.browser()
    call = await two.talk()
    await hear_each_other(browser, call)
    two.lender.kill()
    await two.host_desk.event(SeatSilent, silent=True)
    await await_until(lambda: call.customer.level_dbfs() > -50, what="the hold prompt")
    assert call.ended is None

    # The page finds another gateway, that of the call.
    second = await two.browser(at=two.host_desk)
    await two.host_desk.event(SeatSilent, silent=False)
    await hear_each_other(second, call)
    await two.host_desk.send(Mute("s1", True))
    await await_until(lambda: call.customer.hears_silence())
    call.hang_up()
    assert (await two.host_desk.event(CallEnded)).by is EndedBy.CUSTOMER


async def test_a_host_that_drains_finishes_the_call_of_a_lent_seat_and_so_does_the_lender(
    two: TwoGateways,
) -> None:
    browser = await two.browser()
    call = await two.talk()
    for gateway, desk in ((two.host, two.host_desk), (two.lender, two.lender_desk)):
        gateway.drain()
        await await_until(lambda: desk.liveness[-1].draining)  # noqa: B023  # awaited at once
    await hear_each_other(browser, call)
    refused = await two.host_desk.send(place_call("c2", NUMBER, desk=two.host_desk))
    assert refused.refusal is not None and refused.refusal.error_id == "gateway_draining"
    call.hang_up()
    await two.host_desk.event(CallEnded)
    assert two.host.wait() == 0
    assert two.lender.wait() == 0
