"""The do-not-call list as a whole: what has come to its end, and handing it out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import Product
from agent_desk.models.customers import Customer, DoNotCall, Phone
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class ExportRow:
    """One entry in force. `number` is "" for a person's, or where only its hash is known."""

    id: int
    number: str
    external_id: str
    customer_id: int | None
    product: str
    basis: str
    reason: str
    since: datetime
    expires_at: datetime | None


def expired(session: Session, now: datetime, *, limit: int) -> list[int]:
    """Ids of entries whose end has come."""
    query = select(DoNotCall.id).where(DoNotCall.expires_at <= now, DoNotCall.lifted_at.is_(None))
    return list(session.scalars(query.order_by(DoNotCall.id).limit(limit)))


def export(session: Session, sealer: Sealer, *, after: int, limit: int) -> list[ExportRow]:
    """Entries in force with ids above `after`, in id order, their numbers opened."""
    of_phone = (
        select(Phone.number_sealed)
        .where(Phone.number_key == DoNotCall.number_key)
        .limit(1)
        .correlate(DoNotCall)
        .scalar_subquery()
    )
    query = (
        select(
            DoNotCall.id,
            DoNotCall.number_sealed,
            of_phone,
            Customer.external_id,
            DoNotCall.customer_id,
            Product.name,
            DoNotCall.basis,
            DoNotCall.reason,
            DoNotCall.since,
            DoNotCall.expires_at,
        )
        .outerjoin(Customer, Customer.id == DoNotCall.customer_id)
        .outerjoin(Product, Product.id == DoNotCall.product_id)
        .where(DoNotCall.id > after, DoNotCall.lifted_at.is_(None))
        .order_by(DoNotCall.id)
        .limit(limit)
    )
    return [
        ExportRow(
            row[0],
            sealer.open_optional(row[1] or row[2]) or "",
            row[3] or "",
            row[4],
            row[5] or "",
            *row[6:],
        )
        for row in session.execute(query)
    ]


def products(session: Session) -> list[tuple[int, str]]:
    """Every product, by name."""
    return [(key, name) for key, name in session.execute(select(Product.id, Product.name))]


def open_calls_for(session: Session, number_keys: Collection[str], product_id: int) -> list[str]:
    """Open attempts of ours on these numbers for one product."""
    query = (
        select(Attempt.id)
        .join(ListEntry, ListEntry.id == Attempt.list_entry_id)
        .join(CustomerList, CustomerList.id == ListEntry.list_id)
        .where(
            Attempt.open,
            Attempt.inbound.is_(False),
            Attempt.number_key.in_(list(number_keys)),
            CustomerList.product_id == product_id,
        )
    )
    return list(session.scalars(query))
