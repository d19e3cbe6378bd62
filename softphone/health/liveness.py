"""How late the event loop runs, which callers hear as delay before any packet is lost."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

# 99 of 100 callbacks of the last `WINDOW_S` are in time by this, or the gateway is overloaded:
# before any packet is lost, voices come later and later. It must be so for `JUDGED_FOR_S`, and is
# over when the lag was below half of it for as long.
OVERLOAD_MS = 20.0
# That is so when the gateway itself is busy for this share of a core: fewer calls would help it.
# When others starve it, a small machine's browser for one, fewer calls change nothing; then it
# takes none only when voices would break up.
BUSY_SHARE = 0.4
STARVED_TIMES = 10.0
WINDOW_S = 5.0
JUDGED_FOR_S = 5.0
_PROBE_S = 0.05


class LoopLag:
    """Measures how late the event loop calls back: what callers hear as delay before any loss."""

    def __init__(
        self,
        now: Callable[[], float],
        *,
        limit_ms: float = OVERLOAD_MS,
        cpu_s: Callable[[], float] = time.process_time,
    ) -> None:
        """`limit_ms`: the 99th percentile above which a busy gateway is overloaded; ten times as
        much for one that is not busy itself. `cpu_s`: processor seconds it has used so far."""
        self.overloaded = False
        self._now = now
        self._limit_s = limit_ms / 1000
        self._cpu_s = cpu_s
        self._worst_s = 0.0
        self._lags: deque[tuple[float, float, float]] = deque()  # when, how late, processor time
        self._differs_since: float | None = None

    async def watch(self) -> None:
        """Probe twenty times a second until cancelled."""
        while True:
            due = self._now() + _PROBE_S
            await asyncio.sleep(_PROBE_S)
            self.note(self._now() - due)

    def note(self, late_s: float) -> None:
        """One measurement."""
        now = self._now()
        self._worst_s = max(self._worst_s, late_s)
        self._lags.append((now, late_s, self._cpu_s()))
        while self._lags[0][0] <= now - WINDOW_S:
            self._lags.popleft()
        self._judge(now)

    def take_ms(self) -> float:
        """The worst lag since the last call, one second ago."""
        worst_ms, self._worst_s = self._worst_s * 1000, 0.0
        return worst_ms

    def p99_ms(self) -> float:
        """The 99th percentile of the last five seconds."""
        ordered = sorted(late_s for _, late_s, _ in self._lags)
        return ordered[math.ceil(0.99 * len(ordered)) - 1] * 1000 if ordered else 0.0

    def _judge(self, now: float) -> None:
        p99_s = self.p99_ms() / 1000
        limit_s = self._limit_s if self._busy() else STARVED_TIMES * self._limit_s
        differs = p99_s < limit_s / 2 if self.overloaded else p99_s > limit_s
        if not differs:
            self._differs_since = None
        elif self._differs_since is None:
            self._differs_since = now
        elif now - self._differs_since >= JUDGED_FOR_S:
            self._differs_since = None
            self.overloaded = not self.overloaded
            text = "overloaded: no new calls" if self.overloaded else "not overloaded any more"
            log.warning(text, extra={"loop_lag_ms": round(p99_s * 1000)})

    def _busy(self) -> bool:
        """Whether it is our own work that makes us late."""
        (since, _, before_s), (now, _, used_s) = self._lags[0], self._lags[-1]
        return used_s - before_s >= BUSY_SHARE * (now - since)
