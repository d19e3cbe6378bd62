"""Every campaign of a restored database stopped: nobody knows whom it called since."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign


def stop_all(session: Session, *, by: str, at: datetime) -> int:
    """Stop those that are not; how many."""
    statement = update(Campaign).where(Campaign.running != "stopped")
    done = session.execute(statement.values(running="stopped", running_by=by, running_at=at))
    return int(done.rowcount)  # type: ignore[attr-defined]
