"""SRTP with baresip, whose key exchange and packets are not ours: tones heard both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.audio.ticker import Ticker
from softphone.protocol import Bridge, CallAnswered, CallBridged, OpenSeat, SeatUp
from tests.fakes.desk_server import FakeDesk
from tests.interop.baresip import Baresip
from tests.interop.sipp_floor import ManyTrunks
from tests.softphone.gateway_process import place_call
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

pytestmark = [pytest.mark.baresip, pytest.mark.processes]

CUSTOMER_HZ, OPERATOR_HZ = 700, 440


@pytest.mark.parametrize(
    ("srtp", "theirs"), [("required", "srtp-mand"), ("optional", "srtp"), ("optional", "")]
)
async def test_tones_pass_both_ways(srtp: str, theirs: str, tmp_path: Path) -> None:
    desk, browser = FakeDesk(), BrowserClient(Ticker())
    folder = tmp_path / "phone"
    folder.mkdir()
    running = Baresip.running(folder, user="09012300001", hz=CUSTOMER_HZ, srtp=theirs)
    async with running as phone:
        await desk.start()
        table = {"id": "sealed", "host": "127.0.0.1", "port": phone.port, "srtp": srtp}
        gateway = ManyTrunks(tmp_path, desk, {"sealed": table})
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
            order = place_call(
                "c1", "+819012300001", desk=desk, bridge_within_s=30.0, trunk_id="sealed"
            )
            await desk.send(order)
            await desk.event(CallAnswered)
            await desk.send(Bridge("c1", "s1", False))
            await desk.event(CallBridged)
            await await_until(lambda: browser.heard_dbfs(CUSTOMER_HZ) > -20, what="the customer")
            await await_until(lambda: phone.heard_dbfs(OPERATOR_HZ) > -20, what="the operator")
            assert ("SRTP is Enabled" in phone.log) is bool(theirs)
        finally:
            await browser.close()
            gateway.end()
            print(phone.log[-3000:], gateway.log[-3000:])  # shown when the test failed
            await desk.stop()
