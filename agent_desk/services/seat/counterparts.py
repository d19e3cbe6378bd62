"""相手方: who was spoken to, as the record of a negotiation must say (R50).

It follows from 本人確認, 本人以外, 番号違い and from what was objected to; only where none of them
tells does saving the result ask the operator, who has been there.
"""

from __future__ import annotations

from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.results import asks_counterpart
from agent_desk.services.errors import ServiceError
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.objections import OBJECTIONS
from agent_desk.store.rules import holds
from agent_desk.store.unit_of_work import Database

# What an operator may say: somebody who seemed to be the person, somebody else, nobody spoke, or
# it cannot be told.
SAID = ("unverified", "third_party", "nobody", "unknown")


class Counterparts:
    """For the moment a result is saved."""

    def __init__(self, *, database: Database, commits: GroupCommit) -> None:
        self._database = database
        self._commits = commits

    def of(self, seat_id: SeatId, call_id: CallId, said: str | None) -> str | None:
        """What the operator says, where it counts; None where something else tells.

        ServiceError: counterpart-needed, bad-payload.
        """
        if said is not None and said not in SAID:
            raise ServiceError("bad-payload", reason="counterpart")
        floor = self._commits.floor
        call = floor.calls.get(call_id)
        if call is None or call.seat_id != seat_id or call.customer_id is None:
            return said
        if said is not None or not asks_counterpart(floor.campaigns[call.campaign_id], call):
            return said
        with self._database.read() as session:
            since = call.bridged_at or call.since
            objected = holds.made_since(session, call.customer_id, since) & set(OBJECTIONS)
        if not objected:
            raise ServiceError("counterpart-needed")
        return "unverified"  # who objects for the person is taken for the person
