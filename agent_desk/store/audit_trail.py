"""Reading the audit trail: newest first, by time, person, what was done and what about.

Time is asked of an index of its own and turned into ids, which grow with it but for what was
written in the same moment; everything else is sorted by id, so a page costs as much as it shows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from agent_desk.models.audit import AuditRow

# Rows of one moment may have been numbered in another order than their instants.
_SLACK = 1000


@dataclass(frozen=True)
class Wanted:
    """What to look for; None: all of it. Instants are [start, end)."""

    start: datetime | None = None
    end: datetime | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class TrailRow:
    """Who did what to what."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    sealed: bool


def page(session: Session, wanted: Wanted, *, before: int | None, limit: int) -> list[TrailRow]:
    """The newest rows with an id below `before`."""
    query = _filtered(session, wanted).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditRow.id < before)
    return [
        TrailRow(row.id, row.at, row.actor, row.action, row.subject, row.details, bool(row.hash))
        for row in session.execute(query)
    ]


def _filtered(session: Session, wanted: Wanted) -> Select[Any]:
    query = select(
        AuditRow.id,
        AuditRow.at,
        AuditRow.actor,
        AuditRow.action,
        AuditRow.subject,
        AuditRow.details,
        AuditRow.hash,
    )
    for column, value in (
        (AuditRow.actor, wanted.actor),
        (AuditRow.action, wanted.action),
        (AuditRow.subject, wanted.subject),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.start is not None:
        first = _id_at(session, wanted.start)
        query = query.where(AuditRow.at >= wanted.start)
        if first is not None:
            query = query.where(AuditRow.id >= first - _SLACK)
    if wanted.end is not None:
        last = _id_at(session, wanted.end)
        query = query.where(AuditRow.at < wanted.end)
        if last is not None:
            query = query.where(AuditRow.id <= last + _SLACK)
    return query


def _id_at(session: Session, at: datetime) -> int | None:
    """The id of the first row from an instant on; None when there is none."""
    query = select(AuditRow.id).where(AuditRow.at >= at).order_by(AuditRow.at, AuditRow.id)
    return session.scalar(query.limit(1))


def newest_id(session: Session, actions: Collection[str]) -> int:
    """Of the rows of these actions; 0 when there is none. A glance at an index for each."""
    newest = [select(func.max(AuditRow.id)).where(AuditRow.action == each) for each in actions]
    return max((row[0] or 0 for row in session.execute(union_all(*newest))), default=0)


def newest_of(session: Session, actions: Collection[str], *, each: int) -> list[TrailRow]:
    """The newest rows of each of these actions, newest first: what is done seldom is among them."""
    found = [
        row
        for action in actions
        for row in page(session, Wanted(action=action), before=None, limit=each)
    ]
    return sorted(found, key=lambda row: row.id, reverse=True)
