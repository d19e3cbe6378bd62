"""Orders (申込) and their cooling-off: entered for a call, looked through, and ended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer.cooling_off import Standing
from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign, CampaignTeam, Product
from agent_desk.models.customers import Customer
from agent_desk.models.orders import Order


@dataclass(frozen=True)
class OrderRow:
    """One order; `cooling_off_until` None: the documents have not been received."""

    id: int
    call_id: str
    customer_id: int
    external_id: str | None
    name_sealed: bytes
    campaign: str
    product: str
    ordered_on: date
    cooling_off_days: int
    documents_on: date | None
    document_id: str | None
    cooling_off_until: date | None
    cancelled_on: date | None


@dataclass(frozen=True)
class Ordered:
    """What a campaign and one of its calls say of an order."""

    campaign_id: int
    kind: str
    product_id: int
    cooling_off_days: int
    call_id: str | None  # None: no such call
    taken: bool  # an order is entered for the call already


def page(
    session: Session,
    standing: Standing | None,
    *,
    campaign_id: int | None,
    teams: Collection[int] | None,
    today: date,
    before: int | None,
    limit: int,
) -> list[OrderRow]:
    """Newest first, below an id, within the teams (None: all) whose campaigns they are of."""
    query = _scoped(teams)
    if campaign_id is not None:
        query = query.where(Order.campaign_id == campaign_id)
    if before is not None:
        query = query.where(Order.id < before)
    last = Order.cooling_off_until
    match standing:
        case "awaited":
            query = query.where(Order.cancelled_on.is_(None), last.is_(None))
        case "running":
            query = query.where(Order.cancelled_on.is_(None), last >= today)
        case "over":
            query = query.where(Order.cancelled_on.is_(None), last < today)
        case "cancelled":
            query = query.where(Order.cancelled_on.is_not(None))
    rows = session.execute(query.order_by(Order.id.desc()).limit(limit))
    return [OrderRow(**row._asdict()) for row in rows]


def one(session: Session, order_id: int, *, teams: Collection[int] | None) -> OrderRow | None:
    """The order of this id, where one of the teams runs its campaign."""
    row = session.execute(_scoped(teams).where(Order.id == order_id)).one_or_none()
    return None if row is None else OrderRow(**row._asdict())


def open_of_customer(session: Session, customer_id: int, *, today: date) -> list[OrderRow]:
    """What the person may still take back."""
    last = Order.cooling_off_until
    query = _scoped(None).where(
        Order.customer_id == customer_id,
        Order.cancelled_on.is_(None),
        or_(last.is_(None), last >= today),
    )
    return [OrderRow(**row._asdict()) for row in session.execute(query.order_by(Order.id))]


def campaign_and_call(
    session: Session,
    campaign_id: int,
    customer_id: int,
    *,
    between: tuple[datetime, datetime],
    teams: Collection[int] | None,
) -> Ordered | None:
    """The campaign, if it is theirs, and the last talk with the person of its calls in between."""
    query = select(
        Campaign.id, Campaign.kind, Campaign.product_id, Campaign.cooling_off_days
    ).where(Campaign.id == campaign_id, Campaign.training.is_(False))
    if teams is not None:
        query = query.where(Campaign.id.in_(_theirs(teams)))
    campaign = session.execute(query).one_or_none()
    if campaign is None:
        return None
    begin, end = between
    call_id = session.scalar(
        select(Call.id)
        .where(
            Call.customer_id == customer_id,
            Call.campaign_id == campaign_id,
            Call.bridged_at.is_not(None),
            Call.leased_at >= begin,
            Call.leased_at < end,
        )
        .order_by(Call.leased_at.desc())
        .limit(1)
    )
    taken = call_id is not None and is_taken(session, call_id)
    return Ordered(*campaign, call_id, taken)


def is_taken(session: Session, call_id: str) -> bool:
    """Whether an order is entered for the call."""
    return bool(session.scalar(select(exists().where(Order.call_id == call_id))))


def add(session: Session, **columns: Any) -> int:
    """The new order's id."""
    row = Order(**columns)
    session.add(row)
    session.flush()
    return row.id


def receive(session: Session, order_id: int, *, on: date, document_id: str, last_day: date) -> bool:
    """The documents were received then, so the days run to `last_day`; False: it was cancelled."""
    return _change(
        session,
        order_id,
        documents_on=on,
        document_id=document_id,
        cooling_off_until=last_day,
    )


def cancel(session: Session, order_id: int, *, sent_on: date) -> bool:
    """The order was taken back; False: it was before."""
    return _change(session, order_id, cancelled_on=sent_on)


def _change(session: Session, order_id: int, **values: Any) -> bool:
    standing = update(Order).where(Order.id == order_id, Order.cancelled_on.is_(None))
    changed = session.scalars(standing.values(**values).returning(Order.id))
    return changed.one_or_none() is not None


def _theirs(teams: Collection[int]) -> Select[int]:
    return select(CampaignTeam.campaign_id).where(CampaignTeam.team_id.in_(list(teams)))


def _scoped(teams: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            Order.id,
            Order.call_id,
            Order.customer_id,
            Customer.external_id,
            Customer.name_sealed,
            Campaign.name.label("campaign"),
            Product.name.label("product"),
            Order.ordered_on,
            Order.cooling_off_days,
            Order.documents_on,
            Order.document_id,
            Order.cooling_off_until,
            Order.cancelled_on,
        )
        .join(Customer, Customer.id == Order.customer_id)
        .join(Campaign, Campaign.id == Order.campaign_id)
        .join(Product, Product.id == Order.product_id)
    )
    return query if teams is None else query.where(Order.campaign_id.in_(_theirs(teams)))
