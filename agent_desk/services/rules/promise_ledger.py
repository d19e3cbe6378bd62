"""Promises against payments: kept as soon as the money is there, broken when the time has passed.

Matched when a payment is posted, and once more every day for those nobody paid.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.promises import judge
from agent_desk.dialer.selection import GRACE_DAYS
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.rules import promises
from agent_desk.store.unit_of_work import Database, Session

PORTION = 200


def match(session: Session, customer_id: int, product_id: int, *, at: datetime) -> None:
    """Look at what a person promised for a product, after a payment of theirs."""
    for promise in promises.open_of(session, customer_id, product_id):
        _settle(session, promise, at)


class PromiseReview:
    """Goes through promises whose time has passed, some at each step."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def step(self) -> bool:
        """One portion; whether there is nothing left for today."""
        now = self._clock.now()
        day = business_date(now) - timedelta(days=GRACE_DAYS)
        with self._database.read() as session:
            due = promises.overdue(session, day, limit=PORTION)
        if not due:
            return True

        def rows(session: Session) -> None:
            for promise in due:
                _settle(session, promise, now)

        self._commits.submit(None, rows=rows)
        return False


def _settle(session: Session, promise: promises.OpenPromise, at: datetime) -> None:
    states = judge(
        list(promise.parts.values()),
        promise.paid,
        today=business_date(at),
        grace_days=GRACE_DAYS,
    )
    promises.settle(session, promise, states, at=at)
