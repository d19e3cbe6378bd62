"""Closed months: versions of a month's figures, each written once and never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from agent_desk.models.base import to_microseconds
from agent_desk.models.closed_months import ClosedFigures, ClosedMonth, MonthClosingSetting

CLOSED, RESTATED, RETURNED = "closed", "restated", "returned"
OF_ALL = 0  # the part whose figures are of all campaigns together


@dataclass(frozen=True)
class MonthVersion:
    """One version of a closed month, without its figures."""

    id: int
    month: str
    version: int
    kind: str
    made_by: str
    made_at: datetime
    reason: str
    as_of: datetime
    definitions: Mapping[str, Any]
    known: Mapping[str, int]
    digest: str


@dataclass(frozen=True)
class HoldingVersion:
    """The newest version of a closed month."""

    month: str
    version: int
    kind: str
    made_at: datetime


@dataclass(frozen=True)
class ClosingDay:
    """One version of the setting; day 0: months are closed by people only."""

    version: int
    day: int
    made_by: str
    made_at: datetime


def digest(version: MonthVersion, parts: Mapping[int, bytes]) -> str:
    """A hash of what a version says; its id and the hash itself are no part of it."""
    told = asdict(version)
    del told["id"], told["digest"]
    told |= {key: to_microseconds(told[key]) for key in ("made_at", "as_of")}
    told["parts"] = {
        str(campaign): hashlib.sha256(part).hexdigest() for campaign, part in parts.items()
    }
    text = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def every(session: Session) -> list[MonthVersion]:
    """All versions, the newest month and version first."""
    query = select(ClosedMonth).order_by(ClosedMonth.month.desc(), ClosedMonth.version.desc())
    return [_row(row) for row in session.scalars(query)]


def of_month(session: Session, month: str) -> list[MonthVersion]:
    """The versions of one month, the newest first; none while it is open."""
    query = select(ClosedMonth).where(ClosedMonth.month == month)
    return [_row(row) for row in session.scalars(query.order_by(ClosedMonth.version.desc()))]


def holding(session: Session, first: str, last: str) -> list[HoldingVersion]:
    """Of each closed month from one to another the version that holds."""
    columns = (ClosedMonth.month, ClosedMonth.version, ClosedMonth.kind, ClosedMonth.made_at)
    query = select(*columns).where(ClosedMonth.month >= first, ClosedMonth.month <= last)
    rows = session.execute(query.order_by(ClosedMonth.month, ClosedMonth.version))
    return [*{row.month: HoldingVersion(*row) for row in rows}.values()]


def parts(session: Session, version_id: int) -> dict[int, bytes]:
    """The figures of a version, by campaign."""
    query = select(ClosedFigures.campaign_id, ClosedFigures.figures).where(
        ClosedFigures.closed_month_id == version_id
    )
    return {campaign: figures for campaign, figures in session.execute(query)}


def part(session: Session, version_id: int, campaign_id: int) -> bytes | None:
    """The figures of one campaign in a version; None where it had none."""
    row = session.get(ClosedFigures, (version_id, campaign_id))
    return None if row is None else row.figures


def add(session: Session, version: MonthVersion, figures: Mapping[int, bytes]) -> None:
    """Write a version with its figures."""
    told = {name: value for name, value in vars(version).items() if name != "id"}
    told |= {"definitions": dict(version.definitions), "known": dict(version.known)}
    query = insert(ClosedMonth).values(**told).returning(ClosedMonth.id)
    version_id = session.scalars(query).one()
    session.execute(
        insert(ClosedFigures),
        [
            {"closed_month_id": version_id, "campaign_id": campaign, "figures": each}
            for campaign, each in sorted(figures.items())
        ],
    )


def closing_day(session: Session) -> ClosingDay | None:
    """The newest setting; None while nobody has set any."""
    query = select(MonthClosingSetting).order_by(MonthClosingSetting.version.desc()).limit(1)
    row = session.scalar(query)
    return None if row is None else ClosingDay(row.version, row.day, row.made_by, row.made_at)


def set_closing_day(session: Session, setting: ClosingDay) -> None:
    """The next version of the setting."""
    session.execute(insert(MonthClosingSetting).values(**vars(setting)))


def _row(row: ClosedMonth) -> MonthVersion:
    return MonthVersion(
        id=row.id,
        month=row.month,
        version=row.version,
        kind=row.kind,
        made_by=row.made_by,
        made_at=row.made_at,
        reason=row.reason,
        as_of=row.as_of,
        definitions=row.definitions,
        known=row.known,
        digest=row.digest,
    )
