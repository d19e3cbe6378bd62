"""The SIP ladder of a call: asked of the gateway that carried it, which keeps it for a week.

It says nothing of the customer (the gateway took numbers and names out before it kept anything),
but it belongs to a call, so scope and audit hold as for the call itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent_desk.dialer.ids import CallId, GatewayId
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import (
    Clock,
    GatewayPort,
    GatewayRefused,
    GatewayUnreachable,
    LadderMessage,
)
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.reports import call_list
from agent_desk.store.unit_of_work import Database, Session


class Ladders:
    """See the module."""

    def __init__(
        self, *, database: Database, commits: GroupCommit, gateway: GatewayPort, clock: Clock
    ) -> None:
        self._database = database
        self._commits = commits
        self._gateway = gateway
        self._clock = clock

    def of_call(self, who: Person, call_id: str) -> Sequence[LadderMessage]:
        """The messages in order. ServiceError ladder-unknown (no such call in scope, never placed,
        or too long ago), gateway-away (it is not connected), gateway-too-old (it keeps none).
        """
        with self._database.read() as session:
            gateway_id = call_list.gateway_of(session, call_id, teams=who.teams)
        if gateway_id is None:
            raise ServiceError("ladder-unknown")
        self._note(who, call_id)
        try:
            return self._gateway.ladder(GatewayId(gateway_id), CallId(call_id))
        except GatewayUnreachable as fault:
            raise ServiceError("gateway-away") from fault
        except GatewayRefused as fault:
            known = fault.error_id == "ladder_unknown"
            raise ServiceError("ladder-unknown" if known else "gateway-too-old") from fault

    def _note(self, who: Person, call_id: str) -> None:
        now = self._clock.now()

        def rows(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=who.username,
                action="call.ladder.read",
                subject=f"call:{call_id}",
                details={},
            )

        self._commits.put(None, rows=rows)
