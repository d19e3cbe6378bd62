"""People with a login and their sessions. Instants here are real time, never shifted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.users import Team, TeamLead, User, UserSession


@dataclass(frozen=True)
class AccountRow:
    """One person with a login."""

    id: int
    username: str
    name: str
    role: str
    team_id: int | None
    locale: str
    enabled: bool
    password_hash: str
    failed_logins: int
    locked_until: datetime | None
    password_temporary: bool
    has_code: bool  # a second factor that was tried out


@dataclass(frozen=True)
class LiveSession:
    """A session that has neither ended nor expired, of somebody who is enabled."""

    user: AccountRow
    seen_at: datetime


_COLUMNS = (
    User.id,
    User.username,
    User.name,
    User.role,
    User.team_id,
    User.locale,
    User.enabled,
    User.password_hash,
    User.failed_logins,
    User.locked_until,
    User.password_temporary,
    User.totp_confirmed,
)
# Roles that are not bound to teams.
EVERY_TEAM = ("manager", "compliance", "auditor", "admin")


def by_username(session: Session, username: str) -> AccountRow | None:
    """The person with this login, enabled or not."""
    return _account(session.execute(select(*_COLUMNS).where(User.username == username)).first())


def by_id(session: Session, user_id: int) -> AccountRow | None:
    """The person with this id, enabled or not."""
    return _account(session.execute(select(*_COLUMNS).where(User.id == user_id)).first())


def all_accounts(session: Session) -> list[AccountRow]:
    """Everybody, in order of username."""
    rows = session.execute(select(*_COLUMNS).order_by(User.username))
    return [AccountRow(*row) for row in rows]  # type: ignore[call-arg]


def teams(session: Session) -> dict[int, str]:
    """Team names by id."""
    return {row.id: row.name for row in session.scalars(select(Team).order_by(Team.id))}


def scope(session: Session, account: AccountRow) -> frozenset[int] | None:
    """The teams whose seats, customers and figures a person may see; None means every team."""
    if account.role in EVERY_TEAM:
        return None
    own = frozenset() if account.team_id is None else frozenset({account.team_id})
    if account.role != "lead":
        return own
    led = session.scalars(select(TeamLead.team_id).where(TeamLead.user_id == account.id))
    return own | frozenset(led)


def add_team(session: Session, name: str) -> int:
    """A team's id, making it if there is none of that name."""
    found = session.scalar(select(Team.id).where(Team.name == name))
    if found is not None:
        return found
    return _id(session.execute(insert(Team).values(name=name)))


def add_user(
    session: Session,
    *,
    username: str,
    name: str,
    role: str,
    team_id: int | None,
    password_hash: str,
    at: datetime,
    locale: str = "ja",
    password_temporary: bool = False,
) -> int:
    """A new person's id; raises IntegrityError when the username is taken."""
    row = insert(User).values(
        username=username,
        name=name,
        role=role,
        team_id=team_id,
        password_hash=password_hash,
        created_at=at,
        locale=locale,
        password_temporary=password_temporary,
    )
    return _id(session.execute(row))


def lead_team(session: Session, user_id: int, team_id: int) -> None:
    """Put a team under a lead."""
    session.execute(insert(TeamLead).values(user_id=user_id, team_id=team_id))


def set_locale(session: Session, user_id: int, locale: str) -> None:
    """Remember a person's language."""
    session.execute(update(User).where(User.id == user_id).values(locale=locale))


def set_enabled(session: Session, user_id: int, enabled: bool, *, at: datetime) -> None:
    """Let a person in or keep them out; keeping out ends their sessions."""
    session.execute(update(User).where(User.id == user_id).values(enabled=enabled))
    if not enabled:
        end_sessions_of(session, user_id, at=at, reason="disabled")


def count_failure(session: Session, user_id: int) -> int:
    """Note a wrong password; how many there are now in a row.

    Counted by the database: several guesses at once all read the same row before any is noted.
    """
    return session.execute(
        update(User)
        .where(User.id == user_id)
        .values(failed_logins=User.failed_logins + 1)
        .returning(User.failed_logins)
    ).scalar_one()


def lock(session: Session, user_id: int, *, until: datetime | None) -> None:
    """Let nobody log in as this person before then; None: at once."""
    session.execute(update(User).where(User.id == user_id).values(locked_until=until))


def begin_session(
    session: Session,
    session_id: str,
    *,
    user_id: int,
    at: datetime,
    expires_at: datetime,
    address: str | None = None,
    browser: str | None = None,
) -> None:
    """Open a session; the right password clears the count of wrong ones."""
    session.execute(
        insert(UserSession).values(
            id=session_id,
            user_id=user_id,
            created_at=at,
            seen_at=at,
            expires_at=expires_at,
            address=address,
            browser=browser,
        )
    )
    session.execute(
        update(User).where(User.id == user_id).values(failed_logins=0, locked_until=None)
    )


# Asked with every request and every socket, so it is put together once.
_LIVE = (
    select(UserSession.seen_at, *_COLUMNS)
    .join(User, User.id == UserSession.user_id)
    .where(
        UserSession.id == bindparam("session_id"),
        UserSession.ended_at.is_(None),
        UserSession.expires_at > bindparam("now"),
        User.enabled,
    )
)


def live_session(session: Session, session_id: str, now: datetime) -> LiveSession | None:
    """The session if it still opens anything."""
    found = session.execute(_LIVE, {"session_id": session_id, "now": now}).first()
    return None if found is None else LiveSession(AccountRow(*found[1:]), found[0])  # type: ignore[call-arg]


def live_among(session: Session, session_ids: Collection[str], now: datetime) -> set[str]:
    """Which of these sessions still open anything."""
    query = (
        select(UserSession.id)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.id.in_(session_ids),
            UserSession.ended_at.is_(None),
            UserSession.expires_at > now,
            User.enabled,
        )
    )
    return set(session.scalars(query))


def mark_seen(session: Session, session_id: str, *, at: datetime) -> None:
    """The session was used."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=at))


def owner_of(session: Session, session_id: str) -> AccountRow | None:
    """Whose session it is or was."""
    query = select(*_COLUMNS).join(UserSession, UserSession.user_id == User.id)
    return _account(session.execute(query.where(UserSession.id == session_id)).first())


def end_session(session: Session, session_id: str, *, at: datetime, reason: str) -> bool:
    """Close a session for good; false when it was closed already."""
    ended = session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason)
        .returning(UserSession.id)
    )
    return ended.first() is not None


def end_sessions_of(session: Session, user_id: int, *, at: datetime, reason: str) -> None:
    """Close every session of a person."""
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason)
    )


def _account(row: Row[*tuple[object, ...]] | None) -> AccountRow | None:
    return None if row is None else AccountRow(*row)  # type: ignore[arg-type]


def _id(result: object) -> int:
    return int(result.inserted_primary_key[0])  # type: ignore[attr-defined]
