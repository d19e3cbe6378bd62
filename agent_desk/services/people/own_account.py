"""What everybody does with their own account: another password, other sessions closed."""

from __future__ import annotations

from collections.abc import Callable

from agent_desk.services.errors import ServiceError
from agent_desk.services.people import passwords
from agent_desk.services.people.access import AccessSettings
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.people import accounts as account_rows
from agent_desk.store.people import sessions, users
from agent_desk.store.people.sessions import SessionRow
from agent_desk.store.unit_of_work import Database, Session


class OwnAccount:
    """Verbs of `/account`; `session_ended` closes the sockets of a session."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        clock: Clock,
        hub: Hub,
        access: AccessSettings,
        session_ended: Callable[[str], None],
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._hub = hub
        self._access = access
        self._session_ended = session_ended

    def sessions(self, who: Person) -> list[SessionRow]:
        """The person's live log-ins, newest first."""
        with self._database.read() as session:
            return sessions.live(session, self._clock.real_now(), user_id=who.user_id)

    def require_password(self, who: Person, password: str) -> None:
        """ServiceError `password-wrong` unless it is theirs."""
        with self._database.read() as session:
            row = account_rows.by_id(session, who.user_id)
        if row is None or not self._hub.off_hub(passwords.fits, row.password_hash, password):
            raise ServiceError("password-wrong")

    def change_password(self, who: Person, old: str, new: str) -> None:
        """From now on the new one; every other session of the person ends.

        ServiceError `password-wrong`, `password-same`, or as `passwords.require_good` says.
        """
        self.require_password(who, old)
        if new == old:
            raise ServiceError("password-same")
        passwords.require_good(new, username=who.username, least=self._access.rules.password_least)
        hashed = self._hub.off_hub(passwords.hashed, new)
        business, real = self._clock.now(), self._clock.real_now()
        ended: list[str] = []

        def write(session: Session) -> None:
            users.set_password(session, who.user_id, hashed, temporary=False)
            ended[:] = users.end_other_sessions(
                session, who.user_id, but=who.session_id, at=real, reason="password"
            )
            audit.append(
                session,
                at=business,
                actor=who.username,
                action="user.password.changed",
                subject=f"user:{who.user_id}",
            )

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")
        for session_id in ended:
            self._session_ended(session_id)
