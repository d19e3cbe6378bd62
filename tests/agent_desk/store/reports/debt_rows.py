"""Rows of debts for tests of what was got back: owed, assigned, paid, overdue."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.customers import Debt
from agent_desk.models.lists import ListEntry
from agent_desk.models.strategy import DelinquencyChange
from agent_desk.store.rules import payments
from tests.agent_desk.store.desk_rows import NOON, Centre


def customers(session: Session, centre: Centre) -> list[int]:
    """Whoever is on the list, in order."""
    query = select(ListEntry.customer_id).where(ListEntry.list_id == centre.list_id)
    return list(session.scalars(query.order_by(ListEntry.id)))


def owe(
    session: Session, centre: Centre, customer_id: int, yen: int, *, since: datetime, name: str = ""
) -> int:
    """A debt of the campaign's product, on the list since an instant; its id."""
    mine = (ListEntry.customer_id == customer_id, ListEntry.list_id == centre.list_id)
    session.execute(update(ListEntry).where(*mine).values(created_at=since))
    row = insert(Debt).values(
        customer_id=customer_id,
        product_id=centre.product_id,
        external_id=name,
        amount_yen=yen,
        created_at=since,
    )
    return int(session.execute(row).inserted_primary_key[0])


def pay(session: Session, debt_id: int, yen: int, on: date, *, at: datetime) -> int:
    """A payment, entered as the desk enters it; how many there are now."""
    place = len(list(session.scalars(select(payments.Payment.id))))
    payments.add(
        session,
        debt_id,
        amount_yen=yen,
        paid_on=on,
        source="test",
        external_id=str(place),
        at=at,
    )
    return place + 1


def overdue(session: Session, customer_id: int, to_class: str | None, on: date) -> None:
    """A customer's class from a day on, as the nightly review finds it."""
    row = insert(DelinquencyChange).values(
        customer_id=customer_id, from_class=None, to_class=to_class, on=on, at=NOON
    )
    session.execute(row)
