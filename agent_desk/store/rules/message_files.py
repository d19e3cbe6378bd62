"""Recordings people brought, for machines and for abandoned calls: each row stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.messages import MessageFile


@dataclass(frozen=True)
class FileRow:
    """One recording without its sound."""

    id: int
    kind: str
    version: int
    sha256: str
    text: str
    name: str
    number: str
    duration_ms: int
    lead_ms: int
    by: str
    at: datetime


_COLUMNS = (
    MessageFile.id,
    MessageFile.kind,
    MessageFile.version,
    MessageFile.sha256,
    MessageFile.text,
    MessageFile.name,
    MessageFile.number,
    MessageFile.duration_ms,
    MessageFile.lead_ms,
    MessageFile.by,
    MessageFile.at,
)


def of_campaign(session: Session, campaign_id: int, *, most: int) -> list[FileRow]:
    """The newest recordings of a campaign, newest first."""
    query = select(*_COLUMNS).where(MessageFile.campaign_id == campaign_id)
    rows = session.execute(query.order_by(MessageFile.id.desc()).limit(most))
    return [FileRow(*row) for row in rows]


def one(session: Session, campaign_id: int, file_id: int) -> FileRow | None:
    """One recording of a campaign."""
    where = (MessageFile.campaign_id == campaign_id, MessageFile.id == file_id)
    row = session.execute(select(*_COLUMNS).where(*where)).first()
    return None if row is None else FileRow(*row)


def sound(session: Session, file_id: int) -> bytes:
    """The file as it came."""
    return session.scalars(select(MessageFile.octets).where(MessageFile.id == file_id)).one()


def by_hash(session: Session, sha256: str) -> bytes | None:
    """The file with this hash, whichever campaign it was brought for."""
    query = select(MessageFile.octets).where(MessageFile.sha256 == sha256)
    return session.scalar(query.limit(1))


def add(
    session: Session,
    campaign_id: int,
    *,
    kind: str,
    sha256: str,
    octets: bytes,
    text: str,
    name: str,
    number: str,
    duration_ms: int,
    lead_ms: int,
    by: str,
    at: datetime,
) -> int:
    """The next version of what a campaign has of this kind; its id."""
    mine = (MessageFile.campaign_id == campaign_id, MessageFile.kind == kind)
    newest = session.scalar(select(func.max(MessageFile.version)).where(*mine)) or 0
    row = insert(MessageFile).values(
        campaign_id=campaign_id,
        kind=kind,
        version=newest + 1,
        sha256=sha256,
        octets=octets,
        text=text,
        name=name,
        number=number,
        duration_ms=duration_ms,
        lead_ms=lead_ms,
        by=by,
        at=at,
    )
    return int(session.execute(row).inserted_primary_key[0])  # type: ignore[attr-defined]
