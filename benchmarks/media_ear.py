"""Bridge command → the first sound of it in Chromium's own audio thread.

A standing leg and a customer who hums all the while are joined and parted again and again. The
instant of the command is taken before it is given to the plane's process; an AudioWorklet on the
page's audio sees every sample. Both clocks are the machine's. The jitter buffer is in it.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from typing import Any

from aiohttp import web
from playwright.async_api import Page, async_playwright

from benchmarks.audible import LISTEN, WORKLET, ZIP_HZ
from benchmarks.media_load import PlaneProcess
from softphone.audio.ticker import Ticker
from tests.softphone.trunk_party import TrunkParty

HZ = 784
WORDS = {"the zip tone": True, "the customer's voice, without a zip tone": False}
QUIET_S = 0.7  # an operator's pause; what was buffered is over by then
PAGE = """<!doctype html><meta charset=utf-8><audio autoplay></audio><script>
async function connect() {
  const pc = new RTCPeerConnection({iceServers: []});
  const mic = await navigator.mediaDevices.getUserMedia({audio: true});
  const transceiver = pc.addTransceiver(mic.getAudioTracks()[0], {direction: 'sendrecv'});
  transceiver.setCodecPreferences(RTCRtpReceiver.getCapabilities('audio').codecs
    .filter(({mimeType}) => mimeType === 'audio/PCMU'));
  const heard = new Promise(resolve => pc.ontrack = resolve);
  await pc.setLocalDescription();
  const reply = await fetch('/offer', {method: 'POST', body: pc.localDescription.sdp});
  await pc.setRemoteDescription({type: 'answer', sdp: await reply.text()});
  document.querySelector('audio').srcObject = new MediaStream([(await heard).track]);
  while (pc.connectionState !== 'connected') await new Promise(r => setTimeout(r, 20));
}
</script>"""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)


async def audible(bridges: int) -> dict[str, list[float]]:
    """Milliseconds of each bridge, by what is heard first."""
    plane = PlaneProcess("direct")
    await plane.start()
    customer = await TrunkParty.open(Ticker())
    port = (await plane.ask("add_line", trunk=customer.address[1]))["port"]
    customer.hum(HZ)
    customer.speak_to(("127.0.0.1", port))

    async def offer(request: web.Request) -> web.Response:
        reply = await plane.ask("add_leg", offer=await request.text())
        return web.Response(text=reply["answer"])

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    application = web.Application()
    application.add_routes([web.get("/", page), web.post("/offer", offer)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=list(ARGUMENTS)
            )
            at = await browser.new_page()
            await at.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
            await at.evaluate("connect()")
            worklet = WORKLET.replace("ZIP_HZ", str(ZIP_HZ)).replace("HZ", str(HZ))
            await at.evaluate(LISTEN, worklet)
            found = {
                title: [await _bridge(plane, at, zip_tone=zip_tone) for _ in range(bridges)]
                for title, zip_tone in WORDS.items()
            }
            await browser.close()
    finally:
        await runner.cleanup()
        customer.close()
        await plane.stop()
    return {title: [each for each in took if each is not None] for title, took in found.items()}


async def _bridge(plane: PlaneProcess, page: Page, *, zip_tone: bool) -> float | None:
    """Join, wait for the sound, part; milliseconds, or None when it was not heard within 3 s."""
    await page.evaluate("window.__heard = []")
    began = time.time()
    await plane.ask("bridge", zip_tone=zip_tone)
    first: dict[str, Any] | None = None
    hz = ZIP_HZ if zip_tone else HZ
    while first is None and time.time() - began < 3:
        heard = await page.evaluate("window.__heard")
        first = next((each for each in heard if each["hz"] == hz), None)
        await asyncio.sleep(0.05)
    await plane.ask("separate")
    await asyncio.sleep(QUIET_S)
    return None if first is None else first["at"] - began * 1000
