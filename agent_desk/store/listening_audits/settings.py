"""Versions of what an audit of recordings asks: how many, and by which score sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from agent_desk.models.listening_audits import ListeningSetting


@dataclass(frozen=True)
class SettingRow:
    """One version; `criteria` as they were stored."""

    version: int
    per_operator: int
    second_percent: int
    criteria: Sequence[Mapping[str, Any]]
    by: str
    at: datetime | None


def newest(session: Session) -> SettingRow | None:
    """What holds for the next week drawn; None while nothing was ever set."""
    query = select(ListeningSetting).order_by(ListeningSetting.version.desc()).limit(1)
    return _row(session.scalar(query))


def of_version(session: Session, version: int) -> SettingRow | None:
    """What a drawn week goes by."""
    return _row(session.get(ListeningSetting, version))


def add(session: Session, row: SettingRow, *, at: datetime) -> None:
    """The next version. Two that say the same number cannot both be written."""
    session.execute(
        insert(ListeningSetting).values(
            version=row.version,
            per_operator=row.per_operator,
            second_percent=row.second_percent,
            criteria=list(row.criteria),
            by=row.by,
            at=at,
        )
    )


def _row(row: ListeningSetting | None) -> SettingRow | None:
    if row is None:
        return None
    return SettingRow(
        version=row.version,
        per_operator=row.per_operator,
        second_percent=row.second_percent,
        criteria=row.criteria,
        by=row.by,
        at=row.at,
    )
