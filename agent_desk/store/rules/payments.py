"""Money received: what a debt still comes to, and when it is closed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign, Product
from agent_desk.models.customers import Debt, Payment
from agent_desk.models.results import Promise, PromisePart


@dataclass(frozen=True)
class DebtRow:
    """A debt as it stands."""

    id: int
    customer_id: int
    product_id: int
    amount_yen: int
    due_on: date | None
    closed_at: datetime | None


def debts(session: Session, customer_id: int, *, product: str, external_id: str) -> list[DebtRow]:
    """The person's debts that fit; an empty product or id leaves it open, closed ones come last."""
    query = select(*_DEBT).join(Product, Product.id == Debt.product_id)
    query = query.where(Debt.customer_id == customer_id)
    if product:
        query = query.where(Product.name == product)
    if external_id:
        query = query.where(Debt.external_id == external_id)
    rows = [DebtRow(*row) for row in session.execute(query.order_by(Debt.id))]
    return sorted(rows, key=lambda debt: debt.closed_at is not None)


@dataclass(frozen=True)
class PaymentRow:
    """A payment as it was entered; `reversed_at` tells that it was taken back since."""

    id: int
    debt_id: int
    customer_id: int
    amount_yen: int
    paid_on: date
    created_at: datetime
    reversed_at: datetime | None
    debt_closed_at: datetime | None


def known(session: Session, source: str, external_id: str) -> PaymentRow | None:
    """The payment of this id, if it was entered before."""
    query = (
        select(
            Payment.id,
            Payment.debt_id,
            Debt.customer_id,
            Payment.amount_yen,
            Payment.paid_on,
            Payment.created_at,
            Payment.reversed_at,
            Debt.closed_at,
        )
        .join(Debt, Debt.id == Payment.debt_id)
        .where(Payment.source == source, Payment.external_id == external_id)
    )
    row = session.execute(query).first()
    return None if row is None else PaymentRow(*row)


def add(
    session: Session,
    debt_id: int,
    *,
    amount_yen: int,
    paid_on: date,
    source: str,
    external_id: str | None,
    at: datetime,
) -> DebtRow:
    """Enter a payment; the debt as it stands now, closed when nothing is left of it."""
    debt = DebtRow(*session.execute(select(*_DEBT).where(Debt.id == debt_id)).one())
    left = max(0, debt.amount_yen - amount_yen)
    closed_at = debt.closed_at or (at if left == 0 else None)
    session.execute(
        insert(Payment).values(
            debt_id=debt_id,
            amount_yen=amount_yen,
            applied_yen=debt.amount_yen - left,
            paid_on=paid_on,
            due_on=debt.due_on,
            source=source,
            external_id=external_id,
            created_at=at,
        )
    )
    this = update(Debt).where(Debt.id == debt_id)
    session.execute(this.values(amount_yen=left, closed_at=closed_at))
    return DebtRow(debt.id, debt.customer_id, debt.product_id, left, debt.due_on, closed_at)


def take_back(session: Session, payment_id: int, *, at: datetime) -> DebtRow:
    """A payment never was: the debt as it stands now, open again when something is left of it."""
    mine = Payment.id == payment_id
    taken = select(Payment.debt_id, func.coalesce(Payment.applied_yen, Payment.amount_yen))
    debt_id, applied = session.execute(taken.where(mine)).one()
    session.execute(update(Payment).where(mine).values(reversed_at=at))
    debt = DebtRow(*session.execute(select(*_DEBT).where(Debt.id == debt_id)).one())
    owed = debt.amount_yen + applied
    closed_at = debt.closed_at if owed == 0 else None
    this = update(Debt).where(Debt.id == debt_id)
    session.execute(this.values(amount_yen=owed, closed_at=closed_at))
    return DebtRow(debt.id, debt.customer_id, debt.product_id, owed, debt.due_on, closed_at)


def owes(session: Session, customer_id: int, product_id: int) -> bool:
    """Whether any debt of the person for this product is open."""
    return bool(owing(session, [customer_id], product_id))


def owing(session: Session, customer_ids: Collection[int], product_id: int) -> set[int]:
    """Who of these people has an open debt for this product."""
    query = select(Debt.customer_id).where(
        Debt.customer_id.in_(list(customer_ids)),
        Debt.product_id == product_id,
        Debt.closed_at.is_(None),
    )
    return set(session.scalars(query))


def paid_up(session: Session, customer_ids: Collection[int], product_id: int) -> set[int]:
    """Who of these people had debts for this product and has no open one: who never had any is
    nobody who paid."""
    query = select(Debt.customer_id).where(
        Debt.customer_id.in_(list(customer_ids)), Debt.product_id == product_id
    )
    return set(session.scalars(query)) - owing(session, customer_ids, product_id)


def keep_promises(session: Session, customer_id: int, product_id: int, *, at: datetime) -> None:
    """What the person promised for this product is kept: nothing is owed any more."""
    calls = (
        select(Call.id)
        .join(Campaign, Campaign.id == Call.campaign_id)
        .where(Call.customer_id == customer_id, Campaign.product_id == product_id)
    )
    theirs = (
        Promise.customer_id == customer_id,
        Promise.state == "open",
        Promise.call_id.in_(calls),
    )
    parts = update(PromisePart).where(
        PromisePart.state == "open", PromisePart.promise_id.in_(select(Promise.id).where(*theirs))
    )
    session.execute(parts.values(state="kept"))
    session.execute(update(Promise).where(*theirs).values(state="kept", ended_at=at))


_DEBT = (
    Debt.id,
    Debt.customer_id,
    Debt.product_id,
    Debt.amount_yen,
    Debt.due_on,
    Debt.closed_at,
)
