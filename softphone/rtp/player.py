"""Playing a sound into a leg, and the silence that fills a leg nobody speaks into."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from softphone.audio.g711 import FRAME_MS, FRAME_SAMPLES, silence
from softphone.audio.ticker import Ticker
from softphone.rtp.leg import Leg

# Silence steps in after this long: sooner, and it would interleave with speech that only jitters.
FILL_AFTER_S = 0.1


class Player:
    """Sends frames, in the leg's own codec, one per tick. It can be started once."""

    def __init__(
        self,
        ticker: Ticker,
        frames: Sequence[bytes],
        leg: Leg,
        *,
        loop: bool = False,
        on_done: Callable[[], None] | None = None,
    ) -> None:
        self._ticker = ticker
        self._frames = frames
        self._leg = leg
        self._loop = loop
        self._on_done = on_done
        self._next = 0

    @property
    def played_ms(self) -> int:
        """How much of it was sent."""
        return self._next * FRAME_MS

    def start(self) -> None:
        """Play from the next tick on; `on_done` is called 20 ms after the last frame, once."""
        self._ticker.add(self._play)

    def stop(self) -> None:
        """Fall silent at once, without `on_done`."""
        self._ticker.remove(self._play)

    def _play(self, tick: int) -> None:
        if self._next == len(self._frames):
            self._ticker.remove(self._play)
            if self._on_done is not None:
                self._on_done()
            return
        frame = self._frames[self._next]
        self._next += 1
        if self._loop and self._next == len(self._frames):
            self._next = 0
        self._leg.send(frame, source=self, timestamp=tick * FRAME_SAMPLES & 0xFFFFFFFF)


class SilenceFill:
    """Keeps a leg's stream alive while nobody speaks into it, for as long as it is started.

    A customer's leg has one from answer to end: routers and border controllers on the way close
    a stream that stops, and a dead line makes people hang up.
    """

    def __init__(self, ticker: Ticker, leg: Leg) -> None:
        self._ticker = ticker
        self._leg = leg
        self._now = asyncio.get_running_loop().time
        self._filling = False
        self._filled_at = 0.0

    def start(self) -> None:
        self._ticker.add(self._fill)

    def stop(self) -> None:
        self._ticker.remove(self._fill)
        self._filling = False

    def _fill(self, tick: int) -> None:
        sent_at = self._leg.last_sent_at
        if not (self._filling and sent_at == self._filled_at):
            self._filling = self._now() - sent_at > FILL_AFTER_S
        if self._filling:
            self._leg.send(
                silence(self._leg.codec),
                source=self,
                timestamp=tick * FRAME_SAMPLES & 0xFFFFFFFF,
            )
            self._filled_at = self._leg.last_sent_at
