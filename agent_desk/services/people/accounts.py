"""Logging in and out, sessions that can be ended from outside, and who may see what.

A session's token lives in the signed cookie; the database holds its hash. Everything here goes by
real time: a demonstration's shifted clock must not lengthen a session.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from agent_desk.services.errors import ServiceError
from agent_desk.services.people import passwords
from agent_desk.services.people.access import AccessSettings
from agent_desk.services.people.booths import Booths
from agent_desk.services.people.half_log_ins import HalfLogIns
from agent_desk.services.people.second_factors import SecondFactors
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
    must: str | None = None  # before anything else: `password` (another) or `second_factor` (one)


@dataclass(frozen=True)
class Origin:
    """Where a log-in comes from, as far as it is known."""

    address: str | None = None
    browser: str | None = None


class CodeNeeded(Exception):
    """The password was right; `half` is to be shown together with a code."""

    def __init__(self, half: str) -> None:
        super().__init__("a code is needed")
        self.half = half


class AccountService:
    """Sign-in, sessions, enabling and disabling people."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        clock: Clock,
        hub: Hub,
        access: AccessSettings,
        factors: SecondFactors,
        booths: Booths,
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
        self._access = access
        self._factors = factors
        self._booths = booths
        self._halves = HalfLogIns(clock)
        self._nobody = passwords.nobodys_hash()

    def sign_in(
        self, username: str, password: str, origin: Origin = Origin()
    ) -> tuple[str, Person]:
        """A fresh session token and whose it is.

        Raises `CodeNeeded` for somebody with a second factor, ServiceError `login-failed`,
        `login-locked`, `demo-account`, `address-refused` or `booths-taken`.
        """
        with self._database.read() as session:
            row = account_rows.by_username(session, username.strip())
        self._refuse_locked(row)
        hashed = row.password_hash if row is not None else self._nobody
        fits = self._hub.off_hub(passwords.fits, hashed, password)
        if row is None or not fits or not row.enabled:
            known = "password" if row is None or row.enabled else "disabled"
            self._refuse(row, known, count=True)
            raise ServiceError("login-failed")
        if row.username in DEMO_ACCOUNTS and not self._demo_allowed:
            self._refuse(row, "demo-account")
            raise ServiceError("demo-account")
        self._refuse_elsewhere(row, origin)
        if row.has_code:
            raise CodeNeeded(self._halves.begin(row.id))
        return self._begin_session(row, origin)

    def sign_in_with_code(
        self, half: str, code: str, origin: Origin = Origin()
    ) -> tuple[str, Person]:
        """What `sign_in` gives, once a code was shown; ServiceError `code-wrong`, `half-over`."""
        user_id = self._halves.whose(half)
        with self._database.read() as session:
            row = account_rows.by_id(session, user_id) if user_id is not None else None
        if row is None or not row.enabled:
            raise ServiceError("half-over")
        self._refuse_locked(row)
        self._refuse_elsewhere(row, origin)
        if not self._factors.check(row.id, code):
            self._halves.failed(half)
            self._refuse(row, "code", count=True)
            raise ServiceError("code-wrong")
        begun = self._begin_session(row, origin)
        self._halves.end(half)
        return begun

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
        return self._person(found.user, teams, session_id)

    def person_by_id(self, user_id: int, session_id: str) -> Person | None:
        """The person behind a socket's ticket, if their session still lives and has the run of the
        pages."""
        now = self._clock.real_now()
        with self._database.read() as session:
            found = account_rows.live_session(session, session_id, now)
            if found is None or found.user.id != user_id:
                return None
            who = self._person(found.user, account_rows.scope(session, found.user), session_id)
        return who if who.must is None else None

    def close_ended(self, open_sessions: Collection[str]) -> None:
        """End the sockets of those of these sessions that ended or expired without a word.

        A socket shows its ticket once; nothing else would ask again for as long as it stays open.
        """
        with self._database.read() as session:
            live = account_rows.live_among(session, open_sessions, self._clock.real_now())
        for session_id in set(open_sessions) - live:
            self._session_ended(session_id)

    def sign_out(
        self, session_id: str, *, reason: str = "logout", actor: str | None = None
    ) -> None:
        """End one session and its sockets; `actor` when it is not the person's own doing."""
        now = self._clock.real_now()
        business = self._clock.now()

        def rows(session: Session) -> None:
            owner = account_rows.owner_of(session, session_id)
            if owner is not None and account_rows.end_session(
                session, session_id, at=now, reason=reason
            ):
                _audit(
                    session, owner, action="user.logout", at=business, reason=reason, actor=actor
                )

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

    def _refuse_locked(self, row: account_rows.AccountRow | None) -> None:
        now = self._clock.real_now()
        if row is not None and row.locked_until is not None and row.locked_until > now:
            self._refuse(row, "locked")
            seconds = int((row.locked_until - now).total_seconds()) + 1
            raise ServiceError("login-locked", seconds=seconds)

    def _refuse_elsewhere(self, row: account_rows.AccountRow, origin: Origin) -> None:
        if not self._access.rules.of(row.role).admits(origin.address):
            self._refuse(row, "address")
            raise ServiceError("address-refused")

    def _begin_session(self, row: account_rows.AccountRow, origin: Origin) -> tuple[str, Person]:
        token = secrets.token_urlsafe(32)
        session_id = _session_id(token)
        now = self._clock.real_now()
        business = self._clock.now()

        def rows(session: Session) -> None:
            account_rows.begin_session(
                session,
                session_id,
                user_id=row.id,
                at=now,
                expires_at=now + SESSION_LENGTH,
                address=origin.address,
                browser=origin.browser,
            )
            _audit(session, row, action="user.login", at=business)

        takes_booth = row.role == "operator"
        try:
            with self._booths.entering(row.id) if takes_booth else nullcontext():
                stored = self._commits.submit(None, rows=rows).ok
        except ServiceError:
            self._refuse(row, "booths")
            raise
        if not stored:
            raise ServiceError("not-stored")
        with self._database.read() as session:
            teams = account_rows.scope(session, row)
        return token, self._person(row, teams, session_id)

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

    def _person(
        self, row: account_rows.AccountRow, teams: frozenset[int] | None, session_id: str
    ) -> Person:
        must = "password" if row.password_temporary else None
        if must is None and not row.has_code and self._access.rules.of(row.role).code_needed:
            must = "second_factor"
        return Person(
            user_id=row.id,
            username=row.username,
            name=row.name,
            role=row.role,
            team_id=row.team_id,
            teams=teams,
            locale=row.locale,
            session_id=session_id,
            must=must,
        )


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
    actor: str | None = None,
) -> None:
    audit_rows.append(
        session,
        at=at,
        actor=actor or ("unknown" if row is None else row.username),
        action=action,
        subject="user:unknown" if row is None else f"user:{row.id}",
        details={"reason": reason} if reason else None,
    )


def _session_id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
