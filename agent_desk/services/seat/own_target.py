"""What an operator is to reach today: their own target, else that of their team."""

from __future__ import annotations

from agent_desk.dialer.business_time import business_date
from agent_desk.services.people.targets import DailyTarget, targets_of_all
from agent_desk.services.ports import Clock
from agent_desk.store.unit_of_work import Database

KEPT_S = 15.0  # a target set meanwhile is on the page within that time and its next figure


class OwnTarget:
    """Asked at each push of a page, read four times a minute: for everybody at once, since a floor
    of seats that each read their own would keep the database busy with it."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._of: dict[int, dict[str, int]] = {}
        self._read_at: float | None = None

    def of(self, user_id: int) -> dict[str, int]:
        """Numbers by what is counted: `calls` and codes of statuses; without what is not asked."""
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at >= KEPT_S:
            self._read_at = now
            with self._database.read() as session:
                targets = targets_of_all(session, business_date(self._clock.now()))
            self._of = {each: _shown(target) for each, target in targets.items()}
        return self._of.get(user_id, {})


def _shown(target: DailyTarget) -> dict[str, int]:
    wanted = {
        "calls": target.calls,
        "contact": target.contacts,
        "valid": target.valid_calls,
        "payment_date": target.payment_dates,
    }
    return {name: number for name, number in wanted.items() if number is not None}
