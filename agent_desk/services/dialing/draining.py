"""A desk about to be replaced: it starts no calls, so that none is without a desk when answered.

A talk needs no desk: gateway and page carry it. What needs one is a call between its INVITE and
its bridge, and that lasts no longer than a ring. So before a desk is stopped on purpose it is told
to drain, until no call of ours is in between. It begins again by itself when nobody renews the
wish: whoever asked may have been interrupted, and a centre that calls nobody must not stay so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from agent_desk.dialer.floor import Call, Floor

# Longer than the longest ring and what follows it; whoever waits asks again all the time.
LASTS_S = 120.0


@dataclass(frozen=True)
class UnderWay:
    """`unbridged`: calls of ours that a desk must see through; `talks`: those it need not."""

    unbridged: int
    talks: int


class Draining:
    """One desk's; forgotten with it, so the next one dials."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._until: float | None = None

    @property
    def on(self) -> bool:
        """Whether no call may be started."""
        return self._until is not None and self._elapsed() < self._until

    def begin(self) -> None:
        """From now on, for `LASTS_S`."""
        self._until = self._elapsed() + LASTS_S

    def end(self) -> None:
        """Dial again."""
        self._until = None


def under_way(floor: Floor) -> UnderWay:
    """What is going on; a customer who is only looked at (preview) was not called yet."""
    live = [call for call in floor.calls.values() if call.ended_at is None]
    return UnderWay(
        unbridged=sum(1 for call in live if call.bridged_at is None and _was_placed(call)),
        talks=sum(1 for call in live if call.bridged_at is not None),
    )


def _was_placed(call: Call) -> bool:
    return not call.inbound and (not call.preview or call.place_asked_at is not None)
