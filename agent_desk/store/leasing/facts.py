"""What the judge of a lease is shown of each candidate, loaded for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Date,
    Select,
    bindparam,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from agent_desk.models.base import UtcDateTime
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Debt, Phone
from agent_desk.models.results import Callback, Promise
from agent_desk.models.rules import AreaHold, Override
from agent_desk.store.leasing.candidates import EntryRow
from agent_desk.store.leasing.past_attempts import LOOK_BACK, Ledger, attempts_since, ledger_of
from agent_desk.store.rules import do_not_call
from agent_desk.store.rules.settings import OverrideRow


@dataclass(frozen=True)
class AreaHoldRow:
    """An area nobody is called in until an instant; a number prefix is in E.164."""

    hold_id: int
    kind: str
    value: str
    area_key: str
    until: datetime


@dataclass(frozen=True)
class PhoneRow:
    """One number of a candidate. `blocked`: not to be called at all; `refused`: for the product."""

    phone_id: int
    position: int
    kind: str
    number_sealed: bytes
    number_key: str
    unusable_reason: str | None
    blocked: bool
    refused: bool = False
    overrides: tuple[OverrideRow, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A list entry with what is known of its customer, phones in the order of the file.

    `areas` are the holds in force where the customer lives, and those on prefixes of numbers,
    which the judge compares when it has opened the number. `owes` is False when every debt of the
    campaign's product is paid; `overdue_since` is the due date of the oldest debt still open.
    """

    entry: EntryRow
    phones: tuple[PhoneRow, ...]
    blocked: bool  # the person is on the do-not-call list
    hold_until: datetime | None
    hold_reason: str | None
    contact_from_minute: int | None
    contact_until_minute: int | None
    contact_wish_ends_on: date | None
    contact_weekdays: int | None = None
    refused: bool = False  # for the campaign's product
    vip: bool = False
    delinquency: str | None = None
    weekly_adjust: int = 0
    owes: bool = True
    overdue_since: date | None = None
    promise_due: date | None = None
    callback_at: datetime | None = None
    areas: tuple[AreaHoldRow, ...] = ()
    overrides: tuple[OverrideRow, ...] = ()


@dataclass
class _Person:
    """What the small tables say of one customer."""

    debts: list[tuple[int, date | None, bool]] = field(default_factory=list)
    promise_due: date | None = None
    overrides: list[OverrideRow] = field(default_factory=list)

    def owes(self, product_id: int) -> bool:
        """True also of somebody whose debts nobody told us."""
        of_product = [is_open for product, _, is_open in self.debts if product == product_id]
        return any(of_product) or not of_product

    @property
    def overdue_since(self) -> date | None:
        return min((due for _, due, is_open in self.debts if is_open and due), default=None)


def load_facts(
    session: Session,
    campaign_id: int,
    entries: Sequence[EntryRow],
    now: datetime,
    *,
    lock: bool = False,
) -> Iterator[tuple[Candidate, Ledger]]:
    """Candidate and ledger of each entry, in the same order, by eight queries in all.

    `lock` is for whoever writes attempts on them: until the transaction ends nobody else loads
    these customers so, and what was counted stays counted (PostgreSQL; SQLite has one writer).
    """
    customer_ids = [entry.customer_id for entry in entries]
    connection = session.connection()  # past the session, which costs more than the database
    products: dict[int, int] = {i: product for i, product in connection.execute(_PRODUCTS)}
    product_id = products.get(campaign_id, 0)
    chosen = _CUSTOMERS_LOCKED if lock else _CUSTOMERS
    customers = {row.id: row for row in connection.execute(chosen, {"ids": customer_ids})}
    phone_rows = connection.execute(_PHONES, {"ids": customer_ids}).all()
    keys = {row.number_key for row in phone_rows}
    bars = do_not_call.bars(session, customer_ids, keys, product_id)
    people, callbacks = _people(session, entries)
    of_numbers = _overrides(session, customer_ids, keys, customers, people, now)
    phones = _phones(phone_rows, bars, of_numbers)
    areas = [AreaHoldRow(*row) for row in connection.execute(_AREAS, {"now": now})]
    attempts = attempts_since(session, customer_ids, keys, products, now - LOOK_BACK)
    for entry in entries:
        own, customer_id = tuple(phones[entry.customer_id]), entry.customer_id
        row, person = customers[customer_id], people[customer_id]
        candidate = Candidate(
            entry=entry,
            phones=own,
            blocked=customer_id in bars.customers,
            refused=customer_id in bars.refused_customers,
            hold_until=row.hold_until,
            hold_reason=row.hold_reason,
            contact_from_minute=row.contact_from_minute,
            contact_until_minute=row.contact_until_minute,
            contact_wish_ends_on=row.contact_wish_ends_on,
            contact_weekdays=row.contact_weekdays,
            vip=row.vip,
            delinquency=row.delinquency,
            weekly_adjust=row.weekly_adjust,
            owes=person.owes(product_id),
            overdue_since=person.overdue_since,
            promise_due=person.promise_due,
            callback_at=callbacks.get(entry.list_entry_id),
            areas=tuple(h for h in areas if h.kind == NUMBER_PREFIX or h.area_key in _areas(row)),
            overrides=tuple(person.overrides),
        )
        yield candidate, ledger_of(customer_id, [each.number_key for each in own], attempts)


