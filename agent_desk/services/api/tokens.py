"""Tokens by which other systems use `/api/v1`: made, found again, ended.

A token is shown once, when it is made; only its hash is kept. It says what it is for (scopes) and
for whose customers (teams), and it always ends: a key nobody remembers must not open a door next
year. Everything here goes by real time, as sessions do.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.api import tokens
from agent_desk.store.api.tokens import TokenRow
from agent_desk.store.unit_of_work import Database, Session

# What each scope opens is declared at the routes (`routes/scopes.py`).
SCOPES = (
    "customers:read",
    "customers:write",
    "lists:read",
    "lists:write",
    "payments:write",
    "do_not_call:read",
    "do_not_call:write",
    "calls:read",
    "results:read",
    "campaigns:read",
    "reports:read",
)
ROLE = "token"  # no page and no socket is for it
BEGINNING = "ad_"
SHOWN = len(BEGINNING) + 6
PAGE = 100  # of the list of tokens
LONGEST_NAME = 64
LONGEST = timedelta(days=365)
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Wanted:
    """A token to be made. `teams` None: for every team's customers."""

    name: str
    scopes: Collection[str]
    teams: Collection[int] | None
    days: int


@dataclass(frozen=True)
class Holder:
    """Whoever shows a token: what they may, and how they count as a person."""

    token_id: int
    scopes: frozenset[str]
    person: Person


class TokenService:
    """Each of its ServiceErrors leaves everything as it was."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def make(self, wanted: Wanted, *, actor: str) -> tuple[int, str]:
        """A new token: its id and the secret, which is never to be had again.

        ServiceError: token-unusable (reason: name, scopes, teams or days), not-stored.
        """
        self._check(wanted)
        secret = BEGINNING + secrets.token_urlsafe(32)
        now = self._clock.real_now()
        business = self._clock.now()
        made: list[int] = []

        def rows(session: Session) -> None:
            token_id = tokens.add(
                session,
                name=wanted.name.strip(),
                shown=secret[:SHOWN],
                token_hash=_hash(secret),
                scopes=frozenset(wanted.scopes),
                teams=wanted.teams,
                made_by=actor,
                made_at=now,
                expires_at=now + timedelta(days=wanted.days),
            )
            details = {
                "scopes": sorted(wanted.scopes),
                "teams": None if wanted.teams is None else sorted(wanted.teams),
                "days": wanted.days,
            }
            _note(session, token_id, "token.made", at=business, actor=actor, details=details)
            made[:] = [token_id]

        self._write(rows)
        return made[0], secret

    def revoke(self, token_id: int, *, actor: str) -> None:
        """End a token: its next request is refused. ServiceError: token-unknown, not-stored."""
        with self._database.read() as session:
            found = tokens.by_id(session, token_id)
        if found is None or found.revoked_at is not None:
            raise ServiceError("token-unknown")
        now, business = self._clock.real_now(), self._clock.now()

        def rows(session: Session) -> None:
            if tokens.revoke(session, token_id, at=now):
                _note(session, token_id, "token.revoked", at=business, actor=actor)

        self._write(rows)

    def every(self, before: int | None = None, *, most: int = PAGE) -> list[TokenRow]:
        """Tokens with an id below `before`, the newest first."""
        with self._database.read() as session:
            return tokens.every(session, before=before, limit=most)

    def teams(self) -> dict[int, str]:
        """The teams a token may be limited to."""
        with self._database.read() as session:
            return tokens.teams(session)

    def holder_of(self, secret: str) -> Holder | None:
        """Who shows this secret; None when it opens nothing (any more)."""
        now = self._clock.real_now()
        with self._database.read() as session:
            found = tokens.by_hash(session, _hash(secret))
        if found is None or state_of(found, now) != "valid":
            return None
        if found.used_at is None or now - found.used_at > NOTED_EVERY:
            token_id = found.id
            self._write(lambda session: tokens.mark_used(session, token_id, at=now))
        return Holder(found.id, found.scopes, _person(found))

    # --- inside ---------------------------------------------------------------------------------

    def _check(self, wanted: Wanted) -> None:
        if not 1 <= len(wanted.name.strip()) <= LONGEST_NAME:
            raise ServiceError("token-unusable", reason="name")
        if not wanted.scopes or not frozenset(wanted.scopes) <= frozenset(SCOPES):
            raise ServiceError("token-unusable", reason="scopes")
        if not 1 <= wanted.days <= LONGEST.days:
            raise ServiceError("token-unusable", reason="days")
        if wanted.teams is not None and not set(wanted.teams) <= set(self.teams()):
            raise ServiceError("token-unusable", reason="teams")

    def _write(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def state_of(token: TokenRow, now: datetime) -> str:
    """`valid`, `revoked` or `expired`."""
    if token.revoked_at is not None:
        return "revoked"
    return "valid" if now < token.expires_at else "expired"


def _hash(secret: str) -> str:
    # The secret is 256 random bits: a slow hash would protect nothing and cost every request.
    return hashlib.sha256(secret.encode()).hexdigest()


def _person(token: TokenRow) -> Person:
    return Person(
        user_id=0,
        username=f"token:{token.id}",
        name=token.name,
        role=ROLE,
        team_id=None,
        teams=token.teams,
        locale="ja",
        session_id="",
    )


def _note(
    session: Session,
    token_id: int,
    action: str,
    *,
    at: datetime,
    actor: str,
    details: dict[str, Any] | None = None,
) -> None:
    subject = f"token:{token_id}"
    audit.append(session, at=at, actor=actor, action=action, subject=subject, details=details)
