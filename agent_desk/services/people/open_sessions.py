"""Everybody's live log-ins, for administrators: who is in, from where, and out with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.services.errors import ServiceError
from agent_desk.services.people.access import AccessSettings
from agent_desk.services.people.accounts import AccountService
from agent_desk.services.ports import Clock
from agent_desk.store.people import sessions
from agent_desk.store.people.sessions import SessionRow
from agent_desk.store.unit_of_work import Database

PAGE = 50


@dataclass(frozen=True)
class SessionPage:
    """Some of the live log-ins, and where the next page begins."""

    rows: list[SessionRow]
    after: tuple[datetime, str] | None


class OpenSessions:
    """`departs` closes the seat of somebody who is out, no later than its call ends."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        access: AccessSettings,
        accounts: AccountService,
        departs: Callable[[str], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._access = access
        self._accounts = accounts
        self._departs = departs

    def page(self, after: tuple[datetime, str] | None) -> SessionPage:
        """The newest log-ins, or those after the end of the page before."""
        now = self._clock.real_now()
        with self._database.read() as session:
            rows = sessions.live(session, now, after=after, limit=PAGE + 1)
        shown = rows[:PAGE]
        more = len(rows) > PAGE
        return SessionPage(shown, (shown[-1].created_at, shown[-1].id) if more else None)

    def revoke(self, session_id: str, *, actor: str) -> None:
        """End somebody's session and its sockets now; ServiceError `session-unknown`."""
        with self._database.read() as session:
            found = sessions.one(session, session_id, self._clock.real_now())
        if found is None:
            raise ServiceError("session-unknown")
        self._end(found, actor)

    def end_refused(self, role: str, *, actor: str) -> int:
        """End the sessions of a role that the rules admit no more; how many."""
        rules = self._access.rules.of(role)
        with self._database.read() as session:
            rows = sessions.live(session, self._clock.real_now(), role=role)
        refused = [row for row in rows if not rules.admits(row.address)]
        for row in refused:
            self._end(row, actor)
        return len(refused)

    def _end(self, row: SessionRow, actor: str) -> None:
        self._accounts.sign_out(row.id, reason="revoked", actor=actor)
        now = self._clock.real_now()
        with self._database.read() as session:
            others = sessions.live(session, now, user_id=row.user_id)
        if row.role == "operator" and not others:
            self._departs(row.username)
