"""What the campaigns' pacers have learnt, over a restart: texts, which only pacers understand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from agent_desk.dialer.ids import CampaignId
from agent_desk.models.predictive import PacerMemory


def load(session: Session) -> dict[CampaignId, str]:
    """The newest memory of each campaign that has one."""
    query = select(PacerMemory.campaign_id, PacerMemory.memory)
    return {CampaignId(campaign_id): memory for campaign_id, memory in session.execute(query)}


def save(session: Session, memories: Mapping[CampaignId, str], *, at: datetime) -> None:
    """Keep these instead of the older ones of the same campaigns."""
    if not memories:
        return
    session.execute(delete(PacerMemory).where(PacerMemory.campaign_id.in_(memories)))
    rows = [
        {"campaign_id": campaign_id, "memory": memory, "saved_at": at}
        for campaign_id, memory in memories.items()
    ]
    session.execute(insert(PacerMemory), rows)
