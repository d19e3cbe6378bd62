"""Log-ins that still open something: who, since when, from where."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from agent_desk.models.users import User, UserSession


@dataclass(frozen=True)
class SessionRow:
    """One live log-in."""

    id: str
    user_id: int
    username: str
    name: str
    role: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str | None
    browser: str | None


_COLUMNS = (
    UserSession.id,
    UserSession.user_id,
    User.username,
    User.name,
    User.role,
    UserSession.created_at,
    UserSession.seen_at,
    UserSession.expires_at,
    UserSession.address,
    UserSession.browser,
)


def live(
    session: Session,
    now: datetime,
    *,
    user_id: int | None = None,
    role: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[SessionRow]:
    """Live log-ins, newest first; `after` is where the page before ended."""
    query = (
        select(*_COLUMNS)
        .join(User, User.id == UserSession.user_id)
        .where(*_alive(now))
        .order_by(UserSession.created_at.desc(), UserSession.id)
    )
    if user_id is not None:
        query = query.where(UserSession.user_id == user_id)
    if role is not None:
        query = query.where(User.role == role)
    if after is not None:
        at, last = after
        same = (UserSession.created_at == at) & (UserSession.id > last)
        query = query.where((UserSession.created_at < at) | same)
    if limit is not None:
        query = query.limit(limit)
    return [SessionRow(*row) for row in session.execute(query)]  # type: ignore[call-arg]


def one(session: Session, session_id: str, now: datetime) -> SessionRow | None:
    """One live log-in."""
    query = select(*_COLUMNS).join(User, User.id == UserSession.user_id)
    row = session.execute(query.where(UserSession.id == session_id, *_alive(now))).first()
    return None if row is None else SessionRow(*row)  # type: ignore[call-arg]


def operators_since(session: Session, since: datetime, *, now: datetime) -> set[int]:
    """Operators who logged in since then and still are."""
    query = (
        select(UserSession.user_id)
        .join(User, User.id == UserSession.user_id)
        .where(User.role == "operator", UserSession.created_at > since, *_alive(now))
    )
    return set(session.scalars(query))


def usernames_with(session: Session, usernames: Collection[str], now: datetime) -> set[str]:
    """Which of these people are logged in."""
    query = (
        select(User.username)
        .join(UserSession, User.id == UserSession.user_id)
        .where(User.username.in_(usernames), *_alive(now))
    )
    return set(session.scalars(query))


def _alive(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (UserSession.ended_at.is_(None), UserSession.expires_at > now, User.enabled.is_(True))
