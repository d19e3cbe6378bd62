"""What the judge of a lease is shown of each candidate, loaded for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from agent_desk.dialer.rules.facts import Hold
from agent_desk.models.customers import Customer, Phone
from agent_desk.store import straight
from agent_desk.store.leasing.candidates import EntryRow
from agent_desk.store.leasing.past_attempts import LOOK_BACK, Ledger, attempts_since, ledger_of
from agent_desk.store.leasing.standing import NUMBER_PREFIX, AreaHoldRow, Standing, standing
from agent_desk.store.rules.settings import OverrideRow


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
    contact_from_minute: int | None
    contact_until_minute: int | None
    contact_wish_ends_on: date | None
    contact_weekdays: int | None = None
    refused: bool = False  # for the campaign's product
    holds: tuple[Hold, ...] = ()
    vip: bool = False
    delinquency: str | None = None
    weekly_adjust: int = 0
    owes: bool = True
    overdue_since: date | None = None
    promise_due: date | None = None
    callback_at: datetime | None = None
    areas: tuple[AreaHoldRow, ...] = ()
    overrides: tuple[OverrideRow, ...] = ()


def load_facts(
    session: Session,
    campaign_id: int,
    entries: Sequence[EntryRow],
    now: datetime,
    *,
    lock: bool = False,
) -> Iterator[tuple[Candidate, Ledger]]:
    """Candidate and ledger of each entry, in the same order, by three queries in all.

    `lock` is for whoever writes attempts on them: until the transaction ends nobody else loads
    these customers so, and what was counted stays counted (PostgreSQL; SQLite has one writer).
    """
    customer_ids = [entry.customer_id for entry in entries]
    chosen = _CUSTOMERS_LOCKED if lock else _CUSTOMERS
    # Past the session, which costs more than the database. The past comes last: whoever waited for
    # the lock sees what its holder has written.
    rows = straight.rows(session, chosen, {"ids": customer_ids})
    customers = {row.id: row for row in rows}
    keys = {row.number_key for row in rows if row.number_key is not None}
    known = standing(session, campaign_id, entries, keys, now)
    phones = _phones(rows, known)
    attempts = attempts_since(session, customer_ids, keys, now - LOOK_BACK)
    for entry in entries:
        own, customer_id = tuple(phones[entry.customer_id]), entry.customer_id
        row, person = customers[customer_id], known.people[customer_id]
        here = _areas(row)
        lifted_here = [override for area_key, override in known.of_areas if area_key in here]
        candidate = Candidate(
            entry=entry,
            phones=own,
            blocked=person.blocked,
            refused=person.refused,
            holds=tuple(person.holds),
            contact_from_minute=row.contact_from_minute,
            contact_until_minute=row.contact_until_minute,
            contact_wish_ends_on=row.contact_wish_ends_on,
            contact_weekdays=row.contact_weekdays,
            vip=row.vip,
            delinquency=row.delinquency,
            weekly_adjust=row.weekly_adjust,
            owes=person.owes,
            overdue_since=person.overdue_since,
            promise_due=person.promise_due,
            callback_at=known.callbacks.get(entry.list_entry_id),
            areas=tuple(h for h in known.areas if h.kind == NUMBER_PREFIX or h.area_key in here),
            overrides=(*person.overrides, *lifted_here),
        )
        yield candidate, ledger_of(customer_id, [each.number_key for each in own], attempts)


def _phones(rows: Sequence[Any], known: Standing) -> dict[int, list[PhoneRow]]:
    """The numbers of each customer, with what stands against them or is lifted for them."""
    phones: dict[int, list[PhoneRow]] = defaultdict(list)
    for row in rows:
        if row.phone_id is None:
            continue
        key = row.number_key
        phones[row.id].append(
            PhoneRow(
                row.phone_id,
                row.position,
                row.kind,
                row.number_sealed,
                key,
                row.unusable_reason,
                key in known.blocked_numbers,
                key in known.refused_numbers,
                tuple(known.of_numbers.get(key, ())),
            )
        )
    return phones


def _areas(row: Any) -> tuple[str | None, ...]:
    return (row.prefecture_key, row.city_key, row.postcode_key, row.postcode_area_key)


# Built once: making a statement anew for every lease costs more than running it.
_CUSTOMERS: Select[*tuple[Any, ...]] = (
    select(
        Customer.id,
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
        Phone.id.label("phone_id"),
        Phone.position,
        Phone.kind,
        Phone.number_sealed,
        Phone.number_key,
        Phone.unusable_reason,
    )
    .outerjoin(Phone, Phone.customer_id == Customer.id)
    .where(Customer.id.in_(bindparam("ids", expanding=True)))
    .order_by(Customer.id, Phone.position, Phone.id)
)
_CUSTOMERS_LOCKED = _CUSTOMERS.with_for_update(of=Customer)
