"""What one campaign takes over from another: its buttons and what is said on its calls."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, Status

WORDS = ("script", "third_party_script", "retry")


def copy_words(session: Session, source_id: int, campaign_id: int) -> None:
    """Statuses, scripts and ladders of another campaign, as they are now."""
    columns = [getattr(Campaign, name) for name in WORDS]
    words = session.execute(select(*columns).where(Campaign.id == source_id)).one()
    session.execute(
        update(Campaign).where(Campaign.id == campaign_id).values(**dict(words._mapping))
    )
    rows = select(Status.__table__).where(Status.campaign_id == source_id)
    for row in session.execute(rows).all():
        values = {**row._mapping, "campaign_id": campaign_id}
        session.execute(insert(Status).values(**values))
