"""An operator's own average of the last four weeks: the day is compared with nobody else's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from agent_desk.dialer.business_time import at, business_date
from agent_desk.services.ports import Clock
from agent_desk.store.reports import own_day
from agent_desk.store.unit_of_work import Database

WINDOW = timedelta(days=28)


class OwnAverage:
    """Read once per person and day."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._day: date | None = None
        self._of: dict[int, dict[str, Any] | None] = {}

    def of(self, user_id: int) -> dict[str, Any] | None:
        """Per worked day; None for somebody without one."""
        today = business_date(self._clock.now())
        if today != self._day:
            self._day, self._of = today, {}
        if user_id not in self._of:
            self._of[user_id] = self._read(user_id, today)
        return self._of[user_id]

    def _read(self, user_id: int, today: date) -> dict[str, Any] | None:
        until = at(today, 0)
        with self._database.read() as session:
            past = own_day.past_days(session, user_id, since=until - WINDOW, until=until)
        if past.days == 0:
            return None
        return {
            "days": past.days,
            "calls": round(past.calls / past.days, 1),
            "promises": round(past.promises / past.days, 1),
            "talk_s": round(past.talk_s / past.days, 1),
            "codes": {code: round(n / past.days, 1) for code, n in past.marks.items()},
        }
