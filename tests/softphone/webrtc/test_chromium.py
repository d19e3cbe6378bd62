"""A real browser on the seat's leg: Chromium hears us and we hear its microphone.

Chromium's fake microphone beeps once a second; what it hears is measured in the page.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, async_playwright

from softphone.audio.g711 import decode
from softphone.audio.ticker import Ticker
from softphone.audio.tones import level_dbfs
from softphone.bridge import Bridge
from softphone.media_plane import PLANES
from softphone.rtp.player import Player
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from tests.softphone.trunk_party import TrunkParty
from tests.softphone.webrtc_client import hum_frames
from tests.waiting import PATIENCE_S, await_until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]

PAGE = """<!doctype html><meta charset=utf-8><audio id=a autoplay></audio><script>
let pc, analyser, context;
async function connect(plane = 'direct') {
  pc?.close();
  pc = new RTCPeerConnection({iceServers: []});
  const mic = await navigator.mediaDevices.getUserMedia({audio: true});
  pc.addTransceiver(mic.getAudioTracks()[0], {direction: 'sendrecv', streams: [mic]});
  const heard = new Promise(resolve => pc.ontrack = resolve);
  await pc.setLocalDescription(await pc.createOffer());
  const reply = await fetch('/offer/' + plane, {method: 'POST', body: pc.localDescription.sdp});
  await pc.setRemoteDescription({type: 'answer', sdp: await reply.text()});
  const event = await heard;
  const stream = new MediaStream([event.track]);
  document.getElementById('a').srcObject = stream;
  context ??= new AudioContext(); await context.resume();
  analyser = context.createAnalyser(); analyser.fftSize = 4096;
  context.createMediaStreamSource(stream).connect(analyser);
}
function loudest() {
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  let best = 0; bins.forEach((level, n) => { if (level > bins[best]) best = n; });
  return bins[best] > -60 ? best * context.sampleRate / analyser.fftSize : 0;
}
async function inbound() {
  for (const report of (await pc.getStats()).values())
    if (report.type === 'inbound-rtp') return report;
}
async function bufferDelay() {  // mean over the next second of audio
  const before = await inbound();
  for (;;) {
    const now = await inbound();
    const emitted = now.jitterBufferEmittedCount - before.jitterBufferEmittedCount;
    if (emitted >= 8000) return (now.jitterBufferDelay - before.jitterBufferDelay) / emitted;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
</script>"""


class Rig:
    page: Page
    leg: SeatLeg

    async def offer(self, request: web.Request) -> web.Response:
        settings = WebRtcSettings(udp_ports=PortPool(), include_loopback=True)
        plane = PLANES[request.match_info["plane"]](settings)  # type: ignore[index]
        self.leg = await plane.answer(await request.text())
        return web.Response(text=self.leg.answer_sdp)

    async def serve_page(self, request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")


@pytest_asyncio.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    application = web.Application()
    application.add_routes([web.get("/", rig.serve_page), web.post("/offer/{plane}", rig.offer)])
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--autoplay-policy=no-user-gesture-required",
                "--allow-loopback-in-peer-connection",
            ],
        )
        rig.page = await browser.new_page()
        await rig.page.goto(f"http://127.0.0.1:{port}/")
        yield rig
        await browser.close()
    await rig.leg.close()
    await runner.cleanup()


async def page_hears(page: Page, hz: float) -> None:
    await page.wait_for_function(
        "hz => Math.abs(loudest() - hz) < 15", arg=hz, timeout=1000 * PATIENCE_S
    )


async def test_chromium_hears_us_and_we_hear_it_without_added_delay(rig: Rig) -> None:
    await rig.page.evaluate("connect()")
    await asyncio.wait_for(rig.leg.connected, PATIENCE_S)

    ticker = Ticker()
    player = Player(ticker, hum_frames(440, rig.leg.codec), rig.leg, loop=True)
    player.start()
    await page_hears(rig.page, 440)

    # A source change after three idle seconds must not make the browser buffer against it.
    player.stop()
    now = asyncio.get_running_loop().time
    await await_until(lambda: now() - rig.leg.last_sent_at > 3)
    Player(ticker, hum_frames(700, rig.leg.codec), rig.leg, loop=True).start()
    await page_hears(rig.page, 700)
    delay_s = await rig.page.evaluate("bufferDelay()")
    assert delay_s < 0.5  # a starved machine adds some; the wrong clock adds up to a second

    loudest = []
    rig.leg.sink = lambda payload, timestamp: loudest.append(
        level_dbfs(decode(payload, rig.leg.codec))
    )
    await await_until(lambda: len(loudest) > 60)
    assert np.max(loudest) > -40  # the fake microphone beeps
    assert rig.leg.received.received > 50
    await await_until(lambda: rig.leg.heard is not None)
    assert rig.leg.heard is not None and rig.leg.heard.lost_share < 0.5

    lost = []
    rig.leg.on_lost = lost.append
    await rig.page.evaluate("pc.close()")
    await await_until(lambda: lost == ["closed"])


async def test_both_planes_bridge_a_browser_to_a_customer(rig: Rig) -> None:
    ticker, ports = Ticker(), PortPool()
    customer = await TrunkParty.open(ticker)
    rtp = await RtpSession.open(ports, "127.0.0.1")
    rtp.connect(customer.address, "PCMU")
    customer.speak_to(rtp.address)
    for hz, plane in ((700, "direct"), (1100, "peer_connection")):
        customer.hum(hz)
        await rig.page.evaluate("plane => connect(plane)", plane)
        await asyncio.wait_for(rig.leg.connected, PATIENCE_S)
        bridge = Bridge(rtp, rig.leg, ticker)
        bridge.connect()
        await page_hears(rig.page, hz)
        # The fake microphone beeps once a second.
        await await_until(lambda: customer.level_dbfs() > -40, what=f"a beep over {plane}")
        bridge.separate()
        await await_until(customer_hears_nothing(customer), what="the end of the bridge")
        await rig.leg.close()
    customer.close()
    await rtp.close()


def customer_hears_nothing(customer: TrunkParty) -> Callable[[], bool]:
    return lambda: customer.samples(400).size == 0
