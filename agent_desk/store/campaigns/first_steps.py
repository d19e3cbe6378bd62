"""How far a new product has been set up."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign, CampaignList
from agent_desk.models.users import Team, User


def done(session: Session) -> frozenset[str]:
    """What somebody has done of: `team`, `people`, `campaign`, `list`, `start` (the first call)."""
    found = {
        "team": exists(select(Team.id)),
        "people": exists().where(User.role == "operator"),
        "campaign": exists().where(Campaign.unpublished.is_(False)),
        "list": exists(select(CampaignList.list_id)),
        "start": exists(select(Call.id)),
    }
    row = session.execute(select(*found.values())).one()
    return frozenset(step for step, is_done in zip(found, row, strict=True) if is_done)
