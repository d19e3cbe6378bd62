"""苦情 and 受任通知: what a customer says on a call after which nobody calls them any more.

They act when the button is pressed, not when the result is saved: the hold is durable, then what
was queued or rings for the person anywhere else is ended (R36, R60). Only leads and managers take
a hold back, therefore a second press changes nothing.
"""

from __future__ import annotations

from agent_desk.dialer.errors import ErrorId
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.rules.holds import HoldService
from agent_desk.services.seat.seats import SeatService
from agent_desk.store.rules import holds
from agent_desk.store.unit_of_work import Database

OBJECTIONS = ("complaint", "lawyer_notice")


class ObjectionService:
    """For the operator who hears it."""

    def __init__(
        self, *, database: Database, clock: Clock, seats: SeatService, holds: HoldService
    ) -> None:
        self._database = database
        self._clock = clock
        self._seats = seats
        self._holds = holds

    def note(self, seat_id: SeatId, call_id: CallId, *, reason: str, document: str) -> int:
        """Leave the person on this call alone from now on; the hold's id.

        `document` names the lawyer's office or the ticket, may be "". ServiceError: bad-payload,
        not-your-call, no-call (nobody was spoken to yet), caller-unknown, not-stored.
        """
        if reason not in OBJECTIONS:
            raise ServiceError("bad-payload", reason="reason")
        _, call = self._seats.live(seat_id, call_id)
        if call.bridged_at is None:
            raise ServiceError(ErrorId.NO_CALL)
        if call.customer_id is None:
            raise ServiceError("caller-unknown")
        with self._database.read() as session:
            standing = holds.of_customer(session, call.customer_id, self._clock.now())
        if reason in standing:
            return standing[reason]
        return self._holds.put(
            f"#{call.customer_id}",
            reason=reason,
            until=None,
            document=document.strip(),
            actor=Actor(seat_id, "operator"),
        )
