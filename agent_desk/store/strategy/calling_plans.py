"""What a campaign has of its own: waits of ladders, operators named for VIPs, the AI's share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign
from agent_desk.models.strategy import VipOperator
from agent_desk.models.users import User


@dataclass(frozen=True)
class Plan:
    """One campaign's. `vip_operators` are usernames."""

    campaign_id: int
    retry: Mapping[str, Any]
    human_share_only: bool
    vip_operators: tuple[str, ...]


def plan(session: Session, campaign: str) -> Plan | None:
    """The plan of the campaign of this name."""
    query = select(Campaign.id, Campaign.retry, Campaign.human_share_only)
    found = session.execute(query.where(Campaign.name == campaign)).first()
    if found is None:
        return None
    named = (
        select(User.username)
        .join(VipOperator, VipOperator.user_id == User.id)
        .where(VipOperator.campaign_id == found.id)
        .order_by(User.username)
    )
    return Plan(found.id, found.retry, found.human_share_only, tuple(session.scalars(named)))


def set_retry(session: Session, campaign_id: int, retry: Mapping[str, object]) -> None:
    """Replace the waits."""
    mine = update(Campaign).where(Campaign.id == campaign_id)
    session.execute(mine.values(retry=dict(retry)))


def set_human_share_only(session: Session, campaign_id: int, on: bool) -> None:
    """Whether customers drawn for the AI are left to it."""
    mine = update(Campaign).where(Campaign.id == campaign_id)
    session.execute(mine.values(human_share_only=on))


def operators(session: Session, usernames: Collection[str]) -> dict[str, int]:
    """User ids of those of these names that are operators."""
    query = select(User.username, User.id).where(
        User.username.in_(list(usernames)), User.role == "operator"
    )
    return {username: user_id for username, user_id in session.execute(query)}


def name_vip_operators(session: Session, campaign_id: int, user_ids: Collection[int]) -> None:
    """Who is shown the campaign's VIP customers, from now on these."""
    session.execute(delete(VipOperator).where(VipOperator.campaign_id == campaign_id))
    if user_ids:
        session.execute(
            insert(VipOperator),
            [{"campaign_id": campaign_id, "user_id": user_id} for user_id in sorted(user_ids)],
        )
