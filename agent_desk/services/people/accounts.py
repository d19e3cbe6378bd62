"""Logging in and out, sessions that can be ended from outside, and who may see what.

A session's token lives in the signed cookie; the database holds its hash. Everything here goes by
real time: a demonstration's shifted clock must not lengthen a session.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit as audit_rows
from agent_desk.store.people import accounts as account_rows
from agent_desk.store.unit_of_work import Database

SESSION_LENGTH = timedelta(hours=14)
SEEN_EVERY = timedelta(minutes=1)
FREE_TRIES = 5
FIRST_LOCK = timedelta(seconds=5)
LONGEST_LOCK = timedelta(minutes=5)
DEMO_ACCOUNTS = frozenset([*(f"operator{n}" for n in range(1, 6)), "lead1", "manager1", "admin1"])


@dataclass(frozen=True)
class Person:
    """Somebody signed in. `teams` is the scope of what they see; None means every team."""

    user_id: int
    username: str
    name: str
    role: str
    team_id: int | None
    teams: frozenset[int] | None
    locale: str
    session_id: str


class AccountService:
    """Sign-in, sessions, enabling and disabling people."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        clock: Clock,
        hub: Hub,
        demo_allowed: bool,
        session_ended: Callable[[str], None],
        user_ended: Callable[[int], None],
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._hub = hub
        self._demo_allowed = demo_allowed
        self._session_ended = session_ended
        self._user_ended = user_ended
        self._hasher = PasswordHasher()
        self._nobody = _nobodys_hash()

    def sign_in(self, username: str, password: str) -> tuple[str, Person]:
        """A fresh session token and whose it is; ServiceError `login-failed` or `login-locked`."""
        now = self._clock.real_now()
        with self._database.read() as session:
            row = account_rows.by_username(session, username.strip())
        if row is not None and row.locked_until is not None and row.locked_until > now:
            seconds = int((row.locked_until - now).total_seconds()) + 1
            self._refuse(row, "locked")
            raise ServiceError("login-locked", seconds=seconds)
        hashed = row.password_hash if row is not None else self._nobody
        fits = self._hub.off_hub(self._verify, hashed, password)
        if row is None or not fits or not row.enabled:
            known = "password" if row is None or row.enabled else "disabled"
            self._refuse(row, known, count=True)
            raise ServiceError("login-failed")
        if row.username in DEMO_ACCOUNTS and not self._demo_allowed:
            self._refuse(row, "demo-account")
            raise ServiceError("demo-account")
        return self._begin_session(row)

    def person_of(self, token: str) -> Person | None:
        """Who a session token belongs to; None when it ended, expired or its person is disabled."""
        session_id = _session_id(token)
        now = self._clock.real_now()
        with self._database.read() as session:
            found = account_rows.live_session(session, session_id, now)
            if found is None:
                return None
            teams = account_rows.scope(session, found.user)
        if now - found.seen_at > SEEN_EVERY:
            self._commits.put(None, rows=lambda s: account_rows.mark_seen(s, session_id, at=now))
        return _person(found.user, teams, session_id)

    def person_by_id(self, user_id: int, session_id: str) -> Person | None:
        """The person behind a socket's ticket, if their session still lives."""
        now = self._clock.real_now()
        with self._database.read() as session:
            found = account_rows.live_session(session, session_id, now)
            if found is None or found.user.id != user_id:
                return None
            return _person(found.user, account_rows.scope(session, found.user), session_id)

    def close_ended(self, open_sessions: Collection[str]) -> None:
        """End the sockets of those of these sessions that ended or expired without a word.

        A socket shows its ticket once; nothing else would ask again for as long as it stays open.
        """
        with self._database.read() as session:
            live = account_rows.live_among(session, open_sessions, self._clock.real_now())
        for session_id in set(open_sessions) - live:
            self._session_ended(session_id)

    def sign_out(self, session_id: str, *, reason: str = "logout") -> None:
        """End one session and its sockets."""
        now = self._clock.real_now()
        business = self._clock.now()

        def rows(session: Session) -> None:
            owner = account_rows.owner_of(session, session_id)
            if owner is not None and account_rows.end_session(
                session, session_id, at=now, reason=reason
            ):
                _audit(session, owner, action="user.logout", at=business, reason=reason)

        self._commits.submit(None, rows=rows)
        self._session_ended(session_id)

    def set_enabled(self, user_id: int, enabled: bool, *, actor: Person) -> None:
        """Let a person in or keep them out; keeping out ends every session of theirs now."""
        if user_id == actor.user_id and not enabled:
            raise ServiceError("not-yourself")
        now = self._clock.real_now()
        business = self._clock.now()

        def rows(session: Session) -> None:
            account_rows.set_enabled(session, user_id, enabled, at=now)
            audit_rows.append(
                session,
                at=business,
                actor=actor.username,
                action="user.enabled" if enabled else "user.disabled",
                subject=f"user:{user_id}",
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        if not enabled:
            self._user_ended(user_id)

    def set_locale(self, user_id: int, locale: str) -> None:
        """Remember a person's language."""
        self._commits.submit(
            None, rows=lambda session: account_rows.set_locale(session, user_id, locale)
        )

    # --- inside ---------------------------------------------------------------------------------

    def _begin_session(self, row: account_rows.AccountRow) -> tuple[str, Person]:
        token = secrets.token_urlsafe(32)
        session_id = _session_id(token)
        now = self._clock.real_now()
        business = self._clock.now()

        def rows(session: Session) -> None:
            account_rows.begin_session(
                session, session_id, user_id=row.id, at=now, expires_at=now + SESSION_LENGTH
            )
            _audit(session, row, action="user.login", at=business)

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        with self._database.read() as session:
            teams = account_rows.scope(session, row)
        return token, _person(row, teams, session_id)

    def _refuse(
        self, row: account_rows.AccountRow | None, reason: str, *, count: bool = False
    ) -> None:
        """Note a log-in that was refused; `count` says that the password was wrong.

        Who is unknown is noted without the name: people type their passwords into that field.
        """
        now, business = self._clock.real_now(), self._clock.now()

        def rows(session: Session) -> None:
            if count and row is not None:
                failures = account_rows.count_failure(session, row.id)
                account_rows.lock(session, row.id, until=_locked_until(failures, now))
            _audit(session, row, action="user.login.refused", at=business, reason=reason)

        self._commits.submit(None, rows=rows)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    """Checked when there is no such user, so that the answer takes as long as for a real one."""
    return PasswordHasher().hash(secrets.token_urlsafe(16))


def _locked_until(failures: int, now: datetime) -> datetime | None:
    """After five wrong passwords each further one locks for twice as long, 5 minutes at most.

    Sessions that are open are not touched: an outsider cannot lock an operator out mid-shift.
    """
    over = failures - FREE_TRIES
    if over < 0:
        return None
    # 2**16 times the first lock is far beyond the longest; more would overflow one day.
    longer: timedelta = FIRST_LOCK * 2 ** min(over, 16)
    return now + min(LONGEST_LOCK, longer)


def _audit(
    session: Session,
    row: account_rows.AccountRow | None,
    *,
    action: str,
    at: datetime,
    reason: str = "",
) -> None:
    audit_rows.append(
        session,
        at=at,
        actor="unknown" if row is None else row.username,
        action=action,
        subject="user:unknown" if row is None else f"user:{row.id}",
        details={"reason": reason} if reason else None,
    )


def _session_id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _person(row: account_rows.AccountRow, teams: frozenset[int] | None, session_id: str) -> Person:
    return Person(
        user_id=row.id,
        username=row.username,
        name=row.name,
        role=row.role,
        team_id=row.team_id,
        teams=teams,
        locale=row.locale,
        session_id=session_id,
    )
