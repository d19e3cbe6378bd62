"""Campaigns for trial calls: which one tries another out, and making it like that one anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, CampaignList, Status
from agent_desk.models.customers import Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.rules import CampaignRule
from agent_desk.store.campaigns import copies, training, versions

PREFIX = "試験："


def name_of(name: str) -> str:
    """What the campaign for trial calls of this one is called."""
    return f"{PREFIX}{name}"


def trial_of(session: Session, campaign_id: int) -> int | None:
    """The campaign that tries this one out; None while there is none."""
    name = session.scalar(select(Campaign.name).where(Campaign.id == campaign_id))
    query = select(Campaign.id).where(Campaign.training, Campaign.name == name_of(name or ""))
    return session.scalar(query)


def rename(session: Session, before: str, after: str) -> None:
    """Those made of a campaign for practice and trials are found by its name."""
    for name_in in (name_of, training.name_of):
        made = (Campaign.training, Campaign.name == name_in(before))
        session.execute(update(Campaign).where(*made).values(name=name_in(after)))


def make_like(
    session: Session, campaign_id: int, wanted: Mapping[str, Any], *, by: str, at: datetime
) -> int:
    """The campaign for trial calls with these settings, and the buttons and words as they are."""
    trial = trial_of(session, campaign_id)
    if trial is None:
        name = session.scalars(select(Campaign.name).where(Campaign.id == campaign_id)).one()
        trial = training.copy(session, campaign_id, name=name_of(name), by=by, at=at)
    else:
        session.execute(delete(Status).where(Status.campaign_id == trial))
        copies.copy_words(session, campaign_id, trial)
    columns = {name: wanted[name] for name in versions.COLUMNS if name != "name"}
    session.execute(
        update(Campaign)
        .where(Campaign.id == trial)
        .values(**{**columns, "mode": "preview", "ratio": 1.0, "unpublished": False})
    )
    _copy_rules(session, campaign_id, trial, wanted)
    return trial


def _copy_rules(session: Session, campaign_id: int, trial: int, wanted: Mapping[str, Any]) -> None:
    session.execute(delete(CampaignRule).where(CampaignRule.campaign_id == trial))
    rules = select(CampaignRule.__table__).where(CampaignRule.campaign_id == campaign_id)
    row = session.execute(rules).one_or_none()
    if row is not None:
        values = {**row._mapping, "campaign_id": trial}
        values["closed_on_holidays"] = wanted["closed_on_holidays"]
        session.execute(insert(CampaignRule).values(**values))


def customer_of(session: Session, trial: int, number_key: str) -> int | None:
    """Who was called at this number on a trial before."""
    query = (
        select(ListEntry.customer_id)
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .join(Phone, Phone.customer_id == ListEntry.customer_id)
        .where(CampaignList.campaign_id == trial, Phone.number_key == number_key)
        .limit(1)
    )
    return session.scalar(query)
