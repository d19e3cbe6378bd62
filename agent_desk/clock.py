"""The only module of the desk that reads the time.

Two times are told apart. *Business* time is what calling rules, dates and the instants in the
database go by; in practice it may be shifted so that a demonstration dials at any hour. *Real*
time is what tickets, rate limits and TLS go by, and is never shifted.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Real time plus a fixed shift.

    `start` is the business instant at the real instant `anchor` (now, if None); without a start
    there is no shift. The anchor keeps the shift the same when a part of the product is restarted.
    """

    def __init__(self, start: datetime | None = None, anchor: datetime | None = None) -> None:
        self._shift = timedelta(0)
        if start is not None:
            self._shift = start - (anchor or datetime.now(UTC))

    @property
    def offset_s(self) -> float:
        """Business time minus real time, in seconds."""
        return self._shift.total_seconds()

    def now(self) -> datetime:
        """Business time, UTC."""
        return datetime.now(UTC) + self._shift

    def real_now(self) -> datetime:
        """Real time, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back; for measuring only."""
        return time.monotonic()
