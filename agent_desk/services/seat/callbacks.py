"""再架電: the rules of calling look at a wish when it is made, and once more when it is due.

Nobody is told "yes" to a time the rules then forbid: outside the hours, in a hold, against what
the person wants. Such a wish is refused with the first instant that is allowed. What depends on
the calls of a day (gaps and caps) is known when the day has come, unless it is today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_desk.dialer.business_time import JST, business_date
from agent_desk.dialer.commands import SetCallback
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.results import LONGEST_CALLBACK
from agent_desk.services.dialing.next_try import Asked, NextTry
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.seats import SeatService
from agent_desk.store import audit
from agent_desk.store.records import callback_list
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

SHOWN = 50


@dataclass(frozen=True)
class OwnCallback:
    """A callback of the operator's own that is due today, or is overdue."""

    id: int
    due_at: datetime
    customer: str  # `#12`, as manual dialing takes it
    name: str
    campaign: str


class CallbackService:
    """For operators, on the call they have."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        clock: Clock,
        seats: SeatService,
        sealer: Sealer,
        practice: bool,
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._seats = seats
        self._sealer = sealer
        self._arrange = NextTry(sealer=sealer, practice=practice)

    def set(
        self,
        seat_id: SeatId,
        call_id: CallId,
        *,
        due_at: datetime | None,
        own: bool,
        command_id: str | None,
    ) -> None:
        """Keep when the customer wants to be called again; None takes it back.

        ServiceError: not-your-call, callback-forbidden (earliest), and what the core says.
        """
        if due_at is not None and not self._known(command_id):
            self._check(seat_id, call_id, due_at)
        command = SetCallback(seat_id, call_id, due_at, own)
        reply = self._commits.submit(command, command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)

    def own(self, seat_id: SeatId, user_id: int) -> list[OwnCallback]:
        """What the operator has to call today or should have called before, soonest first."""
        now = self._clock.now()
        midnight = datetime.combine(business_date(now), datetime.min.time(), JST)
        with self._database.read() as session:
            until = midnight + timedelta(days=1)
            found = callback_list.of_operator(session, user_id, until=until, limit=SHOWN)

        def note(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=seat_id,
                action="callbacks.own.listed",
                subject=f"user:{user_id}",
                details={"count": len(found)},
            )

        self._commits.put(None, rows=note)
        return [
            OwnCallback(
                id=each.id,
                due_at=each.due_at,
                customer=f"#{each.customer_id}",
                name=self._sealer.open(each.name_sealed),
                campaign=each.campaign,
            )
            for each in found
        ]

    def _known(self, command_id: str | None) -> bool:
        """Whether this was answered before: what was allowed then is not judged anew."""
        return command_id is not None and self._commits.answered(command_id) is not None

    def _check(self, seat_id: SeatId, call_id: CallId, due_at: datetime) -> None:
        _, call = self._seats.live(seat_id, call_id)
        ahead = due_at - self._clock.now()
        if call.list_entry_id is None or not timedelta() < ahead <= LONGEST_CALLBACK:
            return  # the core says what is wrong with it
        with self._database.read() as session:
            arranged = self._arrange(
                session,
                campaign_id=int(call.campaign_id),
                list_entry_id=int(call.list_entry_id),
                due_at=due_at,
                shiftable=False,
                asked=Asked(call_id, by_customer=call.identity != "third_party"),
            )
        if arranged.put_off:
            earliest = arranged.at.astimezone(JST).strftime("%m/%d %H:%M")
            raise ServiceError("callback-forbidden", earliest=earliest)
