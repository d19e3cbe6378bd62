"""What the judge of a lease is shown of each candidate, loaded for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import business_date
from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Phone
from agent_desk.store import do_not_call
from agent_desk.store.candidates import EntryRow

# The longest window a rule of calling looks back on (R14: 3 attempts in 30 days), and a day.
LOOK_BACK = timedelta(days=31)


@dataclass(frozen=True)
class PhoneRow:
    """One number of a candidate. `blocked`: on the do-not-call list for this product."""

    phone_id: int
    position: int
    kind: str
    number_sealed: bytes
    number_key: str
    unusable_reason: str | None
    blocked: bool


@dataclass(frozen=True)
class Candidate:
    """A list entry with what is known of its customer, phones in the order of the file."""

    entry: EntryRow
    phones: tuple[PhoneRow, ...]
    blocked: bool  # the person is on the do-not-call list for this product
    hold_until: datetime | None
    hold_reason: str | None
    contact_from_minute: int | None
    contact_until_minute: int | None
    contact_wish_ends_on: date | None


@dataclass(frozen=True)
class PastAttempt:
    """One attempt of the last 31 days. `outcome` is None while it is open.

    A call that came in is one only while it is open: nobody is called who is on the line with us.
    """

    call_id: str
    campaign_id: int
    customer_id: int | None
    number_key: str | None
    leased_at: datetime
    placed_at: datetime | None
    counts: bool
    open: bool
    outcome: str | None
    abandoned: bool
    ended_at: datetime | None
    inbound: bool = False


@dataclass(frozen=True)
class Ledger:
    """Past attempts on the customer and on each of the customer's numbers, oldest first.

    A number's attempts include those on other customers who share it (rule R55).
    """

    of_customer: tuple[PastAttempt, ...]
    of_number: Mapping[str, tuple[PastAttempt, ...]]

    @property
    def busy(self) -> bool:
        """The customer is being called at this moment."""
        return any(attempt.open for attempt in self.of_customer)

    def number_busy(self, number_key: str) -> bool:
        """The number is being called at this moment, whoever is meant."""
        return any(attempt.open for attempt in self.of_number.get(number_key, ()))

    def counted_on(self, day: date) -> int:
        """How many attempts on the customer count towards the cap of that JST day."""
        return sum(
            attempt.counts and business_date(attempt.leased_at) == day
            for attempt in self.of_customer
        )


def load_facts(
    session: Session, campaign_id: int, entries: Sequence[EntryRow], now: datetime
) -> Iterator[tuple[Candidate, Ledger]]:
    """Candidate and ledger of each entry, in the same order, by five queries in all."""
    customer_ids = [entry.customer_id for entry in entries]
    product_id = session.scalar(_PRODUCT, {"campaign_id": campaign_id}) or 0
    customers = _customers(session, customer_ids)
    phones = _phones(session, customer_ids, product_id)
    blocked = do_not_call.blocked_customers(session, customer_ids, product_id)
    keys = {phone.number_key for of_one in phones.values() for phone in of_one}
    attempts = _attempts(session, customer_ids, keys, now - LOOK_BACK)
    for entry in entries:
        own = tuple(phones[entry.customer_id])
        yield (
            _candidate(entry, own, customers[entry.customer_id], entry.customer_id in blocked),
            _ledger(entry.customer_id, own, attempts),
        )


def ledger(session: Session, customer_id: int, number_key: str, now: datetime) -> Ledger:
    """The ledger of one customer and one number, for a list preview or a manual call."""
    attempts = _attempts(session, [customer_id], {number_key}, now - LOOK_BACK)
    return Ledger(
        tuple(a for a in attempts if a.customer_id == customer_id),
        {number_key: tuple(a for a in attempts if a.number_key == number_key)},
    )


def _ledger(
    customer_id: int, phones: Sequence[PhoneRow], attempts: Sequence[PastAttempt]
) -> Ledger:
    of_number: dict[str, tuple[PastAttempt, ...]] = {
        phone.number_key: tuple(a for a in attempts if a.number_key == phone.number_key)
        for phone in phones
    }
    return Ledger(tuple(a for a in attempts if a.customer_id == customer_id), of_number)


def _candidate(
    entry: EntryRow, phones: tuple[PhoneRow, ...], customer: Any, blocked: bool
) -> Candidate:
    return Candidate(
        entry=entry,
        phones=phones,
        blocked=blocked,
        hold_until=customer.hold_until,
        hold_reason=customer.hold_reason,
        contact_from_minute=customer.contact_from_minute,
        contact_until_minute=customer.contact_until_minute,
        contact_wish_ends_on=customer.contact_wish_ends_on,
    )


def _customers(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    return {row.id: row for row in session.execute(_CUSTOMERS, {"ids": ids})}


def _phones(
    session: Session, customer_ids: Sequence[int], product_id: int
) -> dict[int, list[PhoneRow]]:
    rows = session.execute(_PHONES, {"ids": customer_ids}).all()
    blocked = do_not_call.blocked_keys(session, {row.number_key for row in rows}, product_id)
    phones: dict[int, list[PhoneRow]] = defaultdict(list)
    for row in rows:
        phones[row[0]].append(PhoneRow(*row[1:], blocked=row.number_key in blocked))
    return phones


def _attempts(
    session: Session, customer_ids: Sequence[int], number_keys: set[str], since: datetime
) -> list[PastAttempt]:
    values = {"ids": customer_ids, "keys": list(number_keys), "since": since}
    return [
        PastAttempt(*row[:9], abandoned=bool(row[9]), ended_at=row[10], inbound=row[11])
        for row in session.execute(_ATTEMPTS, values)
    ]


# Built once: making a statement anew for every lease costs more than running it.
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_PRODUCT = select(Campaign.product_id).where(Campaign.id == bindparam("campaign_id"))
_CUSTOMERS = select(
    Customer.id,
    Customer.hold_until,
    Customer.hold_reason,
    Customer.contact_from_minute,
    Customer.contact_until_minute,
    Customer.contact_wish_ends_on,
).where(Customer.id.in_(_IDS))
_PHONES = (
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
_ATTEMPTS = (
    select(
        Attempt.id,
        Attempt.campaign_id,
        Attempt.customer_id,
        Attempt.number_key,
        Attempt.leased_at,
        Attempt.placed_at,
        Attempt.counts,
        Attempt.open,
        AttemptOutcome.outcome,
        AttemptOutcome.abandoned,
        AttemptOutcome.at,
        Attempt.inbound,
    )
    .outerjoin(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
    .where(
        or_(
            Attempt.customer_id.in_(_IDS),
            Attempt.number_key.in_(bindparam("keys", expanding=True)),
        ),
        Attempt.leased_at >= bindparam("since"),
        or_(Attempt.inbound.is_(False), Attempt.open),
    )
    .order_by(Attempt.leased_at, Attempt.id)
)
