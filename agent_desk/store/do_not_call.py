"""Numbers and people who are not to be called, effective at once (I9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.models.customers import DoNotCall, Phone


def add(
    session: Session,
    *,
    since: datetime,
    reason: str,
    source: str,
    number_key: str | None = None,
    customer_id: int | None = None,
    product_id: int | None = None,
) -> int:
    """Block a number or a person, for one product or (None) for all; returns the row's id."""
    row = insert(DoNotCall).values(
        since=since,
        reason=reason,
        source=source,
        number_key=number_key,
        customer_id=customer_id,
        product_id=product_id,
    )
    return int(session.execute(row).inserted_primary_key[0])  # type: ignore[attr-defined]


def lift(session: Session, row_id: int, *, at: datetime) -> None:
    """End a block; the row stays as evidence."""
    session.execute(
        update(DoNotCall)
        .where(DoNotCall.id == row_id, DoNotCall.lifted_at.is_(None))
        .values(lifted_at=at)
    )


def keys_added_since(session: Session, since: datetime) -> set[str]:
    """Number keys blocked for every product since then, those of blocked people included."""
    current = (DoNotCall.lifted_at.is_(None), DoNotCall.product_id.is_(None))
    numbers = select(DoNotCall.number_key).where(
        *current, DoNotCall.since >= since, DoNotCall.number_key.is_not(None)
    )
    people = (
        select(Phone.number_key)
        .join(DoNotCall, DoNotCall.customer_id == Phone.customer_id)
        .where(*current, DoNotCall.since >= since)
    )
    return {str(key) for key in session.scalars(numbers.union(people))}


def blocked_keys(session: Session, number_keys: Iterable[str], product_id: int) -> set[str]:
    """Which of these numbers must not be called for this product."""
    values = {"keys": list(number_keys), "product_id": product_id}
    return {str(key) for key in session.scalars(_BLOCKED_KEYS, values)}


def blocked_customers(session: Session, customer_ids: Iterable[int], product_id: int) -> set[int]:
    """Which of these people must not be called for this product."""
    values = {"ids": list(customer_ids), "product_id": product_id}
    found = session.scalars(_BLOCKED_CUSTOMERS, values)
    return {int(customer_id) for customer_id in found if customer_id is not None}


# Built once: each lease asks both.
_STANDING = (
    DoNotCall.lifted_at.is_(None),
    or_(DoNotCall.product_id.is_(None), DoNotCall.product_id == bindparam("product_id")),
)
_BLOCKED_KEYS = select(DoNotCall.number_key).where(
    DoNotCall.number_key.in_(bindparam("keys", expanding=True)), *_STANDING
)
_BLOCKED_CUSTOMERS = select(DoNotCall.customer_id).where(
    DoNotCall.customer_id.in_(bindparam("ids", expanding=True)), *_STANDING
)
