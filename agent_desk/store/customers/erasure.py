"""Taking out who a customer was, while what happened stays countable.

Rows of attempts, calls, marks and results stay, so figures and the audit trail are what they were.
Whatever is sealed is emptied, hashes of numbers and places go, texts that may name people go.
What bars the person's numbers stays, by number: who asked not to be called is not called again
when some list brings the number back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, Recording
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Debt, DoNotCall, Phone, SearchKey
from agent_desk.models.lists import ListEntry
from agent_desk.models.orders import Order
from agent_desk.store.customers.held import SEALED, HeldRows, where
from agent_desk.store.rows import callbacks
from agent_desk.store.rules import do_not_call
from agent_desk.store.sealing import Sealer

# Free texts beside the sealed ones that may name people.
TEXTS: dict[str, dict[str, str | None]] = {
    "customer_holds": {"document": ""},
    "consents": {"evidence": ""},
    "overrides": {"reason": ""},
    "do_not_call": {"reason": "erased"},
    "orders": {"document_id": None},
}
# Of the customer's own row all that says who or where somebody was.
PERSON = (
    "external_id",
    "kana_key",
    "contact_from_minute",
    "contact_until_minute",
    "contact_wish_ends_on",
    "contact_weekdays",
    "prefecture_key",
    "city_key",
    "postcode_key",
    "postcode_area_key",
)


@dataclass(frozen=True)
class Binding:
    """What may bind the person's record (services/customers/erasure.py says for how long)."""

    under_way: bool
    open_debts: int
    debts_ended_at: datetime | None
    called_at: datetime | None
    collected_at: datetime | None  # the newest attempt of a collections campaign
    recordings: Sequence[datetime | None]  # until when each that is still there must be kept
    orders: Sequence[date | None]  # last days of cooling-off; None while documents are awaited


def binding(session: Session, customer_id: int) -> Binding:
    """What the rows say."""
    mine = Attempt.customer_id == customer_id
    of_debts = select(func.count(), func.max(Debt.closed_at)).where(Debt.customer_id == customer_id)
    debts, ended = session.execute(of_debts).one()
    open_debts = session.scalar(
        select(func.count()).where(Debt.customer_id == customer_id, Debt.closed_at.is_(None))
    )
    collected = (
        select(func.max(Attempt.leased_at))
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .where(mine, Campaign.kind == "collections")
    )
    recordings = (
        select(Recording.delete_after)
        .join(Attempt, Attempt.id == Recording.call_id)
        .where(mine, Recording.state.not_in(("deleted", "failed")))
    )
    orders = select(Order.cooling_off_until).where(
        Order.customer_id == customer_id, Order.cancelled_on.is_(None)
    )
    return Binding(
        under_way=session.scalar(select(Attempt.id).where(mine, Attempt.open).limit(1)) is not None,
        open_debts=open_debts or 0,
        debts_ended_at=ended if debts else None,
        called_at=session.scalar(select(func.max(Attempt.leased_at)).where(mine)),
        collected_at=session.scalar(collected),
        recordings=list(session.scalars(recordings)),
        orders=list(session.scalars(orders)),
    )


def erase(
    session: Session,
    sealer: Sealer,
    customer_id: int,
    everything: Sequence[HeldRows],
    *,
    at: datetime,
    actor: str,
) -> None:
    """Do it, in the caller's transaction; `everything` is what `held` found."""
    _bar_numbers(session, customer_id, at=at, actor=actor)
    _close_entries(session, customer_id, at=at)
    for rows in everything:
        values = _emptied(rows, sealer)
        if rows.table.name == "customers":
            values |= dict.fromkeys(PERSON, None)
            values |= {"name_key": f"erased-{customer_id}", "vip": False}
            values |= {"erased_at": at, "updated_at": at, "source": f"erased-{customer_id}"}
        for these in where(rows) if values else ():
            session.execute(update(rows.table).where(these).values(**values))
    _forget_numbers(session, customer_id)
    session.execute(delete(SearchKey).where(SearchKey.customer_id == customer_id))


def _emptied(rows: HeldRows, sealer: Sealer) -> dict[str, Any]:
    """New values for what says who somebody was; blocks keep their numbers' hashes."""
    values: dict[str, Any] = dict(TEXTS.get(rows.table.name, {}))
    for column in rows.table.columns:
        if column.name.endswith(SEALED):
            values[column.name] = None if column.nullable else sealer.seal("")
    return values


def _bar_numbers(session: Session, customer_id: int, *, at: datetime, actor: str) -> None:
    """What barred the person from now on bars each of their numbers."""
    standing = select(DoNotCall.product_id, DoNotCall.basis, DoNotCall.expires_at).where(
        DoNotCall.customer_id == customer_id, DoNotCall.lifted_at.is_(None)
    )
    keys = do_not_call.keys_of(session, customer_id)
    for product_id, basis, expires_at in session.execute(standing.distinct()).all():
        barred = select(DoNotCall.number_key).where(
            DoNotCall.number_key.in_(keys),
            DoNotCall.product_id.is_(None)
            if product_id is None
            else DoNotCall.product_id == product_id,
            DoNotCall.lifted_at.is_(None),
        )
        for key in sorted(set(keys) - set(session.scalars(barred))):
            do_not_call.add(
                session,
                since=at,
                reason="erased",
                source=actor,
                number_key=key,
                product_id=product_id,
                basis=basis,
                expires_at=expires_at,
            )


def _close_entries(session: Session, customer_id: int, *, at: datetime) -> None:
    mine = ListEntry.customer_id == customer_id
    callbacks.cancel(session, session.scalars(select(ListEntry.id).where(mine)).all(), at=at)
    closing = update(ListEntry).where(mine, ListEntry.state != "closed")
    session.execute(closing.values(state="closed", closed_reason="erased", own_next_at=None))


def _forget_numbers(session: Session, customer_id: int) -> None:
    """Hashes of the numbers give way to marks of their rows: whoever has the index key could find
    out by them whose they were. Blocks keep theirs."""
    for phone_id in session.scalars(select(Phone.id).where(Phone.customer_id == customer_id)).all():
        mark = {"number_key": f"erased-{phone_id}"}
        gone = {**mark, "unusable_reason": "erased"}
        session.execute(update(Phone).where(Phone.id == phone_id).values(**gone))
        theirs = (Attempt.customer_id == customer_id, Attempt.phone_id == phone_id)
        session.execute(update(Attempt).where(*theirs).values(**mark))


def erased(session: Session, customer_id: int) -> bool | None:
    """Whether the person was erased; None for an id that is nobody's."""
    found = session.execute(select(Customer.erased_at).where(Customer.id == customer_id)).first()
    return None if found is None else found[0] is not None
