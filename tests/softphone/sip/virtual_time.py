"""A clock the test moves: `Timers` for the pure parts, and tokens nobody has to guess."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable


class Handle:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class VirtualTime:
    """Runs due callbacks in order when `advance` is called; `now` in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = itertools.count()
        self._due: list[tuple[float, int, Handle, Callable[[], object]]] = []

    def call_later(self, delay_s: float, callback: Callable[[], object], /) -> Handle:
        handle = Handle()
        heapq.heappush(self._due, (self.now + delay_s, next(self._order), handle, callback))
        return handle

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            self.now, _, handle, callback = heapq.heappop(self._due)
            if not handle.cancelled:
                callback()
        self.now = end

    @property
    def pending(self) -> int:
        """Timers still running: a finished call must leave none."""
        return sum(not handle.cancelled for _, _, handle, _ in self._due)


class Counting:
    """Tokens 01, 02, … in the width asked for."""

    def __init__(self) -> None:
        self._next = itertools.count(1)

    def __call__(self, size: int) -> str:
        return f"{next(self._next):0{2 * size}x}"
