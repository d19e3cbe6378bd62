"""What `/desk` shows of a customer, opened from its seals; the service decides how much of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.models.campaigns import Campaign, Product
from agent_desk.models.customers import Customer, Debt, Note, Phone
from agent_desk.models.results import Promise, StatusMark
from agent_desk.models.users import User
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class PersonRow:
    """Who is on the line. `number` is E.164."""

    name: str
    kana: str | None
    number: str
    external_id: str | None


@dataclass(frozen=True)
class DebtRow:
    """One open debt."""

    product: str
    amount_yen: int
    due_on: date | None


@dataclass(frozen=True)
class PromiseRow:
    """One promise, whatever became of it."""

    due_on: date
    amount_yen: int | None
    state: str
    made_at: datetime


@dataclass(frozen=True)
class NoteRow:
    """One note; `by` is the writer's name, "" for an imported one."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class PastRow:
    """One earlier attempt, or one earlier call of theirs."""

    at: datetime
    campaign: str
    outcome: str
    codes: tuple[str, ...]
    inbound: bool


@dataclass(frozen=True)
class AffairsRow:
    """What may be told to the right person only."""

    fields: Sequence[tuple[str, str]]
    debts: Sequence[DebtRow]
    promises: Sequence[PromiseRow]
    notes: Sequence[NoteRow]
    history: Sequence[PastRow]


def person(session: Session, sealer: Sealer, customer_id: int, *, phone_id: int) -> PersonRow:
    """The customer and the number called; raises NoResultFound for ids that are none."""
    query = (
        select(
            Customer.name_sealed, Customer.kana_sealed, Customer.external_id, Phone.number_sealed
        )
        .join(Phone, Phone.customer_id == Customer.id)
        .where(Customer.id == customer_id, Phone.id == phone_id)
    )
    name, kana, external_id, number = session.execute(query).one()
    return PersonRow(
        sealer.open(name), sealer.open_optional(kana), sealer.open(number), external_id
    )


def affairs(session: Session, sealer: Sealer, customer_id: int, *, limit: int) -> AffairsRow:
    """Debts, promises, notes, fields of the file and past attempts, newest first, `limit` each."""
    fields = session.scalar(select(Customer.fields_sealed).where(Customer.id == customer_id))
    return AffairsRow(
        fields=[(name, value) for name, value in json.loads(sealer.open(fields))] if fields else [],
        debts=_debts(session, customer_id, limit),
        promises=_promises(session, customer_id, limit),
        notes=_notes(session, sealer, customer_id, limit=limit),
        history=_history(session, customer_id, limit),
    )


def _debts(session: Session, customer_id: int, limit: int) -> list[DebtRow]:
    query = (
        select(Product.name, Debt.amount_yen, Debt.due_on)
        .join(Product, Product.id == Debt.product_id)
        .where(Debt.customer_id == customer_id, Debt.closed_at.is_(None))
        .order_by(Debt.due_on, Debt.id)
        .limit(limit)
    )
    return [DebtRow(*row) for row in session.execute(query)]


def _promises(session: Session, customer_id: int, limit: int) -> list[PromiseRow]:
    query = (
        select(Promise.due_on, Promise.amount_yen, Promise.state, Promise.made_at)
        .where(Promise.customer_id == customer_id, Promise.state != "replaced")
        .order_by(Promise.made_at.desc(), Promise.id.desc())
        .limit(limit)
    )
    return [PromiseRow(*row) for row in session.execute(query)]


def _notes(session: Session, sealer: Sealer, customer_id: int, *, limit: int) -> list[NoteRow]:
    query = (
        select(Note.at, User.name, Note.text_sealed)
        .outerjoin(User, User.id == Note.user_id)
        .where(Note.customer_id == customer_id)
        .order_by(Note.at.desc(), Note.id.desc())
        .limit(limit)
    )
    return [NoteRow(at, name or "", sealer.open(text)) for at, name, text in session.execute(query)]


def _history(session: Session, customer_id: int, limit: int) -> list[PastRow]:
    query = (
        select(
            Attempt.id, Attempt.leased_at, Campaign.name, AttemptOutcome.outcome, Attempt.inbound
        )
        .join(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .where(Attempt.customer_id == customer_id)
        .order_by(Attempt.leased_at.desc(), Attempt.id)
        .limit(limit)
    )
    rows = session.execute(query).all()
    marks = select(StatusMark.call_id, StatusMark.code).where(
        StatusMark.call_id.in_([row[0] for row in rows]), StatusMark.current, StatusMark.marked
    )
    codes: dict[str, list[str]] = {}
    for call_id, code in session.execute(marks.order_by(StatusMark.at)):
        codes.setdefault(call_id, []).append(code)
    return [
        PastRow(at, campaign, outcome, tuple(codes.get(call_id, ())), inbound)
        for call_id, at, campaign, outcome, inbound in rows
    ]
