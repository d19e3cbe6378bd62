"""After how long leads are told of a seat's state or of a call, as the centre set it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.floor_thresholds import FloorThreshold


def every(session: Session) -> dict[str, tuple[int, int]]:
    """Long and too long, in seconds, by what they are about; only what somebody set."""
    rows = session.execute(
        select(FloorThreshold.subject, FloorThreshold.long_s, FloorThreshold.too_long_s)
    )
    return {subject: (long_s, too_long_s) for subject, long_s, too_long_s in rows}


def put(
    session: Session, subject: str, long_s: int, too_long_s: int, *, by_user_id: int, at: datetime
) -> None:
    """Set one pair."""
    session.execute(delete(FloorThreshold).where(FloorThreshold.subject == subject))
    session.execute(
        insert(FloorThreshold).values(
            subject=subject,
            long_s=long_s,
            too_long_s=too_long_s,
            set_by_user_id=by_user_id,
            set_at=at,
        )
    )
