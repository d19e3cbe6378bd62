"""A clock that moves when a test says so; business and real time are never the same by accident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # a Tuesday, 12:00 JST


class FakeClock:
    """Implements `services.ports.Clock`. Business time runs `ahead` of real time."""

    def __init__(self, now: datetime = NOON, *, ahead: timedelta = timedelta(hours=100)) -> None:
        self._now = now
        self._ahead = ahead
        self.was_set = False  # the machine's clock, by somebody

    @property
    def offset_s(self) -> float:
        return self._ahead.total_seconds()

    @property
    def stepped(self) -> bool:
        return self.was_set

    def now(self) -> datetime:
        return self._now

    def real_now(self) -> datetime:
        return self._now - self._ahead

    def monotonic(self) -> float:
        return self._now.timestamp()

    def advance(self, seconds: float) -> datetime:
        """Let time pass; the new business instant."""
        self._now += timedelta(seconds=seconds)
        return self._now
