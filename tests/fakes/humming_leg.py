"""A leg on a clock moved by hand: hums a tone into it, and measures what it is sent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import Codec, decode
from softphone.audio.tones import level_dbfs, tone_dbfs
from softphone.rtp.leg import AudioSink
from softphone.rtp.packet import parse
from softphone.rtp.stream import OutgoingStream
from tests.softphone.audio.test_ticker import HandClock
from tests.softphone.webrtc_client import hum_frames

FRAME_S = 0.02


class HummingLeg:
    """One party. Its packets come every 20 ms, `phase_s` after the gateway's ticks."""

    def __init__(
        self, clock: HandClock, hz: int, *, phase_s: float = 0.007, codec: Codec = "PCMU"
    ) -> None:
        self.codec: Codec = codec
        self.hz = hz
        self.sink: AudioSink | None = None
        self.last_packet_at = self.last_sent_at = 0.0
        self.speaking = True
        self._clock = clock
        self._number = 0
        self._stream = OutgoingStream(payload_type=0, ssrc=1, sequence=0, timestamp=0)
        self.heard: list[tuple[float, int, bytes]] = []  # instant, RTP timestamp, payload
        clock.call_at(clock.time() + phase_s, self._speak)

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        now = self._clock.time()
        datagram = self._stream.packet(payload, source=source, timestamp=timestamp, now=now)
        packet = parse(datagram) if datagram is not None else None
        if packet is not None:
            self.last_sent_at = now
            self.heard.append((now, packet.timestamp, payload))

    def listen_afresh(self) -> None:
        self.heard.clear()

    def samples(self, *, last_s: float = 0.2) -> NDArray[np.int16]:
        """What was sent to this party lately, in order."""
        since = self._clock.time() - last_s
        parts = [decode(payload, self.codec) for at, _, payload in self.heard if at >= since]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)

    def hears(self, *legs: HummingLeg, of: tuple[HummingLeg, ...]) -> bool:
        """Whether exactly the tones of `legs` arrive, of all the parties there are."""
        samples = self.samples()
        present = {leg.hz for leg in of if tone_dbfs(samples, leg.hz) > -16}
        absent = {leg.hz for leg in of if tone_dbfs(samples, leg.hz) < -35}
        wanted = {leg.hz for leg in legs}
        return present == wanted and absent == {leg.hz for leg in of} - wanted

    def level_dbfs(self) -> float:
        return level_dbfs(self.samples())

    @property
    def longest_gap_s(self) -> float:
        """Between two packets, by arrival and by timestamp, whichever shows it."""
        steps = zip(self.heard, self.heard[1:], strict=False)
        return max(max(b[0] - a[0], (b[1] - a[1]) / 8000) for a, b in steps)

    @property
    def lag_s(self) -> float:
        """How much longer than real time the stream is since its first packet."""
        first, last = self.heard[0], self.heard[-1]
        return (last[1] - first[1]) / 8000 - (last[0] - first[0])

    def _speak(self) -> None:
        if self.speaking:
            self.last_packet_at = self._clock.time()
            if self.sink is not None:
                frames = hum_frames(self.hz, self.codec)
                self.sink(frames[self._number % len(frames)], self._number * 160)
        self._number += 1
        self._clock.call_at(self._clock.time() + FRAME_S, self._speak)
