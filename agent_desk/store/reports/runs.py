"""The log of reports that were made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agent_desk.models.report_runs import ReportRun


@dataclass(frozen=True)
class Run:
    """One report somebody asked for."""

    id: str
    username: str
    kind: str
    params: Mapping[str, Any]
    first_on: date | None
    last_on: date | None
    form: str
    lane: str
    state: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    as_of: datetime | None
    rows: int
    error_id: str | None


def keep(session: Session, runs: Iterable[Run]) -> None:
    """Write them, or what has become of them since."""
    for run in runs:
        session.merge(ReportRun(**{**asdict(run), "params": dict(run.params)}))


def newest(session: Session, *, before: datetime | None, limit: int) -> Sequence[Run]:
    """The runs asked for before an instant, the newest first."""
    query = select(ReportRun).order_by(ReportRun.asked_at.desc(), ReportRun.id).limit(limit)
    if before is not None:
        query = query.where(ReportRun.asked_at < before)
    return [_run(row) for row in session.scalars(query)]


def named(session: Session, run_id: str, *, username: str) -> Run | None:
    """A run of this person."""
    row = session.get(ReportRun, run_id)
    return None if row is None or row.username != username else _run(row)


def forget(session: Session, before: datetime) -> None:
    """Delete what was asked for before this instant."""
    session.execute(delete(ReportRun).where(ReportRun.asked_at < before))


def _run(row: ReportRun) -> Run:
    return Run(**{name: getattr(row, name) for name in Run.__dataclass_fields__})
