"""Timers as the pure parts see them: RFC 3261's base values and who calls back after a delay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class TimerHandle(Protocol):
    def cancel(self) -> None: ...


class Timers(Protocol):
    """What an asyncio loop offers, and what tests replace by a clock they move."""

    def call_later(self, delay_s: float, callback: Callable[[], object], /) -> TimerHandle: ...


@dataclass(frozen=True)
class Timing:
    """T1, T2 and T4 in seconds (RFC 3261 §17.1.1.1). Tests shorten T1 so that races are quick."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def give_up(self) -> float:
        """64·T1: how long a request is sent again and a finished transaction is remembered."""
        return 64 * self.t1
