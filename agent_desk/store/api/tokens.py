"""The table of tokens: found by hash, never by what was shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.tokens import ApiToken
from agent_desk.models.users import Team


@dataclass(frozen=True)
class TokenRow:
    """A token without its secret. `teams` None: every team."""

    id: int
    name: str
    shown: str
    scopes: frozenset[str]
    teams: frozenset[int] | None
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def add(
    session: Session,
    *,
    name: str,
    shown: str,
    token_hash: str,
    scopes: Collection[str],
    teams: Collection[int] | None,
    made_by: str,
    made_at: datetime,
    expires_at: datetime,
) -> int:
    """Keep a new token; its id."""
    values = {
        "name": name,
        "shown": shown,
        "token_hash": token_hash,
        "scopes": sorted(scopes),
        "team_ids": None if teams is None else sorted(teams),
        "made_by": made_by,
        "made_at": made_at,
        "expires_at": expires_at,
    }
    row = session.execute(insert(ApiToken).values(**values))
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def by_hash(session: Session, token_hash: str) -> TokenRow | None:
    """The token of this hash, whatever has become of it."""
    row = session.scalar(select(ApiToken).where(ApiToken.token_hash == token_hash))
    return None if row is None else _row(row)


def by_id(session: Session, token_id: int) -> TokenRow | None:
    """One token, or None."""
    row = session.get(ApiToken, token_id)
    return None if row is None else _row(row)


def every(session: Session, *, before: int | None, limit: int) -> list[TokenRow]:
    """Tokens with an id below `before`, the newest first."""
    query = select(ApiToken).order_by(ApiToken.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ApiToken.id < before)
    return [_row(row) for row in session.scalars(query)]


def mark_used(session: Session, token_id: int, *, at: datetime) -> None:
    """It opened a door just now."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=at))


def revoke(session: Session, token_id: int, *, at: datetime) -> bool:
    """End a token; false when it had ended before."""
    standing = (ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
    done = session.execute(update(ApiToken).where(*standing).values(revoked_at=at))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def teams(session: Session) -> dict[int, str]:
    """Every team's name by its id."""
    query = select(Team.id, Team.name).order_by(Team.name)
    return {team_id: name for team_id, name in session.execute(query)}


def _row(row: ApiToken) -> TokenRow:
    return TokenRow(
        id=row.id,
        name=row.name,
        shown=row.shown,
        scopes=frozenset(row.scopes),
        teams=None if row.team_ids is None else frozenset(row.team_ids),
        made_by=row.made_by,
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
