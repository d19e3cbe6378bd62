"""Links by which a screen on a wall is shown the floor without a log-in: made, shown, ended.

A link is shown once, when it is made; only the hash of its secret is kept. It shows figures and no
person, of no more teams than whoever made it sees, and it always ends. The secret stands in the
fragment of the address, which browsers send to nobody: the page trades it for a ticket that opens
one socket, and nothing else here knows it. Instants are real time.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.people import accounts, wallboards
from agent_desk.store.people.wallboards import LinkRow
from agent_desk.store.unit_of_work import Database, Session

ROLE = "wallboard"  # nobody's: it opens its own socket and no page
LONGEST_NAME = 64
MOST_DAYS = 365
MOST_SHOWN = 100  # the newest links
NOTED_EVERY = timedelta(minutes=1)
Teams = frozenset[int] | None


@dataclass(frozen=True)
class Wanted:
    """A link to be made. `teams`, `campaigns` None: all there are in scope."""

    name: str
    teams: Collection[int] | None
    campaigns: Collection[int] | None
    days: int


class WallboardLinks:
    """Each of its ServiceErrors leaves everything as it was. `scope`: the teams a person sees."""

    def __init__(
        self,
        *,
        database: Database,
        commits: WriteDoor,
        clock: Clock,
        campaigns: CampaignBook,
        ended: Callable[[str], None],
    ) -> None:
        """`ended` closes the sockets of a session that is none any more."""
        self._database = database
        self._commits = commits
        self._clock = clock
        self._campaigns = campaigns
        self._ended = ended

    def make(self, wanted: Wanted, *, actor: str, scope: Teams) -> tuple[int, str]:
        """A new link: its id and the secret, which is never to be had again.

        ServiceError: wallboard-unusable (reason: name, teams, campaigns or days), not-in-scope.
        """
        teams = self._teams(wanted, scope)
        self._check(wanted, scope)
        secret = secrets.token_urlsafe(32)
        now, business = self._clock.real_now(), self._clock.now()
        made: list[int] = []

        def rows(session: Session) -> None:
            link_id = wallboards.add(
                session,
                name=wanted.name.strip(),
                token_hash=_hash(secret),
                teams=teams,
                campaigns=wanted.campaigns,
                made_by=actor,
                made_at=now,
                expires_at=now + timedelta(days=wanted.days),
            )
            details = {
                "teams": None if teams is None else sorted(teams),
                "campaigns": None if wanted.campaigns is None else sorted(wanted.campaigns),
                "days": wanted.days,
            }
            _note(session, link_id, "wallboard.made", at=business, actor=actor, details=details)
            made[:] = [link_id]

        self._write(rows)
        return made[0], secret

    def revoke(self, link_id: int, *, actor: str, scope: Teams) -> None:
        """End a link; open screens with it go dark. ServiceError: wallboard-unknown."""
        with self._database.read() as session:
            found = wallboards.by_id(session, link_id)
        if found is None or found.revoked_at is not None or not _within(found, scope):
            raise ServiceError("wallboard-unknown")
        now, business = self._clock.real_now(), self._clock.now()

        def rows(session: Session) -> None:
            if wallboards.revoke(session, link_id, by=actor, at=now):
                _note(session, link_id, "wallboard.revoked", at=business, actor=actor)

        self._write(rows)
        self._ended(session_of(link_id))

    def every(self, scope: Teams) -> list[LinkRow]:
        """The newest links to no more than somebody sees."""
        with self._database.read() as session:
            found = wallboards.every(session, limit=MOST_SHOWN)
        return [each for each in found if _within(each, scope)]

    def choices(self, scope: Teams) -> tuple[dict[int, str], dict[int, str]]:
        """Names of the teams and the campaigns a link may be limited to, by id."""
        with self._database.read() as session:
            teams = accounts.teams(session)
        campaigns = {
            int(each): facts.name
            for each, facts in self._campaigns.all().items()
            if not facts.training and (scope is None or facts.team_ids & scope)
        }
        return {k: v for k, v in teams.items() if scope is None or k in scope}, campaigns

    def holder_of(self, secret: object) -> LinkRow | None:
        """The link of this secret; None when it opens nothing (any more)."""
        if not isinstance(secret, str) or not 20 <= len(secret) <= 100:
            return None
        with self._database.read() as session:
            found = wallboards.by_hash(session, _hash(secret))
        return self._valid(found)

    def of_session(self, session_id: str) -> LinkRow | None:
        """The link behind a ticket or a socket, if it still is one."""
        kind, _, number = session_id.partition(":")
        if kind != ROLE or not number.isdecimal():
            return None
        with self._database.read() as session:
            return self._valid(wallboards.by_id(session, int(number)))

    def look_after(self, sessions: Collection[str]) -> None:
        """Close the screens whose link is over, and note that the others are in use."""
        now = self._clock.real_now()
        stale = []
        for session_id in sessions:
            link = self.of_session(session_id)
            if link is None:
                self._ended(session_id)
            elif link.used_at is None or now - link.used_at >= NOTED_EVERY:
                stale.append(link.id)
        if stale:

            def rows(session: Session) -> None:
                wallboards.mark_used(session, stale, at=now)

            self._write(rows)

    # --- inside ---------------------------------------------------------------------------------

    def _valid(self, link: LinkRow | None) -> LinkRow | None:
        valid = link is not None and state_of(link, self._clock.real_now()) == "valid"
        return link if valid else None

    def _teams(self, wanted: Wanted, scope: Teams) -> Teams:
        """Those asked for; whoever sees some teams only gives none but these away."""
        if wanted.teams is None:
            return scope
        teams = frozenset(wanted.teams)
        if scope is not None and not teams <= scope:
            raise ServiceError("not-in-scope")
        return teams

    def _check(self, wanted: Wanted, scope: Teams) -> None:
        if not 1 <= len(wanted.name.strip()) <= LONGEST_NAME:
            raise ServiceError("wallboard-unusable", reason="name")
        if not 1 <= wanted.days <= MOST_DAYS:
            raise ServiceError("wallboard-unusable", reason="days")
        teams, campaigns = self.choices(scope)
        if wanted.teams is not None and not set(wanted.teams) <= teams.keys():
            raise ServiceError("wallboard-unusable", reason="teams")
        if wanted.campaigns is not None and not set(wanted.campaigns) <= campaigns.keys():
            raise ServiceError("wallboard-unusable", reason="campaigns")

    def _write(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def state_of(link: LinkRow, now: datetime) -> str:
    """`valid`, `expired` or `revoked`."""
    if link.revoked_at is not None:
        return "revoked"
    return "valid" if link.expires_at > now else "expired"


def session_of(link_id: int) -> str:
    """What stands for a log-in of this link's screens."""
    return f"{ROLE}:{link_id}"


def _within(link: LinkRow, scope: Teams) -> bool:
    return scope is None or (link.teams is not None and link.teams <= scope)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _note(
    session: Session,
    link_id: int,
    action: str,
    *,
    at: datetime,
    actor: str,
    details: dict[str, Any] | None = None,
) -> None:
    subject = f"wallboard:{link_id}"
    audit.append(session, at=at, actor=actor, action=action, subject=subject, details=details)
