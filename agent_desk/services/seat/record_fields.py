"""What an operator writes into the customer's record on a call: the campaign's own fields.

A field is saved by itself, as it is left: what a customer tells is kept even when the call ends in
a refusal (B33). Required ones hold the result back, of a call in which the matter was talked about.
Before 本人確認 they are neither shown nor written (R32).
"""

from __future__ import annotations

from agent_desk.dialer.floor import Call
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.seats import RECORDING
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.seats import SeatService
from agent_desk.store import audit
from agent_desk.store.records import fields
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

LONGEST = 500


class RecordFields:
    """For operators, on the call they have."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        clock: Clock,
        seats: SeatService,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._seats = seats

    def save(
        self, seat_id: SeatId, call_id: CallId, *, name: str, value: str, command_id: str | None
    ) -> None:
        """Keep one value; the one before stays as an earlier version.

        ServiceError: not-your-call, caller-unknown, identity-needed, field-locked, bad-payload,
        not-stored.
        """
        seat, call = self._seats.live(seat_id, call_id)
        customer_id = call.customer_id
        if seat.state not in RECORDING:
            raise ServiceError("not-your-call")
        if customer_id is None:
            raise ServiceError("caller-unknown")
        if self._withheld(call):
            raise ServiceError("identity-needed")
        value = value.strip()
        if len(value) > LONGEST:
            raise ServiceError("bad-payload", reason="value")
        with self._database.read() as session:
            configured = fields.of_campaign(session, int(call.campaign_id))
        if not any(row.name == name and row.access == "editable" for row in configured):
            raise ServiceError("field-locked")
        now = self._clock.now()

        def write(session: Session) -> None:
            changed = fields.write(
                session,
                self._sealer,
                customer_id,
                name=name,
                value=value,
                call_id=call_id,
                user_id=seat.user_id,
                at=now,
            )
            if changed:
                audit.append(
                    session,
                    at=now,
                    actor=seat_id,
                    action="customer.field.changed",
                    subject=f"customer:{customer_id}",
                    details={"call": call_id, "field": self._sealer.search_key("name", name)[:16]},
                )

        if not self._commits.submit(None, rows=write, command_id=command_id).ok:
            raise ServiceError("not-stored")

    def require(self, seat_id: SeatId, call_id: CallId) -> None:
        """ServiceError field-required for the first field a result must wait for."""
        call = self._commits.floor.calls.get(call_id)
        if call is None or call.seat_id != seat_id or call.customer_id is None:
            return
        talked = bool(call.codes) or call.identity == "verified"
        if self._withheld(call) or not talked:
            return
        with self._database.read() as session:
            wanted = [
                row.name
                for row in fields.of_campaign(session, int(call.campaign_id))
                if row.required and row.access == "editable"
            ]
            if not wanted:
                return
            known = dict(fields.values(session, self._sealer, call.customer_id))
        missing = next((name for name in wanted if not known.get(name, "").strip()), None)
        if missing is not None:
            raise ServiceError("field-required", field=missing)

    def _withheld(self, call: Call) -> bool:
        needed = self._commits.floor.campaigns[call.campaign_id].identity_needed
        return needed and call.identity != "verified"
