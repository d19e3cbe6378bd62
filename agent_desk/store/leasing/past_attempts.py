"""The attempts of the last months on a customer and on each number, as the rules look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import business_date
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import StatusMark
from agent_desk.store import straight

# The longest window a rule of calling may look back on (R14: 90 days), and a day.
LOOK_BACK = timedelta(days=91)
# Statuses only the person meant can have been given (the right party).
RIGHT_PARTY = ("valid", "payment_date")
# Whoever hangs up sooner has not listened (R38-REVIEW).
AT_ONCE = timedelta(seconds=10)


@dataclass(frozen=True)
class PastAttempt:
    """One attempt of the last 91 days. `outcome` is None while it is open.

    A call that came in is one only while it is open: nobody is called who is on the line with us.
    `talked`: an operator talked with the person meant; `third_party`: somebody else answered;
    `hung_up`: whoever answered hung up, on us or on an operator, before anything was said.
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
    list_id: int | None = None
    product_id: int | None = None
    talked: bool = False
    third_party: bool = False
    hung_up: bool = False


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

    def when_over(self, call_id: str) -> Ledger:
        """As it will be when this call, which may still live, has ended: one more that counts."""

        def ended(past: tuple[PastAttempt, ...]) -> tuple[PastAttempt, ...]:
            return tuple(
                replace(each, open=False, counts=not each.inbound)
                if each.open and each.call_id == call_id
                else each
                for each in past
            )

        of_number = {key: ended(past) for key, past in self.of_number.items()}
        return Ledger(ended(self.of_customer), of_number)

    def counted_on(self, day: date) -> int:
        """How many attempts on the customer count towards the cap of that JST day."""
        return sum(
            attempt.counts and business_date(attempt.leased_at) == day
            for attempt in self.of_customer
        )


def attempts_since(
    session: Session,
    customer_ids: Sequence[int],
    number_keys: set[str],
    since: datetime,
) -> list[PastAttempt]:
    """Attempts on any of these people or numbers, oldest first."""
    values = {"ids": customer_ids, "keys": list(number_keys), "since": since}
    found = []
    for row in straight.rows(session, _ATTEMPTS, values):
        identity = row.identity
        talked = identity == "verified" or (bool(row.marked) and identity != "third_party")
        found.append(
            PastAttempt(
                call_id=row.id,
                campaign_id=row.campaign_id,
                customer_id=row.customer_id,
                number_key=row.number_key,
                leased_at=row.leased_at,
                placed_at=row.placed_at,
                counts=row.counts,
                open=row.open,
                outcome=row.outcome,
                abandoned=bool(row.abandoned),
                ended_at=row.at,
                inbound=row.inbound,
                list_id=row.list_id,
                product_id=row.product_id,
                talked=talked,
                third_party=identity == "third_party",
                hung_up=not talked and _hung_up(row),
            )
        )
    return found


def _hung_up(row: Any) -> bool:
    if row.outcome == "human" and row.by == "customer" and row.bridged_at is not None:
        return bool(row.at - row.bridged_at < AT_ONCE)
    return bool(row.outcome == "hung_up_at_once")


def ledger_of(
    customer_id: int, number_keys: Sequence[str], attempts: Sequence[PastAttempt]
) -> Ledger:
    """What of these attempts concerns one customer with these number keys."""
    of_number: dict[str, tuple[PastAttempt, ...]] = {
        key: tuple(a for a in attempts if a.number_key == key) for key in number_keys
    }
    return Ledger(tuple(a for a in attempts if a.customer_id == customer_id), of_number)


# Built once: making a statement anew for every lease costs more than running it. Not joined where a
# key leads to one row: PostgreSQL thinks about the order of joins for longer than the answer takes.
_LIST = (
    select(ListEntry.list_id)
    .where(ListEntry.id == Attempt.list_entry_id)
    .correlate(Attempt)
    .scalar_subquery()
)
_PRODUCT = (
    select(Campaign.product_id)
    .where(Campaign.id == Attempt.campaign_id)
    .correlate(Attempt)
    .scalar_subquery()
)
_MARKED = (
    exists()
    .where(
        StatusMark.call_id == Attempt.id,
        StatusMark.code.in_(RIGHT_PARTY),
        StatusMark.marked,
        StatusMark.current,
    )
    .correlate(Attempt)
)
_ATTEMPTS: Select[*tuple[Any, ...]] = (
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
        AttemptOutcome.by,
        Attempt.inbound,
        _LIST.label("list_id"),
        Call.identity,
        Call.bridged_at,
        _PRODUCT.label("product_id"),
        _MARKED.label("marked"),
    )
    .outerjoin(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
    .outerjoin(Call, Call.id == Attempt.id)
    .where(
        or_(
            Attempt.customer_id.in_(bindparam("ids", expanding=True)),
            Attempt.number_key.in_(bindparam("keys", expanding=True)),
        ),
        Attempt.leased_at >= bindparam("since"),
        or_(Attempt.inbound.is_(False), Attempt.open),
    )
    .order_by(Attempt.leased_at, Attempt.id)
)
