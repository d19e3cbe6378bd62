"""The only module of the desk that reads the time.

Two times are told apart. *Business* time is what calling rules, dates and the instants in the
database go by; in practice it may be shifted so that a demonstration dials at any hour. *Real*
time is what tickets, rate limits and TLS go by, and is never shifted.

The machine's clock may be set while people are calling. Business time then goes on as before, so
no duration turns negative, and says so (`stepped`): which of the two is right nobody here can
know, and until they agree again nobody may be called (docs/decisions/0025).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# What the clock may be set by at once and is followed in: network time corrects smaller faults by
# running faster or slower, and leap seconds are one second.
STEP = timedelta(seconds=2)


def _wall() -> datetime:
    return datetime.now(UTC)


def _running() -> float:
    """Seconds since the machine was started, sleep included: nobody can set them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SystemClock:
    """Real time plus a fixed shift.

    `start` is the business instant at the real instant `anchor` (now, if None); without a start
    there is no shift. The anchor keeps the shift the same when a part of the product is restarted.
    `wall` is the machine's clock and `running` one that cannot be set, in seconds.
    """

    def __init__(
        self,
        start: datetime | None = None,
        anchor: datetime | None = None,
        *,
        wall: Callable[[], datetime] = _wall,
        running: Callable[[], float] = _running,
    ) -> None:
        self._wall = wall
        self._running = running
        self._shift = timedelta(0)
        if start is not None:
            self._shift = start - (anchor or wall())
        self._reference = wall() - timedelta(seconds=running())
        self._told = datetime.min.replace(tzinfo=UTC)

    @property
    def offset_s(self) -> float:
        """Business time minus real time, in seconds."""
        return self._shift.total_seconds()

    @property
    def stepped(self) -> bool:
        """Whether the machine's clock was set, and not set right again."""
        return abs(self._wall() - self._steady()) > STEP

    def now(self) -> datetime:
        """Business time, UTC; never earlier than what was told before."""
        steady, wall = self._steady(), self._wall()
        if abs(wall - steady) <= STEP:
            self._reference += wall - steady
            steady = wall
        self._told = max(self._told, steady + self._shift)
        return self._told

    def _steady(self) -> datetime:
        """What the machine's clock would say had nobody set it."""
        return self._reference + timedelta(seconds=self._running())

    def real_now(self) -> datetime:
        """Real time, UTC, as the machine has it."""
        return self._wall()

    def monotonic(self) -> float:
        """Seconds that never go back; for measuring only."""
        return time.monotonic()
