"""When somebody is held, refuses or has paid, what was queued for them ends: rows, then calls.

The rows are durable before the open attempts are looked for, so whatever is leased later is judged
by them. An attempt leased just before, whose order has not gone out, is not on the floor yet and
cannot be ended there: `Dialing.place` looks once more at those (`recent`), and at what an operator
calls in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from agent_desk.dialer.commands import WithdrawCalls
from agent_desk.dialer.ids import CallId
from agent_desk.services.dialing.second_look import SecondLook
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.leasing.under_way import UnderWay
from agent_desk.store.unit_of_work import Database, Session

# The dialer's own orders go out within seconds of the lease; only while the database cannot store
# that there was one do they wait, and an hour of that is longer than anybody leaves it alone.
LOOKED_AGAIN_FOR = timedelta(hours=1)


class Withdrawals:
    """Writes what changed, then ends the calls it concerns."""

    def __init__(
        self, *, database: Database, commits: WriteDoor, clock: Clock, look: SecondLook
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self.look = look
        self._newest: datetime | None = None

    def write(self, rows: Callable[[Session], None]) -> None:
        """Make rows durable; ServiceError not-stored."""
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")

    def withdraw(self, find: Callable[[Session], list[str]], *, reason: str, ringing: bool) -> int:
        """End the open attempts that `find` names, now that the rows say so; how many it named."""
        self._newest = self._clock.now()
        with self._database.read() as session:
            call_ids = tuple(CallId(call_id) for call_id in find(session))
        if call_ids:
            self._commits.submit(WithdrawCalls(call_ids, reason, ringing), rows=_nothing)
        return len(call_ids)

    def reconsider(self, find: Callable[[Session], list[UnderWay]], *, reason: str) -> None:
        """End those of the open attempts that `find` names which the rules, as they stand now, do
        not allow any more: what changed may as well have been in favour of the call."""
        self._newest = self._clock.now()
        with self._database.read() as session:
            objections = self.look.objections(session, find(session))
        for call_id, objection in objections.items():
            withdrawn = WithdrawCalls((CallId(call_id),), reason, objection.ends_ringing)
            self._commits.submit(withdrawn, rows=objection.note)

    def recent(self, since: datetime) -> bool:
        """Whether anything was withdrawn that a call leased about `since` may not know of."""
        if self._newest is None:
            return False
        return since <= self._newest or self._clock.now() - self._newest < LOOKED_AGAIN_FOR


def _nothing(session: Session) -> None:
    """A command without rows of its own."""
