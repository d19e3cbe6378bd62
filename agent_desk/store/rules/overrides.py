"""Rules lifted for somebody, and the consents some of that rests on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import Campaign, CampaignTeam
from agent_desk.models.customers import Phone
from agent_desk.models.rules import Consent, Override
from agent_desk.store import straight
from agent_desk.store.lists.scope import customers_of

ONE_CALL = "R34"  # an override of it is for a single call by hand


@dataclass(frozen=True)
class OverrideLine:
    """One override nobody has taken back. A number or area is named by its key only."""

    id: int
    rule_id: str
    customer_id: int | None
    number_key: str | None
    campaign_id: int | None
    area_key: str | None
    role: str
    actor: str
    reason: str
    manual_only: bool
    made_at: datetime
    until: datetime


def add(session: Session, **columns: Any) -> int:
    """A new override's id; exactly one subject is named."""
    row = session.execute(insert(Override).values(**columns))
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def standing(session: Session, override_id: int, now: datetime) -> OverrideLine | None:
    """One in force; None for any other id."""
    found = session.execute(
        _CURRENT.where(Override.id == override_id, Override.until > now)
    ).first()
    return None if found is None else OverrideLine(*found)


def current(
    session: Session, now: datetime, *, limit: int, teams: Collection[int] | None
) -> list[OverrideLine]:
    """Those in force, newest first; `teams` (None: all) see what concerns their customers, their
    campaigns and areas, which are everybody's."""
    query = _CURRENT.where(Override.until > now).order_by(Override.id.desc())
    if teams is not None:
        query = query.where(of_teams(teams))
    return [OverrideLine(*row) for row in session.execute(query.limit(limit))]


def of_teams(teams: Collection[int]) -> ColumnElement[bool]:
    """That an override concerns their customers or campaigns, or an area, which is everybody's."""
    own = customers_of(teams)
    numbers = select(Phone.number_key).where(Phone.customer_id.in_(own))
    campaigns = select(CampaignTeam.campaign_id).where(CampaignTeam.team_id.in_(list(teams)))
    return or_(
        Override.customer_id.in_(own),
        Override.number_key.in_(numbers),
        Override.campaign_id.in_(campaigns),
        Override.area_key.is_not(None),
    )


def lift(session: Session, override_id: int, *, at: datetime) -> None:
    """Take one back; the row stays as evidence."""
    session.execute(update(Override).where(Override.id == override_id).values(lifted_at=at))


def use_up(session: Session, call_id: str, *, at: datetime) -> list[int]:
    """Ids of the overrides this call to a place of work was the one call of (R34); now ended.

    Used up by a call that counts, when it has ended: one that never rang may be made again.
    """
    called = straight.first(session, _AT_WORK, {"call_id": call_id})
    if called is None:
        return []
    customer_id, number_key, leased_at = called
    found = session.scalars(
        select(Override.id).where(
            Override.rule_id == ONE_CALL,
            or_(Override.customer_id == customer_id, Override.number_key == number_key),
            Override.lifted_at.is_(None),
            Override.made_at <= leased_at,
        )
    ).all()
    session.execute(update(Override).where(Override.id.in_(found)).values(lifted_at=at))
    return list(found)


def add_consent(session: Session, **columns: Any) -> int:
    """A new consent's id."""
    row = session.execute(insert(Consent).values(**columns))
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def consent(session: Session, customer_id: int, kind: str) -> int | None:
    """The newest consent of this kind the person has not withdrawn."""
    query = select(Consent.id).where(
        Consent.customer_id == customer_id, Consent.kind == kind, Consent.withdrawn_at.is_(None)
    )
    return session.scalar(query.order_by(Consent.id.desc()).limit(1))


def withdraw_consents(session: Session, customer_id: int, kind: str, *, at: datetime) -> int:
    """End the person's consents of this kind, and the overrides that rest on them; how many."""
    mine = select(Consent.id).where(
        Consent.customer_id == customer_id, Consent.kind == kind, Consent.withdrawn_at.is_(None)
    )
    ids = list(session.scalars(mine))
    session.execute(
        update(Override)
        .where(Override.consent_id.in_(ids), Override.lifted_at.is_(None))
        .values(lifted_at=at)
    )
    session.execute(update(Consent).where(Consent.id.in_(ids)).values(withdrawn_at=at))
    return len(ids)


_CURRENT: Select[*tuple[Any, ...]] = select(
    Override.id,
    Override.rule_id,
    Override.customer_id,
    Override.number_key,
    Override.campaign_id,
    Override.area_key,
    Override.role,
    Override.actor,
    Override.reason,
    Override.manual_only,
    Override.made_at,
    Override.until,
).where(Override.lifted_at.is_(None))


# Built once: every attempt that ends asks.
_AT_WORK = (
    select(Attempt.customer_id, Attempt.number_key, Attempt.leased_at)
    .join(Phone, Phone.id == Attempt.phone_id)
    .join(Campaign, Campaign.id == Attempt.campaign_id)
    .where(
        Attempt.id == bindparam("call_id"),
        Attempt.seat_id.is_not(None),
        Attempt.counts,
        Phone.kind == "work",
        Campaign.kind == "collections",
    )
)
