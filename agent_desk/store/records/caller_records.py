"""What `/desk` shows of a customer, opened from its seals; the service decides how much of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    ScalarSelect,
    bindparam,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from agent_desk.models.calls import Attempt, AttemptOutcome, Call, CallPrompt, Recording
from agent_desk.models.campaigns import Campaign, Product
from agent_desk.models.customers import Customer, Debt, Note, Phone
from agent_desk.models.messages import CallMessage, MessageFile
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.models.users import User
from agent_desk.store import straight
from agent_desk.store.records import fields
from agent_desk.store.records.fields import FieldRow
from agent_desk.store.rules import messages as message_rows
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class PersonRow:
    """Who is on the line. `number` is E.164."""

    name: str
    kana: str | None
    number: str
    external_id: str | None
    vip: bool


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
    ended_at: datetime | None


@dataclass(frozen=True)
class MessageRow:
    """A recording that was played to the customer: no operator came, or a machine answered."""

    at: datetime
    prompt: str
    version: int | None  # of what was uploaded for it; None: not an uploaded recording


@dataclass(frozen=True)
class NoteRow:
    """One note; `by` is the writer's name, "" for an imported one."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class PastRow:
    """One earlier attempt, or one earlier call of theirs. `recording` is its state, if any;
    `operator_id` whose call it became."""

    call_id: str
    at: datetime
    campaign: str
    outcome: str
    codes: tuple[str, ...]
    inbound: bool
    operator_id: int | None
    recording: str | None
    caller_id: str | None  # what we showed; "" when withheld, None where nobody told


@dataclass(frozen=True)
class AffairsRow:
    """What may be told to the right person only."""

    fields: Sequence[tuple[FieldRow, str]]
    debts: Sequence[DebtRow]
    promises: Sequence[PromiseRow]
    notes: Sequence[NoteRow]
    history: Sequence[PastRow]
    messages: Sequence[MessageRow]


def person(session: Session, sealer: Sealer, customer_id: int, *, phone_id: int) -> PersonRow:
    """The customer and the number called; raises ValueError for ids that are none."""
    asked = {"customer_id": customer_id, "phone_id": phone_id}
    [(name, kana, external_id, number, vip)] = straight.rows(session, _PERSON, asked)
    return PersonRow(
        sealer.open(name), sealer.open_optional(kana), sealer.open(number), external_id, vip
    )


def affairs(
    session: Session, sealer: Sealer, customer_id: int, *, campaign_id: int, limit: int
) -> AffairsRow:
    """What is this person's own, newest first, `limit` each: whoever shares a number has theirs."""
    file = fields.values(session, sealer, customer_id)
    run, asked = partial(straight.rows, session), {"customer_id": customer_id, "most": limit}
    return AffairsRow(
        fields=fields.shown(fields.of_campaign(session, campaign_id), file),
        debts=[DebtRow(*row) for row in run(_DEBTS, asked)],
        promises=[PromiseRow(*row) for row in run(_PROMISES, asked)],
        notes=[NoteRow(at, name or "", sealer.open(text)) for at, name, text in run(_NOTES, asked)],
        history=_history(session, customer_id, limit),
        messages=_messages(session, customer_id, limit),
    )


def _corrected() -> ColumnElement[bool]:
    """Whether a note is that of a result whose newest version has another one."""
    newer = aliased(Result)
    return exists().where(
        Result.note_id == Note.id,
        newer.call_id == Result.call_id,
        newer.version > Result.version,
        newer.note_id.is_distinct_from(Note.id),
    )


def _messages(session: Session, customer_id: int, limit: int) -> list[MessageRow]:
    run, asked = partial(straight.rows, session), {"customer_id": customer_id, "most": limit}
    found = [MessageRow(*row) for query in (_PLAYED, _LEFT) for row in run(query, asked)]
    return sorted(found, key=lambda row: row.at, reverse=True)[:limit]


