"""The invariant of recordings: I12."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Call, Recording
from agent_desk.store.invariants.violation import Violation

# A file is closed, synchronised and told within seconds; a gateway started again tells at once.
TOLD_WITHIN = timedelta(seconds=60)


def every_call_that_must_be_recorded_is(session: Session, newest: datetime) -> list[Violation]:
    """I12: a bridged call that was to be recorded has a file with a hash, or a reason why not."""
    query = (
        select(Call.id, Recording.state, Recording.reason)
        .outerjoin(Recording, Recording.call_id == Call.id)
        .where(
            Call.record,
            Call.bridged_at.is_not(None),
            Call.ended_at < newest - TOLD_WITHIN,
            or_(
                Recording.call_id.is_(None),
                Recording.state == "damaged",
                (Recording.state == "failed") & Recording.reason.is_(None),
                (Recording.state != "failed") & Recording.sha256.is_(None),
            ),
        )
    )
    return [
        Violation("I12", _told(state, reason), (call_id,))
        for call_id, state, reason in session.execute(query)
    ]


def _told(state: str | None, reason: str | None) -> str:
    if state is None:
        return "bridged, to be recorded, and no recording was ever told of"
    return f"recording {state}: {reason or 'nobody said why, or it has no hash'}"
