"""Numbers and people who are not to be called, effective at once (I9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Product
from agent_desk.models.customers import Customer, DoNotCall, Phone
from agent_desk.store import straight


def add(
    session: Session,
    *,
    since: datetime,
    reason: str,
    source: str,
    number_key: str | None = None,
    customer_id: int | None = None,
    product_id: int | None = None,
    call_id: str | None = None,
    basis: str = "request",
    expires_at: datetime | None = None,
    number_sealed: bytes | None = None,
) -> int:
    """Block a number or a person, for one product or (None) for all; returns the row's id.

    `basis` is a code of `services/rules/block_terms.py`, which says whether there may be an end.
    """
    row = insert(DoNotCall).values(
        basis=basis,
        expires_at=expires_at,
        number_sealed=number_sealed,
        since=since,
        reason=reason,
        source=source,
        number_key=number_key,
        customer_id=customer_id,
        product_id=product_id,
        call_id=call_id,
    )
    return int(session.execute(row).inserted_primary_key[0])  # type: ignore[attr-defined]


def same(
    session: Session,
    *,
    number_key: str | None,
    customer_id: int | None,
    product_id: int | None,
    basis: str,
    source: str,
    expires_at: datetime | None,
) -> int | None:
    """The block in force that says the same of the same, from the same source; None: there is none.

    Whoever did not hear that a block was written sends it again, and it is the one block then.
    """
    query = select(DoNotCall.id).where(
        DoNotCall.number_key == number_key,
        DoNotCall.customer_id == customer_id,
        DoNotCall.product_id == product_id,
        DoNotCall.basis == basis,
        DoNotCall.source == source,
        DoNotCall.expires_at == expires_at,
        DoNotCall.lifted_at.is_(None),
    )
    return session.scalar(query.order_by(DoNotCall.id).limit(1))


def refuse(
    session: Session,
    customer_id: int,
    product_id: int,
    *,
    at: datetime,
    reason: str,
    source: str,
    call_id: str | None = None,
) -> int:
    """The person, on whatever number or list, is not called for a product again (R38).

    Returns the id of the person's row; what stands already is not written twice.
    """
    current = bars(session, [customer_id], keys_of(session, customer_id), product_id)
    for key in keys_of(session, customer_id):
        if key not in current.refused_numbers:
            add(
                session,
                since=at,
                reason=reason,
                source=source,
                number_key=key,
                product_id=product_id,
                call_id=call_id,
                basis="refusal",
            )
    standing_row = select(DoNotCall.id).where(
        DoNotCall.customer_id == customer_id,
        DoNotCall.product_id == product_id,
        DoNotCall.lifted_at.is_(None),
    )
    return session.scalar(standing_row.limit(1)) or add(
        session,
        since=at,
        reason=reason,
        source=source,
        customer_id=customer_id,
        product_id=product_id,
        call_id=call_id,
        basis="refusal",
    )


def lift(session: Session, row_id: int, *, at: datetime) -> None:
    """End a block; the row stays as evidence."""
    session.execute(
        update(DoNotCall)
        .where(DoNotCall.id == row_id, DoNotCall.lifted_at.is_(None))
        .values(lifted_at=at)
    )


def of_call(session: Session, call_id: str) -> list[int]:
    """The ids of the blocks in force that were asked for on a call."""
    return [row[0] for row in straight.rows(session, _OF_CALL, {"call_id": call_id})]


def rest_on(session: Session, block_ids: Sequence[int], call_id: str) -> None:
    """Say of blocks that they were asked for on another call."""
    session.execute(update(DoNotCall).where(DoNotCall.id.in_(block_ids)).values(call_id=call_id))


def lift_of_call(session: Session, call_id: str, *, at: datetime) -> list[int]:
    """End the blocks that were asked for on a call; their ids."""
    ids = of_call(session, call_id)
    if ids:
        session.execute(update(DoNotCall).where(DoNotCall.id.in_(ids)).values(lifted_at=at))
    return ids


@dataclass(frozen=True)
class BlockRow:
    """One block in force; `number_sealed` is None where no customer has the number."""

    id: int
    customer_id: int | None
    reason: str
    since: datetime
    product: str | None
    basis: str
    expires_at: datetime | None
    number_sealed: bytes | None


def standing(session: Session, *, before: int | None = None, limit: int) -> list[BlockRow]:
    """Blocks in force with an id below `before`, newest first."""
    number = (
        select(Phone.number_sealed)
        .where(Phone.number_key == DoNotCall.number_key)
        .limit(1)
        .correlate(DoNotCall)
        .scalar_subquery()
    )
    columns = (
        DoNotCall.id,
        DoNotCall.customer_id,
        DoNotCall.reason,
        DoNotCall.since,
        Product.name,
        DoNotCall.basis,
        DoNotCall.expires_at,
        func.coalesce(DoNotCall.number_sealed, number),
    )
    query = select(*columns).outerjoin(Product, Product.id == DoNotCall.product_id)
    query = query.where(DoNotCall.lifted_at.is_(None))
    if before is not None:
        query = query.where(DoNotCall.id < before)
    rows = session.execute(query.order_by(DoNotCall.id.desc()).limit(limit))
    return [BlockRow(*row) for row in rows]


def stands(session: Session, row_id: int) -> bool:
    """Whether this block is in force."""
    query = select(DoNotCall.id).where(DoNotCall.id == row_id, DoNotCall.lifted_at.is_(None))
    return session.scalar(query) is not None


def standing_of_number(session: Session, number_key: str) -> list[int]:
    """Ids of the blocks in force of one number."""
    query = select(DoNotCall.id).where(
        DoNotCall.number_key == number_key, DoNotCall.lifted_at.is_(None)
    )
    return list(session.scalars(query.order_by(DoNotCall.id)))


def customers_with(session: Session, external_id: str) -> list[int]:
    """Ids of the people with this 顧客番号; each source of lists has numbers of its own."""
    return list(session.scalars(select(Customer.id).where(Customer.external_id == external_id)))


def customers_by_id(session: Session, customer_id: int) -> list[int]:
    """The id itself, if it is somebody's."""
    return list(session.scalars(select(Customer.id).where(Customer.id == customer_id)))


