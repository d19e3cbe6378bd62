"""The outbox: every event keeps its place and its number until the desk says it has stored it.

Numbers start at 1 with each boot and grow by one, so the desk sees a gap at once. Memory is enough:
when this process dies its calls die with it, and the new boot id tells the desk to end them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from softphone.clock import BusinessClock
from softphone.protocol import Event, EventEnvelope

BATCH = 64


class Outbox:
    """Events on their way to the desk, oldest first. `first_seq` is the oldest one kept."""

    def __init__(self, *, gateway_id: str, boot_id: str, clock: BusinessClock) -> None:
        self._gateway_id = gateway_id
        self._boot_id = boot_id
        self._clock = clock
        self._kept: deque[EventEnvelope] = deque()
        self._news = asyncio.Event()
        self.on_stored: Callable[[Event], None] = lambda event: None  # one the desk has stored
        self.next_seq = 1

    @property
    def first_seq(self) -> int:
        return self.next_seq - len(self._kept)

    def put(self, event: Event) -> None:
        """Number an event that has just happened."""
        self._kept.append(
            EventEnvelope(
                gateway_id=self._gateway_id,
                boot_id=self._boot_id,
                seq=self.next_seq,
                at=self._clock.now(),
                event=event,
            )
        )
        self.next_seq += 1
        self._news.set()

    def batch(self, limit: int = BATCH) -> tuple[EventEnvelope, ...]:
        """The oldest events not yet acknowledged, in order of their numbers."""
        return tuple(self._kept[n] for n in range(min(limit, len(self._kept))))

    def acknowledge(self, seq: int) -> None:
        """Forget all events up to `seq`. Raises ValueError for a number that was never given."""
        if not 0 <= seq < self.next_seq:
            raise ValueError(f"event {seq} was never sent; the next number is {self.next_seq}")
        while self._kept and self._kept[0].seq <= seq:
            self.on_stored(self._kept.popleft().event)
        if not self._kept:
            self._news.clear()

    async def wait(self) -> None:
        """Return as soon as there is an event that was not acknowledged."""
        await self._news.wait()
