"""Lists, products and tariffs a campaign can be given, and which versions are in use."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent_desk.models.campaign_versions import CampaignVersion
from agent_desk.models.campaigns import Campaign, CampaignList, Product
from agent_desk.models.lists import CustomerList
from agent_desk.models.tariffs import Tariff


def lists(session: Session, campaign_id: int | None) -> tuple[dict[int, str], dict[int, str]]:
    """Names by id: of the lists this campaign calls, and of those no campaign does."""
    query = (
        select(CustomerList.id, CustomerList.name, CampaignList.campaign_id)
        .outerjoin(CampaignList, (CampaignList.list_id == CustomerList.id) & CampaignList.enabled)
        .order_by(CustomerList.id.desc())
    )
    own: dict[int, str] = {}
    free: dict[int, str] = {}
    for list_id, name, caller in session.execute(query):
        if caller is None:
            free[list_id] = name
        elif caller == campaign_id:
            own[list_id] = name
    return own, free


def tariffs(session: Session) -> dict[int, str]:
    """Names of the tariffs in use, by id."""
    query = select(Tariff.id, Tariff.name).where(Tariff.retired.is_(False)).order_by(Tariff.name)
    return {row.id: row.name for row in session.execute(query)}


def products(session: Session) -> list[str]:
    """Names of products that are not for practice alone."""
    query = select(Product.name).join(Campaign, Campaign.product_id == Product.id)
    return sorted(set(session.scalars(query.where(Campaign.training.is_(False)))))


def versions_in_use(session: Session) -> dict[int, int]:
    """The newest version's number, by campaign."""
    query = select(CampaignVersion.campaign_id, func.max(CampaignVersion.version))
    return {row[0]: row[1] for row in session.execute(query.group_by(CampaignVersion.campaign_id))}
