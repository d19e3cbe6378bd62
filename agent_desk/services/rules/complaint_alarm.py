"""苦情の期限: somebody must have answered a complaint within a day (R60); leads hear it in time.

Told an hour before and when the time is over, once each; a desk that starts anew says once more
what is overdue. The message names nobody: who may see the complaint finds it among the holds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from agent_desk.services.ports import Clock
from agent_desk.store.rules import holds
from agent_desk.store.unit_of_work import Database

BEFORE = timedelta(hours=1)


class ComplaintAlarm:
    """Looks again and again; `tell` hands the leads a line by its catalogue id."""

    def __init__(self, *, database: Database, clock: Clock, tell: Callable[[str], None]) -> None:
        self._database = database
        self._clock = clock
        self._tell_leads = tell
        self._told: set[tuple[int, bool]] = set()

    def step(self) -> None:
        """Tell what has become due, or nearly so, since the last look."""
        now = self._clock.now()
        with self._database.read() as session:
            open_tickets = holds.tickets_due(session, now + BEFORE)
        found = {(hold_id, due_at <= now) for hold_id, due_at in open_tickets}
        fresh = {overdue for _, overdue in found - self._told}
        if False in fresh:
            self._tell_leads("complaint-due-soon")
        if True in fresh:
            self._tell_leads("complaint-overdue")
        self._told = found
