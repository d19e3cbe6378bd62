"""Calls that came in: their rows, and what is known of the number that calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, insert, select
from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import Campaign, CampaignList
from agent_desk.models.customers import Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.users import User
from agent_desk.store.rows import list_progress
from agent_desk.store.rows.context import RowContext
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class CallerRow:
    """Who has the number: the customer we had most lately to do with, and where.

    `shared`: others have the number too. Without a list entry the customer is on no enabled list.
    """

    customer_id: int
    phone_id: int
    list_entry_id: int | None
    campaign_id: int | None
    shared: bool


def came_in(context: RowContext, event: events.CallCameIn) -> None:
    """The attempt and its call; the number is kept where no customer's row keeps it."""
    sealed = None
    if event.customer_id is None and event.number:
        sealed = context.sealer.seal(event.number)
    context.session.execute(
        insert(Attempt).values(
            id=event.call_id,
            inbound=True,
            campaign_id=event.campaign_id,
            list_entry_id=event.list_entry_id,
            customer_id=event.customer_id,
            phone_id=event.phone_id,
            number_key=event.number_key or None,
            number_sealed=sealed,
            number_today=0,
            cap_today=0,
            trunk_id=event.trunk_id,
            gateway_id=event.gateway_id,
            desk_epoch=event.desk_epoch,
            leased_at=event.at,
            not_after=event.at,
            counts=False,
        )
    )
    context.session.execute(
        insert(Call).values(
            id=event.call_id,
            campaign_id=event.campaign_id,
            customer_id=event.customer_id,
            state="ringing",
            since=event.at,
            leased_at=event.at,
            rang_at=event.at,
            offered_at=event.at,
            record=select(Campaign.recording)
            .where(Campaign.id == event.campaign_id)
            .scalar_subquery(),
        )
    )


def finished(context: RowContext, event: events.CallFinished) -> None:
    """What becomes of the caller's list entry."""
    if event.list_entry_id is not None:
        talked = select(Call.bridged_at).where(Call.id == event.call_id)
        bridged = context.session.scalar(talked) is not None
        list_progress.after_inbound(context, event, bridged=bridged)


def caller(session: Session, number_key: str, *, campaign_id: int | None) -> CallerRow | None:
    """Whom the number belongs to; None for nobody we know.

    Of several, the one tried last (by `campaign_id` if it tried any of them: its number was
    called), else the one on an enabled list, else the newest.
    """
    phones = dict(
        session.execute(
            select(Phone.customer_id, Phone.id)
            .where(Phone.number_key == number_key)
            .order_by(Phone.id)
        ).all()
    )
    if not phones:
        return None
    tried = (
        select(Attempt.customer_id, Attempt.list_entry_id, Attempt.campaign_id)
        .where(Attempt.customer_id.in_(phones), Attempt.list_entry_id.is_not(None))
        .order_by(Attempt.leased_at.desc(), Attempt.id)
        .limit(1)
    )
    queries: list[Select[*tuple[Any, ...]]] = [tried, _listed(phones)]
    if campaign_id is not None:
        queries.insert(0, tried.where(Attempt.campaign_id == campaign_id))
    found = next((row for query in queries if (row := session.execute(query).first())), None)
    customer_id, list_entry_id, campaign = found or (max(phones), None, None)
    return CallerRow(customer_id, phones[customer_id], list_entry_id, campaign, len(phones) > 1)


def _listed(customer_ids: dict[int, int]) -> Select[*tuple[Any, ...]]:
    return (
        select(ListEntry.customer_id, ListEntry.id, CampaignList.campaign_id)
        .join(CampaignList, and_(CampaignList.list_id == ListEntry.list_id, CampaignList.enabled))
        .where(ListEntry.customer_id.in_(customer_ids))
        .order_by(ListEntry.id.desc())
        .limit(1)
    )


def operator_of(session: Session, customer_id: int) -> str | None:
    """The username of who talked with the customer last."""
    query = (
        select(User.username)
        .join(Call, Call.seat_user_id == User.id)
        .where(Call.customer_id == customer_id, Call.bridged_at.is_not(None))
        .order_by(Call.bridged_at.desc())
        .limit(1)
    )
    return session.scalar(query)


def number_of(session: Session, sealer: Sealer, call_id: str) -> str:
    """The number a caller nobody knows called from; "" when it was withheld."""
    sealed = session.scalar(select(Attempt.number_sealed).where(Attempt.id == call_id))
    return sealer.open_optional(sealed) or ""


def is_shared(session: Session, phone_id: int) -> bool:
    """Whether another customer has the same number."""
    key = select(Phone.number_key).where(Phone.id == phone_id).scalar_subquery()
    query = select(func.count(Phone.customer_id.distinct())).where(Phone.number_key == key)
    return (session.scalar(query) or 0) > 1
