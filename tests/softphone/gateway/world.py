"""The gateway as it runs, between a desk, a carrier and browsers of the tests' own."""

from __future__ import annotations

from pathlib import Path

from softphone.audio.ticker import Ticker
from softphone.protocol import (
    Bridge,
    CallBridged,
    CallScreened,
    OpenSeat,
    SeatUp,
)
from tests.fakes.carrier import Carrier, CarrierCall
from tests.fakes.desk_server import FakeDesk
from tests.softphone.gateway_process import GatewayProcess, place_call
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

OPERATOR_HZ, CUSTOMER_HZ = 440, 700
NUMBER = "+819000001234"
DIALED = "09000001234"


class World:
    """A linked gateway with everything around it."""

    def __init__(self, tmp_path: Path, **settings: str) -> None:
        self._settings = settings
        self.ticker = Ticker()
        self.desk = FakeDesk()
        self.carrier = Carrier(self.ticker)
        self._tmp_path = tmp_path
        self._browsers: list[BrowserClient] = []

    async def open(self) -> None:
        await self.desk.start()
        await self.carrier.start()
        self.gateway = GatewayProcess(
            self._tmp_path, self.desk, sip_port=self.carrier.port, settings=self._settings
        )
        self.gateway.start()
        await self.desk.linked()

    async def close(self) -> None:
        for browser in self._browsers:
            await browser.close()
        self.gateway.end()
        await self.carrier.stop()
        await self.desk.stop()

    async def browser(self, seat_id: str = "s1") -> BrowserClient:
        """An operator's page: connected, humming."""
        browser = BrowserClient(self.ticker)
        self._browsers.append(browser)
        ups = len(self.desk.events(SeatUp))

        async def post_offer(offer: str) -> str:
            reply = await self.desk.send(OpenSeat(seat_id, offer))
            assert reply.refusal is None, reply
            assert reply.answer_sdp is not None
            return reply.answer_sdp

        await browser.connect(post_offer)
        browser.hum(OPERATOR_HZ)
        await await_until(lambda: len(self.desk.events(SeatUp)) > ups)
        return browser

    async def place(
        self, call_id: str = "c1", *, number: str = NUMBER, **options: object
    ) -> CarrierCall:
        """Place a call and return it as the carrier sees it."""
        arrived = len(self.carrier.calls)
        command = place_call(call_id, number, desk=self.desk, **options)  # type: ignore[arg-type]
        reply = await self.desk.send(command)
        assert reply.refusal is None, reply
        await await_until(lambda: len(self.carrier.calls) > arrived, what="a new INVITE")
        return await self.carrier.call("0" + number.removeprefix("+81"))

    async def talk(self, call_id: str = "c1", seat_id: str = "s1") -> CarrierCall:
        """A bridged call with both parties humming."""
        call = await self.place(call_id)
        await call.answer(hz=CUSTOMER_HZ)
        await self.desk.event(CallScreened, call_id=call_id, offered=True)
        reply = await self.desk.send(Bridge(call_id, seat_id, True))
        assert reply.refusal is None, reply
        await self.desk.event(CallBridged, call_id=call_id)
        return call


async def hear_each_other(browser: BrowserClient, call: CarrierCall) -> None:
    await await_until(lambda: browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ))
    await await_until(lambda: call.customer.hears_only(OPERATOR_HZ, but_not=CUSTOMER_HZ))
