"""How far a new product has been set up."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import Campaign, CampaignList
from agent_desk.models.users import Team, User


def done(session: Session) -> frozenset[str]:
    """What somebody has done of: `team`, `people`, `campaign`, `list`, `start` (the first call).

    Talks the demo came with were of no desk's making.
    """
    found = {
        "team": exists(select(Team.id)),
        "people": exists().where(User.role == "operator"),
        "campaign": exists().where(Campaign.unpublished.is_(False)),
        "list": exists(select(CampaignList.list_id)),
        "start": exists().where(Call.id == Attempt.id, Attempt.desk_epoch > 0),
    }
    row = session.execute(select(*found.values())).one()
    return frozenset(step for step, is_done in zip(found, row, strict=True) if is_done)
