"""Answers remembered by Idempotency-Key, for as long as the same request may be sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from agent_desk.models.tokens import ApiAnswer


@dataclass(frozen=True)
class Kept:
    """What was answered; `status` None while the request is worked on."""

    request_hash: str
    status: int | None
    content_type: str
    location: str
    body_sealed: bytes | None
    at: datetime


def find(session: Session, owner: str, key_hash: str) -> Kept | None:
    """What is kept under a key of somebody's."""
    row = session.get(ApiAnswer, (owner, key_hash))
    if row is None:
        return None
    return Kept(
        row.request_hash,
        row.status,
        row.content_type or "",
        row.location or "",
        row.body_sealed,
        row.at,
    )


def begin(session: Session, owner: str, key_hash: str, *, request_hash: str, at: datetime) -> None:
    """Take a key for a request that is worked on from now on."""
    values = {"owner": owner, "key_hash": key_hash, "request_hash": request_hash, "at": at}
    session.execute(insert(ApiAnswer).values(**values))


def keep(
    session: Session,
    owner: str,
    key_hash: str,
    *,
    status: int,
    content_type: str,
    location: str,
    body_sealed: bytes,
) -> None:
    """What the request came to."""
    session.execute(
        update(ApiAnswer)
        .where(ApiAnswer.owner == owner, ApiAnswer.key_hash == key_hash)
        .values(
            status=status, content_type=content_type, location=location, body_sealed=body_sealed
        )
    )


def forget(session: Session, owner: str, key_hash: str) -> None:
    """Give a key back: its request came to nothing and may be tried again."""
    session.execute(
        delete(ApiAnswer).where(ApiAnswer.owner == owner, ApiAnswer.key_hash == key_hash)
    )


def forget_before(session: Session, instant: datetime) -> None:
    """Delete what nobody may ask for any more."""
    session.execute(delete(ApiAnswer).where(ApiAnswer.at < instant))
