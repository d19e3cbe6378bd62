"""Calls per second, evened out: each INVITE gets its own slot, 1/rate seconds after the last.

A burst is spread rather than refused, because the desk decides once per event and often starts
several calls at once; what would wait longer than `MOST_WAIT_S` is refused, because the reason for
the call (an idle seat) may have gone by then.
"""

from __future__ import annotations

MOST_WAIT_S = 1.0


class Pacer:
    """Slots on the clock of whoever asks; `rate` in calls per second, 0 refuses everything."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._next = 0.0

    def set_rate(self, rate: float) -> None:
        self._rate = rate

    def reserve(self, now: float) -> float | None:
        """Seconds to wait before sending, or None when no slot is near enough."""
        if self._rate <= 0:
            return None
        slot = max(now, self._next)
        if slot - now > MOST_WAIT_S:
            return None
        self._next = slot + 1 / self._rate
        return slot - now
