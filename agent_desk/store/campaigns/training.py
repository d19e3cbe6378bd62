"""Campaigns for practice: which they are, and how one is made of another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, CampaignTeam, Status

# The copy has its own of these, or none.
_OWN = frozenset(
    {"id", "name", "running", "running_by", "running_at", "created_at", "training", "unpublished"}
)

IDS = select(Campaign.id).where(Campaign.training)


def counts(campaign_id: Any) -> ColumnElement[bool]:
    """Whether what belongs to the campaign in this column enters figures."""
    real: ColumnElement[bool] = campaign_id.is_(None) | campaign_id.not_in(IDS)
    return real


def ids(session: Session) -> frozenset[int]:
    """The campaigns of practice."""
    return frozenset(session.scalars(IDS))


def copy_of(session: Session, campaign_id: int) -> int | None:
    """The practice campaign made of this one, by its name; None while there is none."""
    name = session.scalar(select(Campaign.name).where(Campaign.id == campaign_id))
    query = select(Campaign.id).where(Campaign.training, Campaign.name == name_of(name or ""))
    return session.scalar(query)


def name_of(name: str) -> str:
    """What the practice campaign of this one is called."""
    return f"練習：{name}"


def copy(session: Session, campaign_id: int, *, name: str, by: str, at: datetime) -> int:
    """The same rules, buttons, script and teams under this name, for practice: running at once."""
    row = session.execute(select(Campaign.__table__).where(Campaign.id == campaign_id)).one()
    values = {key: value for key, value in row._mapping.items() if key not in _OWN}
    made = session.execute(
        insert(Campaign).values(
            **values,
            name=name,
            running="running",
            running_by=by,
            running_at=at,
            created_at=at,
            training=True,
        )
    )
    copied = int(made.inserted_primary_key[0])  # type: ignore[attr-defined]
    for model in (Status, CampaignTeam):
        columns = model.__table__.columns
        rows = select(model.__table__).where(columns["campaign_id"] == campaign_id)
        for each in session.execute(rows).all():
            values = {**each._mapping, "campaign_id": copied}
            session.execute(insert(model).values(**values))
    return copied
