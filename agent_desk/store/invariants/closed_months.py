"""Closed months are what they were closed as: each version by its hash and by the audit trail.

The hash is kept beside the figures and in the trail, which is chained under a key of its own: who
can write the database can change the one, but not the other unnoticed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.audit import AuditRow
from agent_desk.store.invariants.violation import Violation
from agent_desk.store.reports import closed_months
from agent_desk.store.reports.closed_months import CLOSED, RESTATED, RETURNED

NAME = "months"
_ACTIONS = [f"month.{kind}" for kind in (CLOSED, RESTATED, RETURNED)]
_SUBJECT = "month:"


def closed_figures_hold(session: Session, newest: datetime) -> list[Violation]:
    """Every version that was ever made is there, and says what it said."""
    found = []
    noted = _noted(session)
    for version in closed_months.every(session):
        key = (version.month, version.version)
        ids = (f"{version.month} v{version.version}",)
        told = closed_months.digest(version, closed_months.parts(session, version.id))
        if told != version.digest or noted.get(key) != version.digest:
            found.append(
                Violation(NAME, "a closed month is not what it was when it was closed", ids)
            )
        noted.pop(key, None)
    found += [
        Violation(NAME, "a version of a closed month is gone", (f"{month} v{version}",))
        for month, version in sorted(noted)
    ]
    return found


def _noted(session: Session) -> dict[tuple[str, int], str]:
    query = select(AuditRow.subject, AuditRow.details).where(AuditRow.action.in_(_ACTIONS))
    return {
        (subject.removeprefix(_SUBJECT), told["version"]): told["digest"]
        for subject, told in session.execute(query)
    }
