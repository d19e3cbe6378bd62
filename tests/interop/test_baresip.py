"""baresip, a phone nobody here wrote, as the customer: real audio both ways, keys, hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from softphone.audio.ticker import Ticker
from softphone.protocol import (
    Bridge,
    CallAnswered,
    CallBridged,
    CallEnded,
    DigitHeard,
    EndedBy,
    HangUp,
    OpenSeat,
    SeatUp,
)
from tests.fakes.desk_server import FakeDesk
from tests.interop.baresip import Baresip
from tests.softphone.gateway_process import GatewayProcess, place_call
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

pytestmark = [pytest.mark.baresip, pytest.mark.processes]

CUSTOMER_HZ, OPERATOR_HZ = 700, 440


@dataclass
class Talk:
    """A bridged call between a browser and baresip."""

    desk: FakeDesk
    phone: Baresip
    browser: BrowserClient


@pytest.fixture(params=["rtpevent"])
async def talk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Talk]:
    desk, browser = FakeDesk(), BrowserClient(Ticker())
    folder = tmp_path / "phone"
    folder.mkdir()
    running = Baresip.running(folder, user="09012300001", hz=CUSTOMER_HZ, dtmf=request.param)
    async with running as phone:
        await desk.start()
        gateway = GatewayProcess(tmp_path / "data", desk, sip_port=phone.port)
        gateway.start()
        try:
            await desk.linked()

            async def post_offer(offer: str) -> str:
                reply = await desk.send(OpenSeat("s1", offer))
                assert reply.answer_sdp is not None, reply
                return reply.answer_sdp

            await browser.connect(post_offer)
            browser.hum(OPERATOR_HZ)
            await desk.event(SeatUp)
            await desk.send(place_call("c1", "+819012300001", desk=desk, bridge_within_s=30.0))
            await desk.event(CallAnswered)
            reply = await desk.send(Bridge("c1", "s1", False))
            assert reply.refusal is None, reply
            await desk.event(CallBridged)
            yield Talk(desk, phone, browser)
        finally:
            await browser.close()
            gateway.end()
            print(phone.log[-3000:], gateway.log[-3000:])  # shown when the test failed
            await desk.stop()


async def test_each_hears_the_other_alone(talk: Talk) -> None:
    await await_until(
        lambda: talk.browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ), what="the customer"
    )
    await await_until(
        lambda: talk.phone.hears_only(OPERATOR_HZ, but_not=CUSTOMER_HZ), what="the operator"
    )
    await talk.desk.send(HangUp("c1", "operator"))
    ended = await talk.desk.event(CallEnded)
    assert (ended.by, ended.answered, ended.abandoned) == (EndedBy.DESK, True, False)
    await await_until(lambda: any(each.get("type") == "CALL_CLOSED" for each in talk.phone.events))


@pytest.mark.parametrize("talk", ["rtpevent", "info"], indirect=True)
async def test_keys_are_told(talk: Talk) -> None:
    await talk.phone.command("sndcode", "5")
    told = await talk.desk.event(DigitHeard)
    assert (told.digit, told.in_band) == ("5", False)


async def test_the_customer_holds_comes_back_and_hangs_up(talk: Talk) -> None:
    await await_until(lambda: talk.browser.heard_dbfs(CUSTOMER_HZ) > -20)
    await await_until(lambda: talk.phone.heard_dbfs(OPERATOR_HZ) > -20)
    await talk.phone.command("hold")
    await await_until(lambda: talk.browser.heard_dbfs(CUSTOMER_HZ) < -40, what="hold")
    await talk.phone.command("resume")
    await await_until(lambda: talk.browser.heard_dbfs(CUSTOMER_HZ) > -20, what="the customer back")
    # It keeps no recording of what it decodes after a hold, but counts what arrives.
    await await_until(lambda: talk.phone.receiving, what="the operator back")
    await talk.phone.command("hangup")
    ended = await talk.desk.event(CallEnded)
    assert (ended.by, ended.answered) == (EndedBy.CUSTOMER, True)