def _version(sha256: InstrumentedAttribute[str]) -> ScalarSelect[int | None]:
    """Which version of its campaign's recordings this file is; the newest one it is."""
    return (
        select(func.max(MessageFile.version))
        .where(MessageFile.campaign_id == Call.campaign_id, MessageFile.sha256 == sha256)
        .correlate(Call, CallPrompt, CallMessage)
        .scalar_subquery()
    )


def _history(session: Session, customer_id: int, limit: int) -> list[PastRow]:
    run = partial(straight.rows, session)
    rows = run(_HISTORY, {"customer_id": customer_id, "most": limit})
    codes: dict[str, list[str]] = {}
    if rows:
        for call_id, code in run(_MARKS, {"call_ids": [row[0] for row in rows]}):
            codes.setdefault(call_id, []).append(code)
    return [
        PastRow(row[0], row[1], row[2], row[3], tuple(codes.get(row[0], ())), *row[4:])
        for row in rows
    ]


# Built once: a record is on its way to the operator while these run, and the customer waits.
_OWN = bindparam("customer_id", type_=BigInteger())
_MOST = bindparam("most", type_=Integer())
_PERSON = (
    select(
        Customer.name_sealed,
        Customer.kana_sealed,
        Customer.external_id,
        Phone.number_sealed,
        Customer.vip,
    )
    .join(Phone, Phone.customer_id == Customer.id)
    .where(Customer.id == _OWN, Phone.id == bindparam("phone_id"))
)
_DEBTS = (
    select(Product.name, Debt.amount_yen, Debt.due_on)
    .join(Product, Product.id == Debt.product_id)
    .where(Debt.customer_id == _OWN, Debt.closed_at.is_(None))
    .order_by(Debt.due_on, Debt.id)
    .limit(_MOST)
)
_PROMISES = (
    select(Promise.due_on, Promise.amount_yen, Promise.state, Promise.made_at, Promise.ended_at)
    .where(Promise.customer_id == _OWN, Promise.state != "replaced")
    .order_by(Promise.made_at.desc(), Promise.id.desc())
    .limit(_MOST)
)
_NOTES = (
    select(Note.at, User.name, Note.text_sealed)
    .outerjoin(User, User.id == Note.user_id)
    .where(Note.customer_id == _OWN, ~_corrected())
    .order_by(Note.at.desc(), Note.id.desc())
    .limit(_MOST)
)
_PLAYED = (
    select(CallPrompt.at, CallPrompt.prompt, _version(CallPrompt.recording))
    .join(Call, Call.id == CallPrompt.call_id)
    .where(Call.customer_id == _OWN)
    .order_by(CallPrompt.at.desc(), CallPrompt.id.desc())
    .limit(_MOST)
)
_LEFT = (
    select(CallMessage.asked_at, literal("machine"), _version(CallMessage.sha256))
    .join(Call, Call.id == CallMessage.call_id)
    .where(CallMessage.customer_id == _OWN, message_rows.may_be_heard())
    .order_by(CallMessage.asked_at.desc())
    .limit(_MOST)
)
_HISTORY = (
    select(
        Attempt.id,
        Attempt.leased_at,
        Campaign.name,
        AttemptOutcome.outcome,
        Attempt.inbound,
        Call.seat_user_id,
        Recording.state,
        Attempt.caller_id,
    )
    .join(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
    .join(Campaign, Campaign.id == Attempt.campaign_id)
    .outerjoin(Call, Call.id == Attempt.id)
    .outerjoin(Recording, Recording.call_id == Attempt.id)
    .where(Attempt.customer_id == _OWN)
    .order_by(Attempt.leased_at.desc(), Attempt.id)
    .limit(_MOST)
)
_MARKS = (
    select(StatusMark.call_id, StatusMark.code)
    .where(
        StatusMark.call_id.in_(bindparam("call_ids", expanding=True)),
        StatusMark.current,
        StatusMark.marked,
    )
    .order_by(StatusMark.at)
)
