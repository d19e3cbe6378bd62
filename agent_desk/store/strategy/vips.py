"""Who takes campaigns' VIP customers, who could, and how many of them wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, CampaignList, CampaignTeam
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.models.strategy import ReservedEntry, VipOperator
from agent_desk.models.users import Team, User
from agent_desk.store.leasing.candidates import READY


@dataclass(frozen=True)
class Offered:
    """An operator who works on a campaign; `named`: takes its VIPs."""

    campaign_id: int
    user_id: int
    username: str
    name: str
    team: str
    named: bool


def offered(
    session: Session, campaign_ids: Collection[int], *, teams: Collection[int] | None
) -> list[Offered]:
    """The operators of these campaigns' teams, of `teams` only (None: all), by team and name."""
    query = (
        select(
            CampaignTeam.campaign_id,
            User.id,
            User.username,
            User.name,
            Team.name,
            VipOperator.user_id.is_not(None),
        )
        .join(User, User.team_id == CampaignTeam.team_id)
        .join(Team, Team.id == User.team_id)
        .outerjoin(
            VipOperator,
            (VipOperator.user_id == User.id)
            & (VipOperator.campaign_id == CampaignTeam.campaign_id),
        )
        .where(
            CampaignTeam.campaign_id.in_(list(campaign_ids)),
            User.role == "operator",
            User.enabled,
        )
        .order_by(CampaignTeam.campaign_id, Team.name, User.username)
    )
    if teams is not None:
        query = query.where(User.team_id.in_(list(teams)))
    return [Offered(*row) for row in session.execute(query)]


def choose(
    session: Session, campaign_id: int, user_ids: Collection[int], *, among: Collection[int]
) -> None:
    """Of `among` these take the campaign's VIPs; others keep what they have."""
    session.execute(
        delete(VipOperator).where(
            VipOperator.campaign_id == campaign_id, VipOperator.user_id.in_(list(among))
        )
    )
    rows = [{"campaign_id": campaign_id, "user_id": user_id} for user_id in sorted(user_ids)]
    if rows:
        session.execute(insert(VipOperator), rows)


def named(session: Session) -> dict[int, frozenset[int]]:
    """User ids of those who take VIPs, by campaign."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in session.execute(select(VipOperator.campaign_id, VipOperator.user_id)):
        found[row[0]].add(row[1])
    return {campaign_id: frozenset(users) for campaign_id, users in found.items()}


def waiting(session: Session, now: datetime) -> dict[int, int]:
    """How many VIPs that dialing has met are due now, by running campaign."""
    query = (
        select(CampaignList.campaign_id, func.count())
        .join(ReservedEntry, ReservedEntry.list_id == CampaignList.list_id)
        .join(ListEntry, ListEntry.id == ReservedEntry.list_entry_id)
        .join(CustomerList, CustomerList.id == CampaignList.list_id)
        .join(Campaign, Campaign.id == CampaignList.campaign_id)
        .where(
            CampaignList.enabled,
            CustomerList.paused.is_(False),
            Campaign.running == "running",
            ReservedEntry.user_id.is_(None),
            ReservedEntry.due_at <= now,
            ListEntry.state == READY,
        )
        .group_by(CampaignList.campaign_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
