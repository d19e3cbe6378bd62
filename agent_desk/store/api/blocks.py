"""Do-not-call entries in force as other systems read them, by pages in the order they were made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Product
from agent_desk.models.customers import DoNotCall, Phone
from agent_desk.store.lists import scope


@dataclass(frozen=True)
class Block:
    """One entry; `product` None: for all of them. `number_sealed` None: a person's, or unknown."""

    id: int
    customer_id: int | None
    product: str | None
    since: datetime
    reason: str = field(repr=False)
    number_sealed: bytes | None = field(repr=False)


def standing(
    session: Session, *, teams: Collection[int] | None, after: int, most: int
) -> list[Block]:
    """Entries with ids above `after`; of the customers of some teams, or (None) of everybody."""
    number = (
        select(Phone.number_sealed)
        .where(Phone.number_key == DoNotCall.number_key)
        .limit(1)
        .correlate(DoNotCall)
        .scalar_subquery()
    )
    query = (
        select(
            DoNotCall.id,
            DoNotCall.customer_id,
            Product.name,
            DoNotCall.since,
            DoNotCall.reason,
            func.coalesce(DoNotCall.number_sealed, number),
        )
        .outerjoin(Product, Product.id == DoNotCall.product_id)
        .where(DoNotCall.lifted_at.is_(None), DoNotCall.id > after)
    )
    if teams is not None:
        theirs = scope.customers_of(teams)
        keys = select(Phone.number_key).where(Phone.customer_id.in_(theirs))
        query = query.where(or_(DoNotCall.customer_id.in_(theirs), DoNotCall.number_key.in_(keys)))
    return [Block(*row) for row in session.execute(query.order_by(DoNotCall.id).limit(most))]
