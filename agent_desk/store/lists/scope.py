"""Whose customers somebody is: those on a list that a campaign of the team calls."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import CampaignList, CampaignTeam
from agent_desk.models.lists import ListEntry


def customers_of(teams: Collection[int]) -> Select[int]:
    """Ids of the teams' customers, to be asked for within another query."""
    return (
        select(ListEntry.customer_id)
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .join(CampaignTeam, CampaignTeam.campaign_id == CampaignList.campaign_id)
        .where(CampaignTeam.team_id.in_(list(teams)))
    )


def is_theirs(session: Session, customer_id: int, teams: Collection[int]) -> bool:
    """Whether one of these teams has to do with the customer."""
    own = customers_of(teams).where(ListEntry.customer_id == customer_id)
    return bool(session.scalar(select(exists(own))))
