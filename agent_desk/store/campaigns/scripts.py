"""Versions of campaigns' scripts, and the statements ticked on calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign
from agent_desk.models.scripts import ScriptTick, ScriptVersion


@dataclass(frozen=True)
class VersionRow:
    """One version; `lint` are the findings it was saved with."""

    version: int
    text: str
    lint: Sequence[Mapping[str, Any]]
    allowed: str
    by: str
    at: datetime


def add(
    session: Session,
    campaign_id: int,
    *,
    text: str,
    lint: Sequence[Mapping[str, Any]],
    allowed: str,
    by: str,
    at: datetime,
) -> int:
    """The next version, in use from now on; its number."""
    version = newest(session, campaign_id) + 1
    session.execute(
        insert(ScriptVersion).values(
            campaign_id=campaign_id,
            version=version,
            text=text,
            lint=list(lint),
            allowed=allowed,
            by=by,
            at=at,
        )
    )
    session.execute(update(Campaign).where(Campaign.id == campaign_id).values(script=text))
    return version


def newest(session: Session, campaign_id: int) -> int:
    """The version in use; 0 for a text that was there before versions were kept."""
    query = select(func.max(ScriptVersion.version)).where(ScriptVersion.campaign_id == campaign_id)
    return session.scalar(query) or 0


def versions(session: Session, campaign_id: int) -> list[VersionRow]:
    """All versions, newest first."""
    query = (
        select(ScriptVersion)
        .where(ScriptVersion.campaign_id == campaign_id)
        .order_by(ScriptVersion.version.desc())
    )
    return [
        VersionRow(row.version, row.text, row.lint, row.allowed, row.by, row.at)
        for row in session.scalars(query)
    ]


def tick(
    session: Session,
    call_id: str,
    *,
    user_id: int,
    version: int,
    statement: str,
    ticked: bool,
    at: datetime,
) -> None:
    """Append what an operator says of a statement."""
    session.execute(
        insert(ScriptTick).values(
            call_id=call_id,
            user_id=user_id,
            version=version,
            statement=statement,
            ticked=ticked,
            at=at,
        )
    )


def ticks(session: Session, call_id: str) -> dict[str, bool]:
    """What was said last of each statement on this call."""
    query = (
        select(ScriptTick.statement, ScriptTick.ticked)
        .where(ScriptTick.call_id == call_id)
        .order_by(ScriptTick.id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def current(session: Session, campaign_id: int) -> tuple[int, str]:
    """The version in use and its text."""
    text = session.scalar(select(Campaign.script).where(Campaign.id == campaign_id))
    return newest(session, campaign_id), text or ""