def keys_of(session: Session, customer_id: int) -> list[str]:
    """The number keys of a person."""
    query = select(Phone.number_key).where(Phone.customer_id == customer_id)
    return list(session.scalars(query.order_by(Phone.position, Phone.id)))


def standing_against(session: Session, customer_id: int) -> list[dict[str, str]]:
    """What bars the person's numbers, whoever asked for it: basis and since when."""
    query = select(DoNotCall.basis, DoNotCall.since).where(
        DoNotCall.number_key.in_(keys_of(session, customer_id)), DoNotCall.lifted_at.is_(None)
    )
    return [{"basis": basis, "since": since.isoformat()} for basis, since in session.execute(query)]


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


@dataclass(frozen=True)
class Bars:
    """Whom of the people asked about nobody may call, or not for the product (R38)."""

    customers: frozenset[int]
    numbers: frozenset[str]
    refused_customers: frozenset[int]
    refused_numbers: frozenset[str]


def bars(
    session: Session, customer_ids: Iterable[int], number_keys: Iterable[str], product_id: int
) -> Bars:
    """Everything in force against these people and numbers, by one query."""
    values = {"ids": list(customer_ids), "keys": list(number_keys), "product_id": product_id}
    rows = session.connection().execute(_BARS, values).all()
    return Bars(
        customers=frozenset(c for c, _, product in rows if c is not None and product is None),
        numbers=frozenset(key for _, key, product in rows if key and product is None),
        refused_customers=frozenset(c for c, _, product in rows if c is not None and product),
        refused_numbers=frozenset(key for _, key, product in rows if key and product),
    )


# Built once: each lease asks.
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
_BARS = select(DoNotCall.customer_id, DoNotCall.number_key, DoNotCall.product_id).where(
    or_(
        DoNotCall.number_key.in_(bindparam("keys", expanding=True)),
        DoNotCall.customer_id.in_(bindparam("ids", expanding=True)),
    ),
    *_STANDING,
)


# built once: every result asks
_OF_CALL = (
    select(DoNotCall.id)
    .where(DoNotCall.call_id == bindparam("call_id"), DoNotCall.lifted_at.is_(None))
    .order_by(DoNotCall.id)
)
