"""Corrections of time: rows beside what was measured, and what somebody else said to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.working_time import CorrectionDecision, TimeCorrection


@dataclass(frozen=True)
class CorrectionRow:
    """Minutes added to a day's `paid` time or `work`; `approved` None: nobody has said yet."""

    id: int
    user_id: int
    day: date
    kind: str
    minutes: int
    reason: str
    by: str
    approved: bool | None
    decided_by: str | None


def add(
    session: Session,
    *,
    user_id: int,
    day: date,
    kind: str,
    minutes: int,
    reason: str,
    by: str,
    at: datetime,
) -> int:
    """Ask for a correction; its id."""
    values = {"user_id": user_id, "day": day, "kind": kind, "minutes": minutes}
    row = insert(TimeCorrection).values(**values, reason=reason, by=by, at=at)
    return int(session.execute(row.returning(TimeCorrection.id)).scalar_one())


def decide(session: Session, correction_id: int, *, approved: bool, by: str, at: datetime) -> None:
    """Say yes or no, once."""
    values = {"correction_id": correction_id, "approved": approved, "by": by, "at": at}
    session.execute(insert(CorrectionDecision).values(**values))


def newest(session: Session, user_ids: Collection[int], *, limit: int) -> list[CorrectionRow]:
    """The newest ones of these people, undecided first."""
    query = _query().where(TimeCorrection.user_id.in_(list(user_ids)))
    query = query.order_by(CorrectionDecision.at.is_not(None), TimeCorrection.id.desc())
    return [CorrectionRow(*row) for row in session.execute(query.limit(limit))]


def of_day(session: Session, user_ids: Collection[int], day: date) -> list[CorrectionRow]:
    """Those of one day of these people, oldest first, whatever was said to them."""
    query = _query().where(TimeCorrection.user_id.in_(list(user_ids)), TimeCorrection.day == day)
    return [CorrectionRow(*row) for row in session.execute(query.order_by(TimeCorrection.id))]


def one(session: Session, correction_id: int) -> CorrectionRow | None:
    """One of them."""
    row = session.execute(_query().where(TimeCorrection.id == correction_id)).first()
    return None if row is None else CorrectionRow(*row)


def approved_minutes(
    session: Session, user_ids: Collection[int], first: date, last: date
) -> dict[tuple[int, str], int]:
    """Approved minutes by person and kind over days, both included."""
    query = (
        select(TimeCorrection.user_id, TimeCorrection.kind, func.sum(TimeCorrection.minutes))
        .join(CorrectionDecision, CorrectionDecision.correction_id == TimeCorrection.id)
        .where(
            CorrectionDecision.approved,
            TimeCorrection.user_id.in_(list(user_ids)),
            TimeCorrection.day >= first,
            TimeCorrection.day <= last,
        )
        .group_by(TimeCorrection.user_id, TimeCorrection.kind)
    )
    return {(row[0], row[1]): int(row[2]) for row in session.execute(query)}


def _query() -> Select[int, int, date, str, int, str, str, bool, str]:
    return select(
        TimeCorrection.id,
        TimeCorrection.user_id,
        TimeCorrection.day,
        TimeCorrection.kind,
        TimeCorrection.minutes,
        TimeCorrection.reason,
        TimeCorrection.by,
        CorrectionDecision.approved,
        CorrectionDecision.by,
    ).outerjoin(CorrectionDecision, CorrectionDecision.correction_id == TimeCorrection.id)
