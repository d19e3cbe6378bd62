"""Asking the customer for a score at the end of a talk: whether the rules allow it on this call.

Nobody is asked whom we are to leave alone (受任通知, 苦情 and other holds, do-not-call), who was
asked within a month, or at an hour at which we could not call; nor anybody but the customer, which
the core looks after. A question is no solicitation and presses nobody, and who hangs up has
answered; but it is one more thing we want of somebody who is on the telephone because we called.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.commands import HandToSurvey
from agent_desk.dialer.floor import Call, CallState
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.rules.facts import HARD_CLOSE_MINUTE, HARD_OPEN_MINUTE
from agent_desk.dialer.surveys import not_the_customer
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.rules import do_not_call, holds
from agent_desk.store.satisfaction import scores
from agent_desk.store.unit_of_work import Database

GAP = timedelta(days=30)
KEPT = 1000  # calls whose answer is remembered


class Surveys:
    """The verb of the operator's key, and what the page shows beside it."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._lock = threading.Lock()
        self._judged: dict[CallId, str] = {}

    def shown(self, call: Call) -> dict[str, Any] | None:
        """What the page is told: `state` of a question that was asked, or why it may not be.

        None where this customer is not to be asked, or nobody at all is spoken to yet.
        """
        if call.survey:
            return {"state": call.survey, "forbidden": None}
        if call.state is not CallState.BRIDGED or not self._draws(call):
            return None
        return {"state": None, "forbidden": self._why_not(call) or None}

    def hand_over(self, seat_id: SeatId, command_id: str | None) -> None:
        """Ask. ServiceError survey-left-alone, survey-too-soon, survey-after-hours, or the
        core's."""
        call = self._call(seat_id)
        if call is not None and self._draws(call):
            self.forget(call.call_id)
            if reason := self._why_not(call):
                raise ServiceError(reason)
        reply = self._commits.submit(HandToSurvey(seat_id), command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)

    def skipped(self, seat_id: SeatId) -> bool:
        """Whether who hangs up now does so on a customer who could have been asked."""
        call = self._call(seat_id)
        return call is not None and self._draws(call) and not self._why_not(call)

    def forget(self, call_id: CallId) -> None:
        """Judge this call anew: something was said on it."""
        with self._lock:
            self._judged.pop(call_id, None)

    def _call(self, seat_id: SeatId) -> Call | None:
        floor = self._commits.floor
        seat = floor.seats.get(seat_id)
        return floor.calls.get(seat.call_id) if seat is not None and seat.call_id else None

    def _draws(self, call: Call) -> bool:
        survey = self._commits.floor.campaigns[call.campaign_id].survey
        return survey.draws(call.campaign_id, call.call_id)

    def _why_not(self, call: Call) -> str:
        """The rule against it, "" when there is none."""
        campaign = self._commits.floor.campaigns[call.campaign_id]
        other = not_the_customer(campaign, call)
        if other is not None:
            return other.value
        now = self._clock.now()
        today = business_date(now)
        if not at(today, HARD_OPEN_MINUTE) <= now < at(today, HARD_CLOSE_MINUTE):
            return "survey-after-hours"
        found = self._judged.get(call.call_id)
        if found is not None:
            return found
        found = self._judge(call)
        with self._lock:
            while len(self._judged) >= KEPT:
                self._judged.pop(next(iter(self._judged)))
            return self._judged.setdefault(call.call_id, found)

    def _judge(self, call: Call) -> str:
        if call.customer_id is None:
            return ""
        now = self._clock.now()
        with self._database.read() as session:
            if holds.of_customer(session, call.customer_id, now):
                return "survey-left-alone"
            if do_not_call.standing_against(session, call.customer_id):
                return "survey-left-alone"
            asked = scores.last_asked(session, call.customer_id, since=now - GAP)
        return "survey-too-soon" if asked is not None else ""
