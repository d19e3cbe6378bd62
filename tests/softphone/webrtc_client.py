"""A browser's stand-in for tests and load: offers, hums a tone, and tells what it hears.

    client = BrowserClient(ticker)
    await client.connect(post_offer)      # post_offer: async (offer_sdp) -> answer_sdp
    client.hum(440)                       # None: the microphone sends silence
    client.heard_dbfs(700)                # level of one tone over the last 200 ms
    await client.close()                  # as a closing page; `vanish` as a killed browser

It costs about as much as the leg it talks to; one ticker serves any number of clients.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import cache

import numpy as np

from softphone.audio.g711 import FRAME_SAMPLES, Codec, decode, encode, silence
from softphone.audio.ticker import Ticker
from softphone.audio.tones import FLOOR_DBFS, level_dbfs, tone, tone_dbfs
from softphone.audio.wav import to_pcm16
from softphone.rtp.packet import RtpPacket
from softphone.webrtc.offering_peer import OfferingPeer

_REMEMBERED_FRAMES = 100


@cache
def hum_frames(hz: int, codec: Codec) -> tuple[bytes, ...]:
    """One second of a tone, without a seam when repeated; whole hertz only."""
    octets = encode(to_pcm16(tone(hz, 1000, level_dbfs=-12, ramp_ms=0)), codec)
    return tuple(octets[i : i + FRAME_SAMPLES] for i in range(0, len(octets), FRAME_SAMPLES))


class Ear:
    """Remembers what arrived lately and measures it."""

    def __init__(self) -> None:
        self.codec: Codec = "PCMU"
        self.packets: deque[RtpPacket] = deque(maxlen=_REMEMBERED_FRAMES)
        self.arrivals: deque[float] = deque(maxlen=_REMEMBERED_FRAMES)
        self.count = 0
        self.listen_afresh()
        self._now = asyncio.get_running_loop().time

    def listen_afresh(self) -> None:
        """Measure the longest pause between packets from now on."""
        self.longest_gap_s = 0.0
        self._heard_at: float | None = None

    def hear(self, packet: RtpPacket) -> None:
        now = self._now()
        if self._heard_at is not None:
            self.longest_gap_s = max(self.longest_gap_s, now - self._heard_at)
        self._heard_at = now
        self.packets.append(packet)
        self.arrivals.append(now)
        self.count += 1

    def samples(self, ms: int = 200) -> np.ndarray:
        """Linear samples of what arrived in the last `ms`."""
        since = self._now() - ms / 1000
        recent = [
            decode(packet.payload, self.codec)
            for packet, at in zip(self.packets, self.arrivals, strict=True)
            if at >= since
        ]
        return np.concatenate(recent) if recent else np.zeros(0, np.int16)

    def loudest_dbfs(self, hz: float, *, ms: int = 200) -> float:
        """Of each packet by itself: where some are lost, the seams sound at every frequency."""
        samples = self.samples(ms)
        whole = samples[: samples.size // FRAME_SAMPLES * FRAME_SAMPLES]
        packets = whole.reshape(-1, FRAME_SAMPLES)
        return max((tone_dbfs(each, hz) for each in packets), default=FLOOR_DBFS)

    def heard_dbfs(self, hz: float, *, ms: int = 200) -> float:
        return tone_dbfs(self.samples(ms), hz)

    def level_dbfs(self, *, ms: int = 200) -> float:
        """All sound together; `FLOOR_DBFS` when nothing arrives."""
        return level_dbfs(self.samples(ms))

    def hears_only(self, hz: float, *, but_not: float) -> bool:
        return self.heard_dbfs(hz) > -20 and self.heard_dbfs(but_not) < -40

    def hears_silence(self) -> bool:
        return self.level_dbfs() <= FLOOR_DBFS + 30


class BrowserClient(Ear):
    """See the module."""

    def __init__(self, ticker: Ticker, *, codecs: tuple[Codec, ...] = ("PCMU", "PCMA")) -> None:
        super().__init__()
        self._ticker = ticker
        self._peer = OfferingPeer(codecs=codecs)
        self.hz: int | None = None

    @property
    def lost(self) -> str | None:
        """Why the gateway ended the connection, if it did."""
        return self._peer.lost

    async def connect(self, post_offer: Callable[[str], Awaitable[str]]) -> None:
        """Offer, take the answer and connect; the microphone then sends silence."""
        self._peer.sink = self.hear
        answer = await post_offer(await self._peer.offer())
        await self._peer.connect(answer)
        self.codec = self._peer.codec
        self.start_microphone()

    def hum(self, hz: int | None) -> None:
        self.hz = hz

    def start_microphone(self) -> None:
        self._ticker.add(self._speak)

    def stop_microphone(self) -> None:
        """Send no packets at all, as with `replaceTrack(null)`."""
        self._ticker.remove(self._speak)

    async def close(self) -> None:
        self.stop_microphone()
        await self._peer.close()

    async def vanish(self) -> None:
        self.stop_microphone()
        await self._peer.vanish()

    def _speak(self, tick: int) -> None:
        if self.hz is None:
            payload = silence(self.codec)
        else:
            frames = hum_frames(self.hz, self.codec)
            payload = frames[tick % len(frames)]
        self._peer.send(payload, timestamp=tick * FRAME_SAMPLES & 0xFFFFFFFF)
