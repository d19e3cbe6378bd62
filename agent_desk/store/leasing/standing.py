"""What stands for or against people and numbers, from seven small tables in one question.

Each of these tables has few rows for a candidate, most have none. Asked one by one they would cost
a database across a socket more than everything else of a lease.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Date,
    Select,
    String,
    bindparam,
    cast,
    exists,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from agent_desk.dialer.rules.facts import Hold
from agent_desk.models.base import UtcDateTime
from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Debt, DoNotCall
from agent_desk.models.results import Callback, Promise
from agent_desk.models.rules import AreaHold, CustomerHold, Override
from agent_desk.store import straight
from agent_desk.store.leasing.candidates import EntryRow
from agent_desk.store.rules import holds
from agent_desk.store.rules.settings import OverrideRow

NUMBER_PREFIX = "number_prefix"


@dataclass(frozen=True)
class AreaHoldRow:
    """An area nobody is called in until an instant; a number prefix is in E.164."""

    hold_id: int
    kind: str
    value: str
    area_key: str
    until: datetime


@dataclass
class Person:
    """What the small tables say of one customer."""

    owed: list[bool] = field(default_factory=list)  # each debt of the product: still open?
    overdue_since: date | None = None  # the due date of the oldest open debt of any product
    promise_due: date | None = None
    blocked: bool = False
    refused: bool = False
    holds: list[Hold] = field(default_factory=list)
    overrides: list[OverrideRow] = field(default_factory=list)

    @property
    def owes(self) -> bool:
        """True also of somebody whose debts nobody told us."""
        return any(self.owed) or not self.owed


@dataclass
class Standing:
    """By customer id, list entry id and number key; areas and their overrides are everybody's."""

    people: dict[int, Person] = field(default_factory=lambda: defaultdict(Person))
    callbacks: dict[int, datetime] = field(default_factory=dict)
    blocked_numbers: set[str] = field(default_factory=set)
    refused_numbers: set[str] = field(default_factory=set)
    of_numbers: dict[str, list[OverrideRow]] = field(default_factory=lambda: defaultdict(list))
    of_areas: list[tuple[str, OverrideRow]] = field(default_factory=list)
    areas: list[AreaHoldRow] = field(default_factory=list)


def standing(
    session: Session,
    campaign_id: int,
    entries: Sequence[EntryRow],
    keys: set[str],
    now: datetime,
) -> Standing:
    """What is known of the entries' customers and of these number keys for a campaign's product."""
    values = {
        "campaign_id": campaign_id,
        "ids": [entry.customer_id for entry in entries],
        "entry_ids": [entry.list_entry_id for entry in entries],
        "keys": list(keys),
        "now": now,
    }
    found = Standing()
    for row in straight.rows(session, _STANDING, values):
        _NOTE[row.kind](found, row)
    return found


def _debt(found: Standing, row: Any) -> None:
    person, is_open = found.people[row.whose], row.at is None
    if row.flag:
        person.owed.append(is_open)
    if is_open and row.on is not None:
        person.overdue_since = min(row.on, person.overdue_since or row.on)


def _promise(found: Standing, row: Any) -> None:
    person = found.people[row.whose]
    person.promise_due = max(row.on, person.promise_due or row.on)


def _callback(found: Standing, row: Any) -> None:
    found.callbacks[row.whose] = min(row.at, found.callbacks.get(row.whose, row.at))


def _bar(found: Standing, row: Any) -> None:
    """`flag`: for the product only (R38)."""
    if row.whose is not None:
        person = found.people[row.whose]
        person.blocked, person.refused = person.blocked or not row.flag, person.refused or row.flag
    if row.number_key:
        numbers = found.refused_numbers if row.flag else found.blocked_numbers
        numbers.add(row.number_key)


def _hold(found: Standing, row: Any) -> None:
    found.people[row.whose].holds.append(Hold(row.word, row.at))


