"""One customer as the page shows them: who, how to reach, lists, debts, calls, what stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, AttemptOutcome, Recording
from agent_desk.models.campaigns import Campaign, Product
from agent_desk.models.customers import Customer, Debt, DoNotCall, Phone
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.models.rules import Consent, CustomerHold
from agent_desk.store.rules import holds
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class PersonRow:
    """Who it is. Hours in minutes from 0:00 JST, weekdays as bits, Monday first."""

    customer_id: int
    name: str
    kana: str | None
    external_id: str | None
    vip: bool
    delinquency: str | None
    wish_from: int | None
    wish_until: int | None
    wish_days: int | None
    wish_ends_on: date | None
    created_at: datetime
    erased_at: datetime | None
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NumberRow:
    """One number, E.164."""

    number: str
    kind: str
    unusable: str | None


@dataclass(frozen=True)
class EntryLine:
    """One list the customer is or was on."""

    list_name: str
    state: str
    closed_reason: str | None
    next_at: datetime
    tries: int


@dataclass(frozen=True)
class DebtLine:
    """One debt, paid or not."""

    product: str
    amount_yen: int
    due_on: date | None
    closed_at: datetime | None


@dataclass(frozen=True)
class CallLine:
    """One attempt or call, newest first; `recording` is its state, None where there is none."""

    at: datetime
    campaign: str
    outcome: str | None
    inbound: bool
    recording: str | None


@dataclass(frozen=True)
class HoldLine:
    """Why the person is left alone."""

    reason: str
    until: datetime


@dataclass(frozen=True)
class ConsentLine:
    """What the person agreed to."""

    kind: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class BlockLine:
    """A do-not-call entry on the person or a number of theirs; product None: for all."""

    by_number: bool
    product: str | None
    basis: str
    since: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class CustomerPage:
    """Everything the page shows."""

    person: PersonRow
    numbers: list[NumberRow]
    entries: list[EntryLine]
    debts: list[DebtLine]
    calls: list[CallLine]
    holds: list[HoldLine]
    consents: list[ConsentLine]
    blocks: list[BlockLine]


def page(
    session: Session, sealer: Sealer, customer_id: int, *, now: datetime, limit: int
) -> CustomerPage:
    """Raises NoResultFound for an id that is nobody's. At most `limit` rows of a kind."""

    def some(query: Select[*tuple[Any, ...]]) -> Any:
        return session.execute(query.limit(limit)).all()

    numbers = some(
        select(Phone.number_sealed, Phone.kind, Phone.unusable_reason)
        .where(Phone.customer_id == customer_id)
        .order_by(Phone.position, Phone.id)
    )
    return CustomerPage(
        person=_person(session, sealer, customer_id),
        numbers=[NumberRow(sealer.open(row[0]), *row[1:]) for row in numbers],
        entries=[EntryLine(*row) for row in some(_entries(customer_id))],
        debts=[DebtLine(*row) for row in some(_debts(customer_id))],
        calls=[CallLine(*row) for row in some(_calls(customer_id))],
        holds=[
            HoldLine(*row)
            for row in some(
                select(CustomerHold.reason, CustomerHold.until)
                .where(CustomerHold.customer_id == customer_id, holds.in_force(now))
                .order_by(CustomerHold.until.desc())
            )
        ],
        consents=[
            ConsentLine(*row)
            for row in some(
                select(Consent.kind, Consent.given_at, Consent.withdrawn_at)
                .where(Consent.customer_id == customer_id)
                .order_by(Consent.given_at.desc())
            )
        ],
        blocks=[BlockLine(row[0] is not None, *row[1:]) for row in some(_blocks(customer_id))],
    )


def _person(session: Session, sealer: Sealer, customer_id: int) -> PersonRow:
    row = session.execute(select(Customer).where(Customer.id == customer_id)).scalar_one()
    pairs = json.loads(sealer.open(row.fields_sealed) or "[]") if row.fields_sealed else []
    return PersonRow(
        customer_id=row.id,
        name=sealer.open(row.name_sealed),
        kana=sealer.open_optional(row.kana_sealed),
        external_id=row.external_id,
        vip=row.vip,
        delinquency=row.delinquency,
        wish_from=row.contact_from_minute,
        wish_until=row.contact_until_minute,
        wish_days=row.contact_weekdays,
        wish_ends_on=row.contact_wish_ends_on,
        created_at=row.created_at,
        erased_at=row.erased_at,
        fields=tuple((str(name), str(value)) for name, value in pairs),
    )


def _entries(customer_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            CustomerList.name,
            ListEntry.state,
            ListEntry.closed_reason,
            ListEntry.next_at,
            ListEntry.tries,
        )
        .join(CustomerList, CustomerList.id == ListEntry.list_id)
        .where(ListEntry.customer_id == customer_id)
        .order_by(ListEntry.id.desc())
    )


def _debts(customer_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Product.name, Debt.amount_yen, Debt.due_on, Debt.closed_at)
        .join(Product, Product.id == Debt.product_id)
        .where(Debt.customer_id == customer_id)
        .order_by(Debt.due_on.desc(), Debt.id.desc())
    )


def _calls(customer_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Attempt.leased_at,
            Campaign.name,
            AttemptOutcome.outcome,
            Attempt.inbound,
            Recording.state,
        )
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .outerjoin(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
        .outerjoin(Recording, Recording.call_id == Attempt.id)
        .where(Attempt.customer_id == customer_id)
        .order_by(Attempt.leased_at.desc(), Attempt.id)
    )


def _blocks(customer_id: int) -> Select[*tuple[Any, ...]]:
    numbers = select(Phone.number_key).where(Phone.customer_id == customer_id)
    theirs = or_(DoNotCall.customer_id == customer_id, DoNotCall.number_key.in_(numbers))
    return (
        select(
            DoNotCall.number_key,
            Product.name,
            DoNotCall.basis,
            DoNotCall.since,
            DoNotCall.expires_at,
        )
        .outerjoin(Product, Product.id == DoNotCall.product_id)
        .where(theirs, DoNotCall.lifted_at.is_(None))
        .order_by(DoNotCall.since.desc(), DoNotCall.id.desc())
    )
