"""Whether this gateway takes on anything new. What it has already is never touched by this.

A gateway that drains finishes its calls. One whose event loop is late delays every voice in it, by
more with each further call: delay comes long before loss. One that is short of file descriptors
would fail in the middle of things.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.descriptors import RESERVE, free_descriptors
from softphone.liveness import LoopLag
from softphone.protocol import Refusal


class Admission:
    """Asked before each new call, each new seat and each loan of a seat."""

    def __init__(self, loop_lag: LoopLag, *, free: Callable[[], int] = free_descriptors) -> None:
        self.draining = False
        self._loop_lag = loop_lag
        self._free = free

    @property
    def overloaded(self) -> bool:
        return self._loop_lag.overloaded

    def refusal(self) -> Refusal | None:
        """Why nothing new is taken, or None."""
        if self.draining:
            return Refusal("gateway_draining", "this gateway finishes its calls and leaves")
        if self.overloaded:
            return Refusal("gateway_overloaded", "this gateway's event loop runs late")
        if self._free() < RESERVE:
            return Refusal("gateway_starved", "this gateway is short of file descriptors")
        return None
