"""The nightly review: in which class each customer is, and how they have paid.

Customers are gone through by id, some hundred at a time, so that nothing else has to wait. A run
belongs to a business day and remembers how far it has come; begun again it goes on, and reviewing
somebody twice changes nothing. When it has come to the end, customers added later in the day have
higher ids: the same run takes them up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.strategy import (
    ClassMove,
    Delinquency,
    Paid,
    Strategy,
    moves,
    on_time_run,
)
from agent_desk.models.customers import Customer, Debt, Payment
from agent_desk.models.results import Promise
from agent_desk.models.strategy import ClassDay, DelinquencyChange

# A promise that was taken back or replaced asks for nothing.
STANDING = ("open", "kept", "broken")


@dataclass(frozen=True)
class Run:
    """The review of one day. `since`: the day of the last one that was finished before it."""

    day: date
    upto: int
    ended: bool
    since: date | None


@dataclass(frozen=True)
class Change:
    """What a review found of one customer, where it differs from what the row says."""

    customer_id: int
    moves: tuple[ClassMove, ...]
    weekly_adjust: int


@dataclass(frozen=True)
class Portion:
    """Some customers that were looked at: up to which id, and what has changed."""

    upto: int
    seen: int
    changes: tuple[Change, ...]


def run_of(session: Session, day: date) -> Run:
    """How far the review of a day has come; a day without a row has not begun."""
    since = session.scalar(
        select(func.max(ClassDay.day)).where(ClassDay.day < day, ClassDay.ended_at.is_not(None))
    )
    row = session.execute(
        select(ClassDay.upto_customer_id, ClassDay.ended_at).where(ClassDay.day == day)
    ).first()
    if row is None:
        return Run(day, 0, ended=False, since=since)
    return Run(day, row[0], ended=row[1] is not None, since=since)


def look(session: Session, run: Run, strategy: Strategy, *, limit: int) -> Portion:
    """The next customers of a run, read only."""
    rows = session.execute(_NEXT, {"after": run.upto, "limit": limit}).all()
    if not rows:
        return Portion(run.upto, 0, ())
    ids = [row.id for row in rows]
    due = {row[0]: row[1] for row in session.execute(_OLDEST, {"ids": ids})}
    runs = _on_time_runs(session, ids)
    changes = []
    for row in rows:
        found = tuple(
            moves(
                due.get(row.id),
                before=row.delinquency,
                since=run.since,
                today=run.day,
            )
        )
        adjust = strategy.weekly_adjust(runs.get(row.id, 0))
        if found or adjust != row.weekly_adjust:
            changes.append(Change(row.id, found, adjust))
    return Portion(ids[-1], len(ids), tuple(changes))


def keep(session: Session, run: Run, portion: Portion, *, at: datetime) -> None:
    """Write what was found, and how far the run has come; a portion of nobody ends the run."""
    adjusts = [
        {"adjusted": change.customer_id, "weekly_adjust": change.weekly_adjust}
        for change in portion.changes
    ]
    classes = [
        {"moved": change.customer_id, "delinquency": change.moves[-1].after}
        for change in portion.changes
        if change.moves
    ]
    # Many of one statement, which costs a fraction of as many statements.
    connection = session.connection()
    if adjusts:
        connection.execute(_ADJUST, adjusts)
    if classes:
        connection.execute(_CLASS, classes)
    history = [
        {
            "customer_id": change.customer_id,
            "from_class": move.before,
            "to_class": move.after,
            "on": move.on,
            "at": at,
        }
        for change in portion.changes
        for move in change.moves
    ]
    if history:
        session.execute(insert(DelinquencyChange), history)
    _note_progress(session, run, portion, changed=len(history), at=at)


def payers(session: Session, *, after: int, upto: int) -> list[tuple[Delinquency, int]]:
    """Class, and payments on time in succession, of everybody in a class who has any such payment,
    above the id `after` up to `upto`."""
    span = {"after": after, "upto": upto}
    classes: dict[int, Delinquency] = {
        row.id: row.delinquency for row in session.execute(_PAYERS, span)
    }
    runs = _on_time_runs(session, list(classes)) if classes else {}
    return [(classes[customer_id], run) for customer_id, run in runs.items() if run]


def history(session: Session, customer_id: int) -> list[tuple[str | None, str | None, date]]:
    """Every change of a customer's class, oldest first."""
    query = (
        select(DelinquencyChange.from_class, DelinquencyChange.to_class, DelinquencyChange.on)
        .where(DelinquencyChange.customer_id == customer_id)
        .order_by(DelinquencyChange.on, DelinquencyChange.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _note_progress(
    session: Session, run: Run, portion: Portion, *, changed: int, at: datetime
) -> None:
    where = ClassDay.day == run.day
    values = {"upto_customer_id": portion.upto, "changed": ClassDay.changed + changed}
    done = session.execute(update(ClassDay).where(where).values(**values))
    if done.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(
            insert(ClassDay).values(
                day=run.day, upto_customer_id=portion.upto, changed=changed, began_at=at
            )
        )
    if not portion.seen:
        session.execute(
            update(ClassDay).where(where, ClassDay.ended_at.is_(None)).values(ended_at=at)
        )


def _on_time_runs(session: Session, customer_ids: Sequence[int]) -> dict[int, int]:
    """How many of their newest payments in succession were on time, of those who paid at all."""
    rows = session.execute(_PAYMENTS, {"ids": customer_ids}).all()
    if not rows:
        return {}
    promised = _promised(session, {row.customer_id for row in rows})
    paid: dict[int, list[Paid]] = defaultdict(list)
    for row in rows:
        asked_by = [day for day in (row.due_on or row.debt_due_on,) if day is not None]
        before = [due for made, due in promised[row.customer_id] if made <= row.paid_on]
        paid[row.customer_id].append(Paid(row.paid_on, (*asked_by, *before[-1:])))
    return {customer_id: on_time_run(each) for customer_id, each in paid.items()}


def _promised(session: Session, customer_ids: set[int]) -> dict[int, list[tuple[date, date]]]:
    """Day made and day due of the standing promises of each, oldest first."""
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for row in session.execute(_PROMISES, {"ids": list(customer_ids)}):
        found[row.customer_id].append((business_date(row.made_at), row.due_on))
    return found


_CUSTOMERS: Any = Customer.__table__
_ADJUST = (
    update(_CUSTOMERS)
    .where(_CUSTOMERS.c.id == bindparam("adjusted"))
    .values(weekly_adjust=bindparam("weekly_adjust"))
)
_CLASS = (
    update(_CUSTOMERS)
    .where(_CUSTOMERS.c.id == bindparam("moved"))
    .values(delinquency=bindparam("delinquency"))
)
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_NEXT = (
    select(Customer.id, Customer.delinquency, Customer.weekly_adjust)
    .where(Customer.id > bindparam("after"))
    .order_by(Customer.id)
    .limit(bindparam("limit"))
)
_OLDEST = (
    select(Debt.customer_id, func.min(Debt.due_on))
    .where(Debt.customer_id.in_(_IDS), Debt.closed_at.is_(None), Debt.due_on.is_not(None))
    .group_by(Debt.customer_id)
)
_PAYMENTS = (
    select(Debt.customer_id, Payment.paid_on, Payment.due_on, Debt.due_on.label("debt_due_on"))
    .join(Debt, Debt.id == Payment.debt_id)
    .where(Debt.customer_id.in_(_IDS), Payment.reversed_at.is_(None))
)
_PAYERS = select(Customer.id, Customer.delinquency).where(
    Customer.id > bindparam("after"),
    Customer.id <= bindparam("upto"),
    Customer.erased_at.is_(None),
    Customer.delinquency.is_not(None),
    exists().where(
        Debt.customer_id == Customer.id, Payment.debt_id == Debt.id, Payment.reversed_at.is_(None)
    ),
)
_PROMISES = (
    select(Promise.customer_id, Promise.made_at, Promise.due_on)
    .where(Promise.customer_id.in_(_IDS), Promise.state.in_(STANDING))
    .order_by(Promise.customer_id, Promise.made_at)
)
