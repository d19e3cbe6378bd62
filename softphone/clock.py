"""Business time in the gateway: real UTC, shifted by what the desk said in its Welcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_now() -> datetime:
    """The machine's clock, UTC."""
    return datetime.now(UTC)


class BusinessClock:
    """Instants of events and of `not_after`; everything else in the gateway uses the loop's time.

    Without a Welcome the offset is 0.0: the shift exists for practice and training only.
    """

    def __init__(self, source: Callable[[], datetime] = real_now) -> None:
        self._source = source
        self.offset_s = 0.0

    def now(self) -> datetime:
        """The present instant of business time, UTC."""
        return self._source() + timedelta(seconds=self.offset_s)
