"""The ledger of promises: their parts, what was paid since, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.promises import LedgerPart, Paid, PartState, of_parts
from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Debt, Payment
from agent_desk.models.results import Promise, PromisePart


@dataclass(frozen=True)
class OpenPromise:
    """A promise that waits for money; `parts` by their id, in the order of their dates."""

    promise_id: int
    parts: Mapping[int, LedgerPart]
    paid: Sequence[Paid]


def open_of(session: Session, customer_id: int, product_id: int) -> list[OpenPromise]:
    """What a person has promised for a product and is not yet kept or broken."""
    query = _OPEN.where(Promise.customer_id == customer_id, Campaign.product_id == product_id)
    return [_load(session, *row) for row in session.execute(query)]


def overdue(session: Session, day: date, *, limit: int) -> list[OpenPromise]:
    """Promises with an open part that was due before a day."""
    late = select(PromisePart.promise_id).where(
        PromisePart.state == "open", PromisePart.due_on < day
    )
    query = _OPEN.where(Promise.id.in_(late)).order_by(Promise.id).limit(limit)
    return [_load(session, *row) for row in session.execute(query)]


def reopen(session: Session, customer_id: int, product_id: int, *, since: datetime) -> None:
    """A payment entered then was taken back: what it may have kept is looked at anew."""
    theirs = (
        select(Promise.id)
        .join(Call, Call.id == Promise.call_id)
        .join(Campaign, Campaign.id == Call.campaign_id)
        .where(Promise.customer_id == customer_id, Campaign.product_id == product_id)
    )
    kept = and_(Promise.state == "kept", Promise.ended_at >= since)
    ids = list(session.scalars(theirs.where(or_(Promise.state == "open", kept))))
    parts = update(PromisePart).where(PromisePart.promise_id.in_(ids), PromisePart.state == "kept")
    session.execute(parts.values(state="open"))
    session.execute(update(Promise).where(Promise.id.in_(ids)).values(state="open", ended_at=None))


def settle(
    session: Session, promise: OpenPromise, states: Sequence[PartState], *, at: datetime
) -> PartState:
    """Write where the parts stand; what the whole promise is now."""
    for part_id, state in zip(promise.parts, states, strict=True):
        session.execute(update(PromisePart).where(PromisePart.id == part_id).values(state=state))
    whole = of_parts(states)
    if whole != "open":
        session.execute(
            update(Promise).where(Promise.id == promise.promise_id).values(state=whole, ended_at=at)
        )
    return whole


def _load(
    session: Session, promise_id: int, customer_id: int, product_id: int, made_at: datetime
) -> OpenPromise:
    parts = (
        select(PromisePart.id, PromisePart.due_on, PromisePart.amount_yen, PromisePart.state)
        .where(PromisePart.promise_id == promise_id)
        .order_by(PromisePart.position)
    )
    paid = (
        select(Payment.paid_on, Payment.amount_yen)
        .join(Debt, Debt.id == Payment.debt_id)
        .where(
            Debt.customer_id == customer_id,
            Debt.product_id == product_id,
            Payment.paid_on >= business_date(made_at),
            Payment.reversed_at.is_(None),
        )
    )
    return OpenPromise(
        promise_id,
        {
            part_id: LedgerPart(due_on, amount, state)  # type: ignore[arg-type]
            for part_id, due_on, amount, state in session.execute(parts)
        },
        [Paid(*row) for row in session.execute(paid)],
    )


_OPEN = (
    select(Promise.id, Promise.customer_id, Campaign.product_id, Promise.made_at)
    .join(Call, Call.id == Promise.call_id)
    .join(Campaign, Campaign.id == Call.campaign_id)
    .where(Promise.state == "open")
)
