"""Filters as conditions on `customers`: the only place where the language becomes SQL.

Each field is one function from a condition to a column expression. All values are bound; names of
columns come from here alone. What asks for history is an EXISTS over an index of the customer's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.customers import Customer, Debt, DoNotCall, Payment, Phone, SearchKey
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.models.results import Callback, Promise, StatusMark
from agent_desk.models.rules import CustomerHold
from agent_desk.models.strategy import DelinquencyChange
from agent_desk.store.customers.search_keys import field_key
from agent_desk.store.lists.filter_grammar import Condition, Group
from agent_desk.store.lists.valid_calls import History
from agent_desk.store.rules import holds
from agent_desk.store.sealing import Sealer

Test = ColumnElement[bool]


@dataclass(frozen=True)
class Context:
    """What conditions are read against: keys of hashes, today, and what a valid call is."""

    sealer: Sealer
    now: datetime
    today: date  # in Japan
    place: Callable[[str, str], str | None]  # kind and text → normal form, None: no such place
    valid_calls: Mapping[int, History]


def compiled(group: Group, context: Context) -> Test:
    """The whole filter as one condition on a row of `customers`."""
    parts = [
        compiled(part, context) if isinstance(part, Group) else _condition(part, context)
        for part in group.parts
    ]
    if not parts:
        return true()
    return and_(*parts) if group.every else or_(*parts)


def _condition(condition: Condition, context: Context) -> Test:
    test = _TESTS[condition.field](condition, context)
    turned = condition.op == "is_not" or condition.values[0] is False
    return not_(test) if turned else test


def _of_customer(model: type[Any], *tests: Test) -> Test:
    return exists().where(model.customer_id == Customer.id, *tests).correlate(Customer)


# --- history -----------------------------------------------------------------------------------


def _contacted(condition: Condition, context: Context) -> Test:
    return _marked(("contact",))


def _status(condition: Condition, context: Context) -> Test:
    return _marked(condition.values)


def _marked(codes: tuple[Any, ...]) -> Test:
    return (
        exists()
        .where(
            Call.customer_id == Customer.id,
            StatusMark.call_id == Call.id,
            StatusMark.current,
            StatusMark.marked,
            StatusMark.code.in_(codes),
        )
        .correlate(Customer)
    )


def _last_outcome(condition: Condition, context: Context) -> Test:
    last = (
        select(AttemptOutcome.outcome)
        .join(Attempt, Attempt.id == AttemptOutcome.attempt_id)
        .where(Attempt.customer_id == Customer.id, Attempt.inbound.is_(False))
        .order_by(Attempt.leased_at.desc())
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )
    return func.coalesce(last, "").in_(condition.values)


def _attempts(condition: Condition, context: Context) -> Test:
    count = (
        select(func.count())
        .where(Attempt.customer_id == Customer.id, Attempt.inbound.is_(False))
        .correlate(Customer)
        .scalar_subquery()
    )
    return _compare(condition, count)


def _last_attempt_days(condition: Condition, context: Context) -> Test:
    """At most N days ago: somebody called since; at least: nobody did, or ever."""
    since = context.now - timedelta(days=min(condition.values[0], 36500))
    lately = _of_customer(Attempt, Attempt.inbound.is_(False), Attempt.leased_at > since)
    return lately if condition.op == "at_most" else not_(lately)


def _valid_call(condition: Condition, context: Context) -> Test:
    tests = [
        context.valid_calls.get(campaign_id, History()).test(campaign_id)
        for campaign_id in condition.values
    ]
    return _of_customer(Call, or_(*tests))


def _callback(condition: Condition, context: Context) -> Test:
    mine = (ListEntry.customer_id == Customer.id, Callback.list_entry_id == ListEntry.id)
    return exists().where(*mine, Callback.state == "open").correlate(Customer)


# --- money -------------------------------------------------------------------------------------


def _past_delinquency(condition: Condition, context: Context) -> Test:
    """Ever in a class, a payment after its day, a broken promise, or a debt overdue today."""
    late = (
        exists()
        .where(
            Debt.customer_id == Customer.id,
            Payment.debt_id == Debt.id,
            Payment.paid_on > Payment.due_on,
        )
        .correlate(Customer)
    )
    return or_(
        Customer.delinquency.is_not(None),
        _of_customer(DelinquencyChange, DelinquencyChange.to_class.is_not(None)),
        late,
        _of_customer(Promise, Promise.state == "broken"),
        _of_customer(Debt, Debt.closed_at.is_(None), Debt.due_on < context.today),
    )


def _delinquency(condition: Condition, context: Context) -> Test:
    return func.coalesce(Customer.delinquency, "").in_(condition.values)


def _overdue_days(condition: Condition, context: Context) -> Test:
    """Of the oldest debt that is open."""
    due = context.today - timedelta(days=min(condition.values[0], 36500))
    unpaid = (Debt.closed_at.is_(None), Debt.due_on < context.today)
    if condition.op == "at_least":
        return _of_customer(Debt, *unpaid, Debt.due_on <= due)
    return and_(_of_customer(Debt, *unpaid), not_(_of_customer(Debt, *unpaid, Debt.due_on < due)))


def _debt_yen(condition: Condition, context: Context) -> Test:
    total = (
        select(func.coalesce(func.sum(Debt.amount_yen), 0))
        .where(Debt.customer_id == Customer.id, Debt.closed_at.is_(None))
        .correlate(Customer)
        .scalar_subquery()
    )
    return _compare(condition, total)


def _promise(condition: Condition, context: Context) -> Test:
    return _of_customer(Promise, Promise.state.in_(condition.values))


# --- who, where, and where they stand ------------------------------------------------------------


def _column(condition: Condition, context: Context) -> Test:
    keys = [field_key(context.sealer, condition.column, value) for value in condition.values]
    return _of_customer(SearchKey, SearchKey.key.in_(keys))


def _place(condition: Condition, context: Context) -> Test:
    """A postcode may be given by its first three digits."""
    column: Mapping[str, InstrumentedAttribute[str | None]] = {
        "prefecture": Customer.prefecture_key,
        "city": Customer.city_key,
        "postcode": Customer.postcode_key,
    }
    kind = condition.field
    plain = [context.place(kind, text) for text in condition.values]
    keys = [context.sealer.area_key(kind, text) for text in plain if text is not None]
    here = func.coalesce(column[kind], "").in_(keys)
    if kind != "postcode":
        return here
    return or_(here, func.coalesce(Customer.postcode_area_key, "").in_(keys))


def _phone_kind(condition: Condition, context: Context) -> Test:
    usable = Phone.unusable_reason.is_(None)
    return _of_customer(Phone, Phone.kind.in_(condition.values), usable)


def _vip(condition: Condition, context: Context) -> Test:
    return Customer.vip.is_(True)


def _registered_days(condition: Condition, context: Context) -> Test:
    since = context.now - timedelta(days=min(condition.values[0], 36500))
    at_most = condition.op == "at_most"
    return Customer.created_at >= since if at_most else Customer.created_at <= since


def _list(condition: Condition, context: Context) -> Test:
    return _of_customer(ListEntry, ListEntry.list_id.in_(condition.values))


def _product(condition: Condition, context: Context) -> Test:
    lists = select(CustomerList.id).where(CustomerList.product_id.in_(condition.values))
    return _of_customer(ListEntry, ListEntry.list_id.in_(lists))


def _held(condition: Condition, context: Context) -> Test:
    return _of_customer(CustomerHold, holds.in_force(context.now))


def _blocked(condition: Condition, context: Context) -> Test:
    """By person, or on any number of theirs; for any product."""
    by_number = (
        exists()
        .where(
            Phone.customer_id == Customer.id,
            DoNotCall.number_key == Phone.number_key,
            DoNotCall.lifted_at.is_(None),
        )
        .correlate(Customer)
    )
    return or_(_of_customer(DoNotCall, DoNotCall.lifted_at.is_(None)), by_number)


def _compare(condition: Condition, value: ColumnElement[Any]) -> Test:
    limit = condition.values[0]
    return value >= limit if condition.op == "at_least" else value <= limit


_TESTS: Mapping[str, Callable[[Condition, Context], Test]] = {
    "contacted": _contacted,
    "last_outcome": _last_outcome,
    "attempts": _attempts,
    "last_attempt_days": _last_attempt_days,
    "status": _status,
    "valid_call": _valid_call,
    "callback": _callback,
    "past_delinquency": _past_delinquency,
    "delinquency": _delinquency,
    "overdue_days": _overdue_days,
    "debt_yen": _debt_yen,
    "promise": _promise,
    "column": _column,
    "prefecture": _place,
    "city": _place,
    "postcode": _place,
    "phone_kind": _phone_kind,
    "vip": _vip,
    "registered_days": _registered_days,
    "list": _list,
    "product": _product,
    "held": _held,
    "blocked": _blocked,
}
