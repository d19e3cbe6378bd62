"""Links of wall screens: found by hash, never by what was shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.users import User
from agent_desk.models.wallboards import WallboardLink


@dataclass(frozen=True)
class LinkRow:
    """A link without its secret. `teams`, `campaigns` None: every one."""

    id: int
    name: str
    teams: frozenset[int] | None
    campaigns: frozenset[int] | None
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def add(
    session: Session,
    *,
    name: str,
    token_hash: str,
    teams: Collection[int] | None,
    campaigns: Collection[int] | None,
    made_by: str,
    made_at: datetime,
    expires_at: datetime,
) -> int:
    """Keep a new link; its id. `made_by` is a username."""
    row = session.execute(
        insert(WallboardLink).values(
            name=name,
            token_hash=token_hash,
            teams=None if teams is None else sorted(teams),
            campaigns=None if campaigns is None else sorted(campaigns),
            made_by_user_id=_user(made_by),
            made_at=made_at,
            expires_at=expires_at,
        )
    )
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def by_hash(session: Session, token_hash: str) -> LinkRow | None:
    """The link of this hash, whatever has become of it."""
    return _one(session, _links().where(WallboardLink.token_hash == token_hash))


def by_id(session: Session, link_id: int) -> LinkRow | None:
    """The link of this id, whatever has become of it."""
    return _one(session, _links().where(WallboardLink.id == link_id))


def every(session: Session, *, limit: int) -> list[LinkRow]:
    """The newest first."""
    query = _links().order_by(WallboardLink.id.desc()).limit(limit)
    return [_row(*found) for found in session.execute(query)]


def revoke(session: Session, link_id: int, *, by: str, at: datetime) -> bool:
    """End a link; whether it had not ended before."""
    ended = session.execute(
        update(WallboardLink)
        .where(WallboardLink.id == link_id, WallboardLink.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by_user_id=_user(by))
    )
    return bool(ended.rowcount)  # type: ignore[attr-defined]


def mark_used(session: Session, link_ids: Collection[int], *, at: datetime) -> None:
    """Screens with these links are shown the floor."""
    session.execute(
        update(WallboardLink).where(WallboardLink.id.in_(list(link_ids))).values(used_at=at)
    )


def _links() -> Select[WallboardLink, str]:
    return select(WallboardLink, User.username).join(User, User.id == WallboardLink.made_by_user_id)


def _one(session: Session, query: Select[WallboardLink, str]) -> LinkRow | None:
    found = session.execute(query).first()
    return None if found is None else _row(*found)


def _row(link: WallboardLink, made_by: str) -> LinkRow:
    return LinkRow(
        id=link.id,
        name=link.name,
        teams=None if link.teams is None else frozenset(link.teams),
        campaigns=None if link.campaigns is None else frozenset(link.campaigns),
        made_by=made_by,
        made_at=link.made_at,
        expires_at=link.expires_at,
        used_at=link.used_at,
        revoked_at=link.revoked_at,
    )


def _user(username: str) -> object:
    return select(User.id).where(User.username == username).scalar_subquery()
