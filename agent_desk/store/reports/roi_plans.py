"""Plans of investment and benefit, each version written once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.costs import RoiPlan, RoiPlanVersion


@dataclass(frozen=True)
class PlanRow:
    """One version of a plan. `periods`: before from and to, after from and to, or None."""

    id: int
    name: str
    version: int
    items: Sequence[Mapping[str, Any]]
    periods: tuple[date, date, date, date] | None
    retired: bool
    made_by: str
    made_at: datetime


def every(session: Session) -> list[PlanRow]:
    """Every version of each plan, by name, the newest first."""
    query = (
        select(RoiPlan.name, RoiPlanVersion)
        .join(RoiPlanVersion, RoiPlanVersion.plan_id == RoiPlan.id)
        .order_by(RoiPlan.name, RoiPlanVersion.version.desc())
    )
    return [_row(name, version) for name, version in session.execute(query)]


def id_of(session: Session, name: str) -> int | None:
    """The plan of this name."""
    return session.scalar(select(RoiPlan.id).where(RoiPlan.name == name))


def newest(session: Session, plan_id: int) -> int:
    """The number of its newest version; 0 when there is none."""
    mine = select(func.max(RoiPlanVersion.version)).where(RoiPlanVersion.plan_id == plan_id)
    return session.scalar(mine) or 0


def add(session: Session, name: str) -> int:
    """The id of a new plan without any version."""
    return session.scalars(insert(RoiPlan).values(name=name).returning(RoiPlan.id)).one()


def add_version(
    session: Session,
    plan_id: int,
    version: int,
    items: Sequence[Mapping[str, Any]],
    periods: tuple[date, date, date, date] | None,
    *,
    retired: bool,
    by: str,
    at: datetime,
) -> None:
    """Write the next version."""
    names = ("before_from", "before_to", "after_from", "after_to")
    days = dict(zip(names, periods or (None,) * 4, strict=True))
    session.execute(
        insert(RoiPlanVersion).values(
            plan_id=plan_id,
            version=version,
            items=[dict(item) for item in items],
            retired=retired,
            made_by=by,
            made_at=at,
            **days,
        )
    )


def _row(name: str, row: RoiPlanVersion) -> PlanRow:
    days = (row.before_from, row.before_to, row.after_from, row.after_to)
    first, last, later, latest = days
    periods = None
    if first and last and later and latest:
        periods = (first, last, later, latest)
    return PlanRow(
        id=row.plan_id,
        name=name,
        version=row.version,
        items=row.items,
        periods=periods,
        retired=row.retired,
        made_by=row.made_by,
        made_at=row.made_at,
    )
