"""A clock moved by hand: timers fire when a test lets time pass, in order, without waiting."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(order=True)
class HandTimer:
    due: float
    number: int
    callback: Callable[[], object] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class HandClock:
    """Stands in for an event loop's `time` and `call_later`."""

    def __init__(self, start: float = 100.0) -> None:
        self.time = start
        self._timers: list[HandTimer] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        return self.time

    def call_later(self, delay_s: float, callback: Callable[[], object], /) -> HandTimer:
        timer = HandTimer(self.time + delay_s, next(self._numbers), callback)
        heapq.heappush(self._timers, timer)
        return timer

    @property
    def pending(self) -> int:
        """Timers that would still fire."""
        return sum(not timer.cancelled for timer in self._timers)

    def pass_s(self, seconds: float) -> None:
        """Let time pass and fire what becomes due, each at its own instant."""
        end = self.time + seconds
        while self._timers and self._timers[0].due <= end + 1e-9:
            timer = heapq.heappop(self._timers)
            self.time = max(self.time, timer.due)
            if not timer.cancelled:
                timer.callback()
        self.time = end
