"""What an operator is to reach today: their own target, else that of their team."""

from __future__ import annotations

from agent_desk.dialer.business_time import business_date
from agent_desk.services.people.targets import target_of
from agent_desk.services.ports import Clock
from agent_desk.store.unit_of_work import Database

KEPT_S = 15.0  # a target set meanwhile is on the page within that time and its next figure


class OwnTarget:
    """Asked at each push of a page, read four times a minute at most."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._of: dict[int, tuple[float, dict[str, int]]] = {}

    def of(self, user_id: int) -> dict[str, int]:
        """Numbers by what is counted: `calls` and codes of statuses; without what is not asked."""
        now = self._clock.monotonic()
        read_at, known = self._of.get(user_id, (-KEPT_S, {}))
        if now - read_at < KEPT_S:
            return known
        with self._database.read() as session:
            target = target_of(session, user_id, business_date(self._clock.now()))
        wanted: dict[str, int | None] = {}
        if target is not None:
            wanted = {
                "calls": target.calls,
                "contact": target.contacts,
                "valid": target.valid_calls,
                "payment_date": target.payment_dates,
            }
        found = {name: number for name, number in wanted.items() if number is not None}
        self._of[user_id] = (now, found)
        return found
