"""One 20 ms timer for all audio the gateway makes itself: prompts, tones, music, silence.

A timer per player would wake the loop hundreds of times a second out of step. Ticks are numbered
by wall time: after a stall the missed ones are skipped, never sent in a burst, and the number
tells a player how far its timestamps must move on. Without players the timer stands still.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from softphone.audio.g711 import FRAME_MS

_log = logging.getLogger(__name__)
_PERIOD_S = FRAME_MS / 1000

TickCallback = Callable[[int], None]


class Ticker:
    """Calls every registered function with the tick's number, 50 times a second."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._callbacks: dict[TickCallback, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._tick = 0
        self._firing = False
        self.lateness_s = 0.0

    @property
    def latest(self) -> int:
        """The number of the tick that has begun last; the next one is called with one more."""
        return self._tick if self._firing or self._timer is None else self._tick - 1

    def add(self, callback: TickCallback) -> None:
        """Call `callback` on each tick from the next one on; adding twice changes nothing."""
        self._callbacks[callback] = None
        if self._timer is None and not self._firing:
            self._tick = int(self._loop.time() / _PERIOD_S)
            self._schedule()

    def remove(self, callback: TickCallback) -> None:
        """Stop calling; unknown callbacks are ignored."""
        self._callbacks.pop(callback, None)
        if not self._callbacks and self._timer is not None and not self._firing:
            self._timer.cancel()
            self._timer = None

    def _schedule(self) -> None:
        self._tick = max(self._tick + 1, int(self._loop.time() / _PERIOD_S))
        self._timer = self._loop.call_at(self._tick * _PERIOD_S, self._fire)

    def _fire(self) -> None:
        tick = self._tick
        self.lateness_s = self._loop.time() - tick * _PERIOD_S
        self._firing = True
        for callback in list(self._callbacks):
            if callback not in self._callbacks:  # an earlier one of this tick removed it
                continue
            try:
                callback(tick)
            except Exception:  # boundary: one player must not silence all others
                _log.exception("a player failed and was removed")
                self._callbacks.pop(callback, None)
        self._firing = False
        self._timer = None
        if self._callbacks:
            self._schedule()
