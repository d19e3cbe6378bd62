"""Debts on campaigns' lists: what was owed when a period began, and what came of it.

A debt is assigned when its customer is put on a list of the debt's product, and is one account
however many lists the customer is on. Debts shrink as they are paid, so what was owed earlier is
what is left and what was paid since.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Select, case, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer.business_time import at, business_date
from agent_desk.models.base import from_microseconds, to_microseconds
from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import CampaignList
from agent_desk.models.customers import Debt, Payment
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.models.results import StatusMark
from agent_desk.models.strategy import DelinquencyChange
from agent_desk.store.reports.achievements import Scope

CONTACT = "contact"
_MINUTES = 24 * 60


@dataclass(frozen=True)
class Owing:
    """Debts that still owe something now and did when the period began, or were assigned in it."""

    accounts: int
    owed_yen: int


@dataclass(frozen=True)
class PaidDebt:
    """A debt with the payments that came since the period began: (paid on, yen it took).

    `counted`: it is one of those in `Owing`.
    """

    assigned_on: date
    counted: bool
    paid: tuple[tuple[date, int], ...]


def owing(session: Session, first: date, last: date, scope: Scope) -> Owing:
    """The debts of a period's days, both included, that owe something still."""
    assigned = _assigned(scope).subquery()
    query = (
        select(func.count(), func.coalesce(func.sum(Debt.amount_yen), 0))
        .join(assigned, assigned.c.debt_id == Debt.id)
        .where(
            Debt.amount_yen > 0,
            or_(Debt.closed_at.is_(None), Debt.closed_at >= at(first, 0)),
            assigned.c.since < _microseconds(last, _MINUTES),
        )
    )
    accounts, owed_yen = session.execute(query).one()
    return Owing(accounts, int(owed_yen))


def paid_since(session: Session, first: date, last: date, scope: Scope) -> list[PaidDebt]:
    """The debts assigned by the last day that were paid something since the first one."""
    assigned = _assigned(scope).subquery()
    applied = func.coalesce(Payment.applied_yen, Payment.amount_yen)
    query = (
        select(Debt.id, assigned.c.since, Debt.amount_yen, Debt.closed_at, Payment.paid_on, applied)
        .join(assigned, assigned.c.debt_id == Debt.id)
        .join(Payment, Payment.debt_id == Debt.id)
        .where(
            Payment.paid_on >= first,
            Payment.reversed_at.is_(None),
            assigned.c.since < _microseconds(last, _MINUTES),
        )
        .order_by(Debt.id, Payment.paid_on, Payment.id)
    )
    found: dict[int, PaidDebt] = {}
    for debt_id, since, left, closed_at, paid_on, yen in session.execute(query):
        if debt_id not in found:
            counted = left > 0 and (closed_at is None or closed_at >= at(first, 0))
            assigned_on = business_date(from_microseconds(int(since)))
            found[debt_id] = PaidDebt(assigned_on, counted, ())
        known = found[debt_id]
        found[debt_id] = replace(known, paid=(*known.paid, (paid_on, int(yen))))
    return list(found.values())


def cured(session: Session, first: date, last: date, scope: Scope) -> tuple[int, int]:
    """(customers on the lists who were overdue when the period began, those of them who were not
    any more when it ended), by the classes of the nightly review."""
    before = _class_at(DelinquencyChange.on < first, "before")
    after = _class_at(DelinquencyChange.on <= last, "after")
    ours = (
        select(ListEntry.customer_id)
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .where(*scope.of(CampaignList.campaign_id), ListEntry.created_at < at(first, 0))
    )
    query = (
        select(func.count(), func.count().filter(after.c.to_class.is_(None)))
        .select_from(before)
        .join(after, after.c.customer_id == before.c.customer_id)
        .where(before.c.to_class.is_not(None), before.c.customer_id.in_(ours))
    )
    delinquent, back = session.execute(query).one()
    return delinquent, back


def first_attempts(session: Session, first: date, last: date, scope: Scope) -> tuple[int, int]:
    """(list entries whose first attempt was placed in the period, those it came to a contact of).

    Attempts that never left the house are none; what was tried before the period was the first.
    """
    earlier = aliased(Attempt)
    before = exists().where(
        earlier.list_entry_id == Attempt.list_entry_id,
        earlier.placed_at.is_not(None),
        or_(
            earlier.leased_at < Attempt.leased_at,
            (earlier.leased_at == Attempt.leased_at) & (earlier.id < Attempt.id),
        ),
    )
    contact = exists().where(
        StatusMark.call_id == Attempt.id,
        StatusMark.code == CONTACT,
        StatusMark.current,
        StatusMark.marked,
    )
    query = select(func.count(), func.count().filter(contact)).where(
        *scope.placed(at(first, 0), at(last, _MINUTES)),
        Attempt.list_entry_id.is_not(None),
        ~before,
    )
    attempts, contacts = session.execute(query).one()
    return attempts, contacts


def _assigned(scope: Scope) -> Select[Any, Any]:
    """Each debt on a list in scope, and since when (µs): its own beginning if that is later."""
    began = func.min(type_coerce(ListEntry.created_at, BigInteger))
    made: Any = type_coerce(Debt.created_at, BigInteger)
    later = func.max(made)  # one row per debt: the same in all of them
    since = _greater(began, later)
    return (
        select(Debt.id.label("debt_id"), since.label("since"))
        .select_from(ListEntry)
        .join(CustomerList, CustomerList.id == ListEntry.list_id)
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .join(
            Debt,
            (Debt.customer_id == ListEntry.customer_id)
            & (Debt.product_id == CustomerList.product_id),
        )
        .where(*scope.of(CampaignList.campaign_id))
        .group_by(Debt.id)
    )


def _class_at(until: Any, name: str) -> Any:
    """Each customer's class after the newest change that fits."""
    newest = func.row_number().over(
        partition_by=DelinquencyChange.customer_id,
        order_by=(DelinquencyChange.on.desc(), DelinquencyChange.id.desc()),
    )
    ranked = (
        select(DelinquencyChange.customer_id, DelinquencyChange.to_class, newest.label("place"))
        .where(until)
        .subquery()
    )
    query = select(ranked.c.customer_id, ranked.c.to_class).where(ranked.c.place == 1)
    return query.subquery(name)


def _greater(one: Any, other: Any) -> Any:
    return case((one > other, one), else_=other)


def _microseconds(day: date, minute: int) -> int:
    return to_microseconds(at(day, minute))
