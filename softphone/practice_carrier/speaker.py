"""The mouth of one practice call: always a frame to send, the sound of the moment or line noise."""

from __future__ import annotations

from collections.abc import Sequence

from softphone.audio.g711 import FRAME_SAMPLES
from softphone.audio.ticker import Ticker
from softphone.rtp.leg import Leg


class Speaker:
    """Sends 50 frames a second from `start` to `stop`, all on one timeline.

    `noise` are frames in the leg's codec; `offset` sets calls apart that share them.
    """

    def __init__(
        self, ticker: Ticker, leg: Leg, noise: Sequence[bytes], *, offset: int = 0
    ) -> None:
        self._ticker = ticker
        self._leg = leg
        self._noise = noise
        self._offset = offset
        self._frames: Sequence[bytes] = ()
        self._next = 0
        self._repeat = False

    def start(self) -> None:
        self._ticker.add(self._send)

    def stop(self) -> None:
        self._ticker.remove(self._send)

    def play(self, frames: Sequence[bytes], *, repeat: bool = False) -> None:
        """Play frames from the next tick on, in place of what was playing."""
        self._frames = frames
        self._next = 0
        self._repeat = repeat

    def _send(self, tick: int) -> None:
        if self._next < len(self._frames):
            frame = self._frames[self._next]
            self._next += 1
            if self._repeat and self._next == len(self._frames):
                self._next = 0
        else:
            frame = self._noise[(tick + self._offset) % len(self._noise)]
        self._leg.send(frame, source=self, timestamp=tick * FRAME_SAMPLES & 0xFFFFFFFF)