def _override(found: Standing, row: Any) -> None:
    override = OverrideRow(row.row_id, row.word, row.at, row.flag)
    if row.number_key is not None:
        found.of_numbers[row.number_key].append(override)
    elif row.whose is not None:
        found.people[row.whose].overrides.append(override)
    else:
        found.of_areas.append((row.area_key, override))


def _area(found: Standing, row: Any) -> None:
    found.areas.append(AreaHoldRow(row.row_id, row.word, row.value, row.area_key, row.at))


_NOTE = {
    "debt": _debt,
    "promise": _promise,
    "callback": _callback,
    "bar": _bar,
    "hold": _hold,
    "override": _override,
    "area": _area,
}
# Built once: each lease asks. Every part has every column, and says which type an empty one has:
# PostgreSQL takes two that say nothing for text.
_EMPTY = {
    "row_id": cast(null(), BigInteger),
    "whose": cast(null(), BigInteger),
    "number_key": cast(null(), String),
    "area_key": cast(null(), String),
    "word": cast(null(), String),
    "value": cast(null(), String),
    "on": cast(null(), Date),
    "at": cast(null(), UtcDateTime),
    "flag": cast(null(), Boolean),
}


def _part(kind: str, **columns: Any) -> Select[*tuple[Any, ...]]:
    every = [columns.get(name, empty).label(name) for name, empty in _EMPTY.items()]
    return select(literal_column(f"'{kind}'").label("kind"), *every)


_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_ENTRY_IDS: BindParameter[int] = bindparam("entry_ids", expanding=True)
_KEYS: BindParameter[str] = bindparam("keys", expanding=True)
_NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())
_PRODUCT = (
    select(Campaign.product_id).where(Campaign.id == bindparam("campaign_id")).scalar_subquery()
)
# Somebody else's word is no wish of the person's to be called sooner (R12).
_ASKED_BY_ANOTHER = (
    exists().where(Call.id == Callback.call_id, Call.identity == "third_party").correlate(Callback)
)
_STANDING = union_all(
    _part(
        "debt",
        whose=Debt.customer_id,
        flag=Debt.product_id == _PRODUCT,
        on=Debt.due_on,
        at=Debt.closed_at,
    ).where(Debt.customer_id.in_(_IDS)),
    _part("promise", whose=Promise.customer_id, on=Promise.due_on).where(
        Promise.customer_id.in_(_IDS), Promise.state == "open"
    ),
    _part("callback", whose=Callback.list_entry_id, at=Callback.due_at).where(
        Callback.list_entry_id.in_(_ENTRY_IDS), Callback.state == "open", ~_ASKED_BY_ANOTHER
    ),
    _part(
        "bar",
        whose=DoNotCall.customer_id,
        number_key=DoNotCall.number_key,
        flag=DoNotCall.product_id.is_not(None),
    ).where(
        or_(DoNotCall.number_key.in_(_KEYS), DoNotCall.customer_id.in_(_IDS)),
        DoNotCall.lifted_at.is_(None),
        or_(DoNotCall.product_id.is_(None), DoNotCall.product_id == _PRODUCT),
    ),
    _part(
        "hold",
        whose=CustomerHold.customer_id,
        word=CustomerHold.reason,
        at=CustomerHold.until,
    ).where(CustomerHold.customer_id.in_(_IDS), holds.in_force(_NOW)),
    _part(
        "override",
        row_id=Override.id,
        word=Override.rule_id,
        at=Override.until,
        flag=Override.manual_only,
        whose=Override.customer_id,
        number_key=Override.number_key,
        area_key=Override.area_key,
    ).where(
        Override.until > _NOW,
        Override.lifted_at.is_(None),
        or_(
            Override.customer_id.in_(_IDS),
            Override.number_key.in_(_KEYS),
            Override.area_key.is_not(None),
        ),
    ),
    _part(
        "area",
        row_id=AreaHold.id,
        word=AreaHold.kind,
        value=AreaHold.value,
        area_key=AreaHold.area_key,
        at=AreaHold.until,
    ).where(AreaHold.until > _NOW, AreaHold.released_at.is_(None)),
)
