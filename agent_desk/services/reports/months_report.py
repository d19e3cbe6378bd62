"""Every version of every closed month: who made it, by what, and how much came after it."""

from __future__ import annotations

from agent_desk.catalogue import translate
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import month_figures
from agent_desk.services.reports.making import (
    INSTANT,
    TEXT,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.store.reports import closed_months, late_changes
from agent_desk.store.reports.closed_months import MonthVersion
from agent_desk.store.reports.late_changes import Whose
from agent_desk.store.unit_of_work import Session

LATE = ("results", "marks", "promises", "paid_time", "definitions", "payments")
_COLUMNS = [
    Column("closed_month", TEXT),
    Column("closed_version"),
    Column("closed_kind", TEXT),
    Column("closed_at", INSTANT),
    Column("closed_by", TEXT),
    Column("closed_reason", TEXT),
    Column("closed_as_of", INSTANT),
    Column("closed_formulas"),
    Column("closed_digest", TEXT),
    *(Column(f"late_{kind}") for kind in LATE),
]


def make(asked: Asked, ground: Ground) -> Made:
    """All of them, the newest first; what came after is counted of the version that holds."""
    if asked.user_id is not None or asked.teams is not None:
        raise ServiceError("not-in-scope")  # it is about the whole house
    with ground.database.read() as session:
        versions = closed_months.every(session)
        holding = {each.month: each.version for each in reversed(versions)}
        rows = []
        for place, each in enumerate(versions, start=1):
            holds = holding[each.month] == each.version
            rows.append([*_told(each, asked.locale), *_late(session, each, holds=holds)])
            ground.tell(place / len(versions), "closing.progress", n=place, of=len(versions))
    return Made([Table(_COLUMNS, rows, "reports.months", empty="closing.none")], asked.now)


def _told(each: MonthVersion, locale: str) -> list[Cell]:
    return [
        each.month,
        each.version,
        translate(f"closing.kind.{each.kind}", locale=locale),
        each.made_at,
        each.made_by,
        each.reason,
        each.as_of,
        each.definitions["formulas"],
        each.digest[:12],
    ]


def _late(session: Session, each: MonthVersion, *, holds: bool) -> list[Cell]:
    if not holds:
        return [None] * len(LATE)
    first, last = month_figures.days_of(each.month)
    found = late_changes.since(session, each, first, last, Whose())
    return [found[kind] for kind in LATE]
