"""The device check: can the operator be heard, and hear? Nobody is available before it passed."""

from __future__ import annotations

import asyncio
from collections import deque

from softphone.audio.g711 import FRAME_MS
from softphone.audio.prompts import Sounds, load_sounds
from softphone.audio.ticker import Ticker
from softphone.rtp.player import Player
from softphone.webrtc.leg import SeatLeg

# Late enough to be told from one's own voice in the room.
ECHO_DELAY_MS = 600


class DeviceCheck:
    """Plays the test tone and echoes the operator's voice on a leg that is not in a call."""

    def __init__(self, leg: SeatLeg, ticker: Ticker, *, sounds: Sounds | None = None) -> None:
        self._leg = leg
        self._ticker = ticker
        self._sounds = sounds or load_sounds()
        self._player: Player | None = None
        self._delayed: deque[tuple[bytes, int]] = deque()
        self._echo_ends: asyncio.TimerHandle | None = None

    @property
    def level_dbfs(self) -> float:
        """Loudness of the microphone over the last second."""
        return self._leg.level_dbfs

    def play_tone(self) -> None:
        """Let the operator hear three notes; an echo in progress ends."""
        self.stop()
        frames = self._sounds.check_tone.frames(self._leg.codec)
        self._player = Player(self._ticker, frames, self._leg)
        self._player.start()

    def echo(self, seconds: float) -> None:
        """Send the operator's own voice back, somewhat later, for so long."""
        self.stop()
        self._leg.sink = self._echoed
        loop = asyncio.get_running_loop()
        self._echo_ends = loop.call_later(seconds, self.stop)

    def stop(self) -> None:
        """End tone and echo and let the leg go; harmless when nothing runs."""
        if self._player is not None:
            self._player.stop()
            self._player = None
        if self._echo_ends is not None:
            self._echo_ends.cancel()
            self._echo_ends = None
        if self._leg.sink == self._echoed:
            self._leg.sink = None
        self._delayed.clear()

    def _echoed(self, payload: bytes, timestamp: int) -> None:
        self._delayed.append((payload, timestamp))
        if len(self._delayed) > ECHO_DELAY_MS // FRAME_MS:
            earlier, its_timestamp = self._delayed.popleft()
            self._leg.send(earlier, source=self, timestamp=its_timestamp)
