"""Whose figures somebody may see: those of their teams' campaigns, without practice."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import CampaignTeam
from agent_desk.models.users import User
from agent_desk.store.campaigns import training


def of_campaigns(
    column: Any, *, teams: Collection[int] | None, campaign_id: int | None = None
) -> list[ColumnElement[bool]]:
    """What a column with a campaign's id must be: of these teams (None: of any), of no practice,
    and of this campaign, where one is asked for."""
    found: list[ColumnElement[bool]] = [training.counts(column)]
    if campaign_id is not None:
        found.append(column == campaign_id)
    if teams is not None:
        theirs = select(CampaignTeam.campaign_id).where(CampaignTeam.team_id.in_(list(teams)))
        found.append(column.in_(theirs))
    return found


def people_of(session: Session, teams: Collection[int]) -> set[int]:
    """Who is in these teams now."""
    return set(session.scalars(select(User.id).where(User.team_id.in_(list(teams)))))


def person_named(session: Session, username: str) -> int:
    """Whose username it is; 0 for nobody's."""
    return session.scalar(select(User.id).where(User.username == username)) or 0
