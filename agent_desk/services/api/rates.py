"""How often one token may ask: a bucket each, in memory, for there is one desk process."""

from __future__ import annotations

import math

from agent_desk.services.ports import Clock

RATE_PER_S = 10.0
BURST = 100.0
_MOST_BUCKETS = 1000


class TokenRates:
    """`wait_s` takes one request out of a bucket."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[int, tuple[float, float]] = {}  # what is left, and as of when

    def wait_s(self, token_id: int) -> int:
        """0 when the request may go ahead, else after how many whole seconds the next may."""
        now = self._clock.monotonic()
        left, since = self._buckets.get(token_id, (BURST, now))
        left = min(BURST, left + max(0.0, now - since) * RATE_PER_S)
        granted = left >= 1.0
        if token_id not in self._buckets and len(self._buckets) >= _MOST_BUCKETS:
            self._buckets.clear()
        self._buckets[token_id] = (left - 1.0 if granted else left, now)
        return 0 if granted else math.ceil((1.0 - left) / RATE_PER_S)
