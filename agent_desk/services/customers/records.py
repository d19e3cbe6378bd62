"""A customer's record opened by somebody, and everything held about a person handed out (開示)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.rules.trail import note
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.customers import held, overview
from agent_desk.store.customers.overview import CustomerPage
from agent_desk.store.lists import scope
from agent_desk.store.rules import do_not_call
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

SHOWN = 100


class CustomerRecords:
    """Opens records within the actor's teams; each opening is on the audit trail first (I13)."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: WriteDoor,
        clock: Clock,
        pause: Callable[[], None],
    ) -> None:
        """`pause` lets the rest of the desk go on while much is read."""
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._pause = pause

    def open(self, customer_id: int, *, actor: Actor) -> CustomerPage:
        """What the page shows; ServiceError customer-unknown (out of scope too), not-stored."""
        now = self._clock.now()
        self._check(customer_id, actor)
        self._note("customer.opened", customer_id, at=now, actor=actor)
        with self._database.read() as session:
            return overview.page(session, self._sealer, customer_id, now=now, limit=SHOWN)

    def export(self, customer_id: int, *, actor: Actor) -> bytes:
        """Everything held about the person as JSON, by table; the recordings are listed by call.

        ServiceError: role-too-low (below manager), customer-unknown, not-stored.
        """
        actor.needs("manager")
        now = self._clock.now()
        self._check(customer_id, actor)
        self._note("customer.exported", customer_id, at=now, actor=actor)
        with self._database.read() as session:
            everything = held.held(session, customer_id, between=self._pause)
            told = {rows.table.name: list(held.opened(rows, self._sealer)) for rows in everything}
            told["do_not_call_by_number"] = do_not_call.standing_against(session, customer_id)
        document = {"customer": customer_id, "as_of": now.isoformat(), "held": told}
        return json.dumps(document, ensure_ascii=False, indent=1, default=str).encode()

    # --- inside ---------------------------------------------------------------------------------

    def _check(self, customer_id: int, actor: Actor) -> None:
        with self._database.read() as session:
            known = bool(do_not_call.customers_by_id(session, customer_id))
            if actor.teams is not None:
                known = known and scope.is_theirs(session, customer_id, actor.teams)
        if not known:
            raise ServiceError("customer-unknown")

    def _note(self, action: str, customer_id: int, *, at: datetime, actor: Actor) -> None:
        def rows(session: Session) -> None:
            subject = f"customer:{customer_id}"
            note(session, action, subject=subject, at=at, actor=actor, details={})

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
