"""Stray datagrams while seats set up and talk, in numbers: none fails, none is closed.

`STRAY_SET_UPS=100` is the full count, which `make soak` runs; the suite makes do with a few.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import AsyncIterator

import pytest

from softphone.audio.ticker import Ticker
from softphone.rtp.ports import PortPool
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from softphone.webrtc.transport import MakeTransport
from tests.softphone.webrtc.test_leg import TRANSPORTS
from tests.softphone.webrtc.test_shield import Attacked, client_hello, dtls_record
from tests.softphone.webrtc_client import BrowserClient

SET_UPS = int(os.environ.get("STRAY_SET_UPS", "5"))
STRAYS = (client_hello, lambda: dtls_record(21, b"\2\x28"), lambda: b"")
FRAMES = 60


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> MakeTransport:
    return TRANSPORTS[request.param]


async def fire(at: Attacked, per_second: int) -> None:
    """Each kind once at once, then so many a second in turn, until cancelled."""
    for stray in STRAYS:
        at.hit(stray())
    for stray in itertools.cycle(STRAYS):
        at.hit(stray())
        await asyncio.sleep(1 / per_second)  # pace: strays a second


@pytest.mark.timeout(240 + SET_UPS)
@pytest.mark.parametrize("per_second", [1, 200])
async def test_every_seat_sets_up_under_fire_and_no_live_call_is_closed(
    transport: MakeTransport, per_second: int
) -> None:
    live = await Attacked().open(transport)
    await live.connect()
    shots = [asyncio.ensure_future(fire(live, per_second))]
    for _ in range(SET_UPS):
        fresh = await Attacked().open(transport)
        shots.append(asyncio.ensure_future(fire(fresh, per_second)))
        await fresh.connect()
        await fresh.talk()
        shots.pop().cancel()
        await fresh.close()
    await live.talk()
    assert live.leg.refused > len(STRAYS)
    assert live.loop_errors == []
    shots.pop().cancel()
    await live.close()


@pytest.fixture
async def talking(transport: MakeTransport) -> AsyncIterator[tuple[BrowserClient, SeatLeg]]:
    """A browser that sends 50 packets a second, and its leg."""
    settings = WebRtcSettings(udp_ports=PortPool(), include_loopback=True, transport=transport)
    browser, legs = BrowserClient(Ticker()), []

    async def post_offer(offer: str) -> str:
        legs.append(await SeatLeg.answer(offer, settings=settings))
        return legs[0].answer_sdp

    await browser.connect(post_offer)
    await legs[0].connected
    yield browser, legs[0]
    await browser.close()
    await legs[0].close()


async def test_srtp_garbage_from_the_browsers_own_address_costs_no_frame(
    talking: tuple[BrowserClient, SeatLeg],
) -> None:
    _, leg = talking
    rng = random.Random(3)
    connection = leg._transport.connection
    assert connection.selected is not None
    protocol, address = connection._nominated[1].protocol, connection.selected[1]
    before = leg.received
    while leg.received.received - before.received < FRAMES:
        protocol.datagram_received(b"\x80\x00" + rng.randbytes(170), address)
        protocol.datagram_received(b"\x80\xc8" + rng.randbytes(60), address)
        await asyncio.sleep(0.002)  # pace: a thousand forged packets a second
    assert leg.received.lost == before.lost
    assert leg.state == "connected"
