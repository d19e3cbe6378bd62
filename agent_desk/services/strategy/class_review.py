"""Which class each customer is in: reviewed at the first run of each business day.

Safe to be asked at any time and as often as one likes: a day that was reviewed is only topped up
with customers who came since, one that was interrupted goes on, and nights on which no desk ran
are caught up (each change under the day it fell on).
"""

from __future__ import annotations

from agent_desk.dialer.business_time import business_date
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.strategy import delinquency
from agent_desk.store.strategy import table as strategy_rows
from agent_desk.store.unit_of_work import Database, Session

# Ten milliseconds each, which no seat notices; a million customers take a quarter of an hour.
PORTION = 50
PORTIONS = 40


class ClassReview:
    """Goes through the customers, a little at each step."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def step(self) -> bool:
        """Some portions of the day's review; whether it has come to its end."""
        return any(self._portion() for _ in range(PORTIONS))

    def finish(self) -> None:
        """The whole review at once, where nobody waits."""
        while not self.step():
            pass

    def _portion(self) -> bool:
        now = self._clock.now()
        with self._database.read() as session:
            run = delinquency.run_of(session, business_date(now))
            strategy = strategy_rows.current(session)
            portion = delinquency.look(session, run, strategy, limit=PORTION)
        if run.ended and not portion.seen:
            return True

        def rows(session: Session) -> None:
            delinquency.keep(session, run, portion, at=now)

        stored = self._commits.submit(None, rows=rows, behind=True).ok
        return stored and not portion.seen
