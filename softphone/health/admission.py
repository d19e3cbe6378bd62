"""Whether this gateway takes on anything new. What it has already is never touched by this.

A gateway that drains finishes its calls. One whose event loop is late delays every voice in it, by
more with each further call: delay comes long before loss. One that is short of file descriptors
would fail in the middle of things.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from softphone.health.descriptors import RESERVE, free_descriptors
from softphone.health.liveness import LoopLag
from softphone.protocol import Refusal

# Counting the open files takes the longer the more there are. While plenty are left the last count
# is believed for so long, less what each thing taken since may use at most: two sockets, a file,
# and as many beside it that nobody asks here for.
COUNTED_FOR_S = 1.0
_USED_AT_MOST = 6


class Admission:
    """Asked before each new call, each new seat and each loan of a seat."""

    def __init__(
        self,
        loop_lag: LoopLag,
        *,
        free: Callable[[], int] = free_descriptors,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.draining = False
        self._loop_lag = loop_lag
        self._free, self._now = free, now
        self._spare, self._counted_at = 0, -COUNTED_FOR_S

    @property
    def overloaded(self) -> bool:
        return self._loop_lag.overloaded

    def refusal(self) -> Refusal | None:
        """Why nothing new is taken, or None."""
        if self.draining:
            return Refusal("gateway_draining", "this gateway finishes its calls and leaves")
        if self.overloaded:
            return Refusal("gateway_overloaded", "this gateway's event loop runs late")
        if not self._has_descriptors():
            return Refusal("gateway_starved", "this gateway is short of file descriptors")
        return None

    def _has_descriptors(self) -> bool:
        now = self._now()
        self._spare -= _USED_AT_MOST
        if self._spare < RESERVE or now - self._counted_at >= COUNTED_FOR_S:
            self._spare, self._counted_at = self._free(), now
        return self._spare >= RESERVE
