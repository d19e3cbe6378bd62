"""Leaving a message on an answering machine: whether the rules allow it on this call.

One person is left a message once in three days at most, whatever the campaign and the number, and
never at work. It needs a recording that was approved for the campaign, so for most it is not
offered at all. An attempt that ends on a machine counts like every other that was answered.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from agent_desk.dialer.commands import LeaveMessage
from agent_desk.dialer.floor import Call
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.rules import messages
from agent_desk.store.unit_of_work import Database

GAP = timedelta(days=3)
KEPT = 1000  # calls whose answer is remembered


class LeavingMessages:
    """The verb of the operator's key, and what the page shows beside it."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._lock = threading.Lock()
        self._forbidden: dict[CallId, str] = {}

    def shown(self, call: Call) -> dict[str, Any] | None:
        """What the page is told: `state` of a message that was left, or why none may be.

        None where the campaign leaves none, or nobody at all is spoken to yet.
        """
        if call.message:
            return {"state": call.message, "forbidden": None}
        approved = self._commits.floor.campaigns[call.campaign_id].message
        if not approved or call.inbound or call.bridged_at is None:
            return None
        return {"state": None, "forbidden": self._why_not(call) or None}

    def leave(self, seat_id: SeatId, command_id: str | None) -> None:
        """Leave it. ServiceError message-too-soon, message-at-work, or the core's."""
        floor = self._commits.floor
        seat = floor.seats.get(seat_id)
        call = floor.calls.get(seat.call_id) if seat is not None and seat.call_id else None
        if call is not None and (reason := self._why_not(call)):
            raise ServiceError(reason)
        reply = self._commits.submit(LeaveMessage(seat_id), command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)

    def _why_not(self, call: Call) -> str:
        """The rule against it, "" when there is none; it cannot change during a call."""
        found = self._forbidden.get(call.call_id)
        if found is not None:
            return found
        found = self._judge(call)
        with self._lock:
            while len(self._forbidden) >= KEPT:
                self._forbidden.pop(next(iter(self._forbidden)))
            return self._forbidden.setdefault(call.call_id, found)

    def _judge(self, call: Call) -> str:
        if call.customer_id is None or call.phone_id is None:
            return ""
        since = self._clock.now() - GAP
        with self._database.read() as session:
            if messages.kind_of(session, call.phone_id) == "work":
                return "message-at-work"
            last = messages.last_left(session, call.customer_id, since=since)
        return "message-too-soon" if last is not None else ""