def _phones(
    rows: Sequence[Any], bars: do_not_call.Bars, overrides: Mapping[str, Sequence[OverrideRow]]
) -> dict[int, list[PhoneRow]]:
    """The numbers of each customer, with what stands against them or is lifted for them."""
    phones: dict[int, list[PhoneRow]] = defaultdict(list)
    for number in rows:
        key = number.number_key
        phones[number[0]].append(
            PhoneRow(
                number.id,
                number.position,
                number.kind,
                number.number_sealed,
                key,
                number.unusable_reason,
                key in bars.numbers,
                key in bars.refused_numbers,
                tuple(overrides.get(key, ())),
            )
        )
    return phones


def _areas(row: Any) -> tuple[str | None, ...]:
    return (row.prefecture_key, row.city_key, row.postcode_key, row.postcode_area_key)


def _people(
    session: Session, entries: Sequence[EntryRow]
) -> tuple[dict[int, _Person], dict[int, datetime]]:
    """Debts and promises by customer; when a callback is due by list entry."""
    people: dict[int, _Person] = defaultdict(_Person)
    callbacks: dict[int, datetime] = {}
    values = {
        "ids": [entry.customer_id for entry in entries],
        "entry_ids": [entry.list_entry_id for entry in entries],
    }
    for kind, whose, product_id, on, at in session.connection().execute(_MARKS, values):
        if kind == "debt":
            people[whose].debts.append((product_id, on, at is None))
        elif kind == "callback":
            callbacks[whose] = min(at, callbacks.get(whose, at))
        else:
            person = people[whose]
            person.promise_due = max(on, person.promise_due or on)
    return people, callbacks


def _overrides(
    session: Session,
    customer_ids: Sequence[int],
    keys: set[str],
    customers: Mapping[int, Any],
    people: dict[int, _Person],
    now: datetime,
) -> dict[str, list[OverrideRow]]:
    """Put what is lifted for people, or where they live, with them; by number key for numbers."""
    of_numbers: dict[str, list[OverrideRow]] = defaultdict(list)
    values = {"ids": customer_ids, "keys": list(keys), "now": now}
    for row in session.connection().execute(_OVERRIDES, values):
        override = OverrideRow(*row[:4])
        customer_id, number_key, area_key = row[4:]
        if number_key is not None:
            of_numbers[number_key].append(override)
        elif customer_id is not None:
            people[customer_id].overrides.append(override)
        else:
            for other_id in customer_ids:
                if area_key in _areas(customers[other_id]):
                    people[other_id].overrides.append(override)
    return of_numbers


NUMBER_PREFIX = "number_prefix"
# Built once: making a statement anew for every lease costs more than running it.
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_KEYS: BindParameter[str] = bindparam("keys", expanding=True)
_PRODUCTS = select(Campaign.id, Campaign.product_id)
_CUSTOMERS = (
    select(
        Customer.id,
        Customer.hold_until,
        Customer.hold_reason,
        Customer.contact_from_minute,
        Customer.contact_until_minute,
        Customer.contact_wish_ends_on,
        Customer.contact_weekdays,
        Customer.vip,
        Customer.delinquency,
        Customer.weekly_adjust,
        Customer.prefecture_key,
        Customer.city_key,
        Customer.postcode_key,
        Customer.postcode_area_key,
    )
    .where(Customer.id.in_(_IDS))
    .order_by(Customer.id)
)
_CUSTOMERS_LOCKED = _CUSTOMERS.with_for_update()
_PHONES: Select[*tuple[Any, ...]] = (
    select(
        Phone.customer_id,
        Phone.id,
        Phone.position,
        Phone.kind,
        Phone.number_sealed,
        Phone.number_key,
        Phone.unusable_reason,
    )
    .where(Phone.customer_id.in_(_IDS))
    .order_by(Phone.customer_id, Phone.position, Phone.id)
)
# Three small tables in one question: kind, whose, product, date, instant.
_MARKS: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(literal("debt"), Debt.customer_id, Debt.product_id, Debt.due_on, Debt.closed_at).where(
        Debt.customer_id.in_(_IDS)
    ),
    select(
        literal("promise"),
        Promise.customer_id,
        literal(0),
        Promise.due_on,
        type_coerce(null(), UtcDateTime),
    ).where(Promise.customer_id.in_(_IDS), Promise.state == "open"),
    select(
        literal("callback"),
        Callback.list_entry_id,
        literal(0),
        type_coerce(null(), Date),
        Callback.due_at,
    ).where(
        Callback.list_entry_id.in_(bindparam("entry_ids", expanding=True)),
        Callback.state == "open",
    ),
)
_OVERRIDES: Select[*tuple[Any, ...]] = select(
    Override.id,
    Override.rule_id,
    Override.until,
    Override.manual_only,
    Override.customer_id,
    Override.number_key,
    Override.area_key,
).where(
    Override.until > bindparam("now"),
    Override.lifted_at.is_(None),
    or_(
        Override.customer_id.in_(_IDS),
        Override.number_key.in_(_KEYS),
        Override.area_key.is_not(None),
    ),
)
_AREAS = select(
    AreaHold.id, AreaHold.kind, AreaHold.value, AreaHold.area_key, AreaHold.until
).where(AreaHold.until > bindparam("now"), AreaHold.released_at.is_(None))
