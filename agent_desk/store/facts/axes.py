"""What calls can be counted by: time, people, campaigns, how they ended, what files said.

An axis gives each call one code (a call has several statuses; it is counted under each), and each
code its name. Codes mean the same in every month, so months can be added up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, Product
from agent_desk.models.customers import Customer
from agent_desk.models.lists import CustomerList
from agent_desk.models.users import Team, User
from agent_desk.store.facts import months
from agent_desk.store.facts.layout import CALL_FACTS
from agent_desk.store.facts.people import THE_REST
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.status_sets import StatusSets

FIELD = "field:"  # begins the code of an axis that is a field of customers' files
STATUS = "status"
WORDS = (
    "outcome",
    "blame",
    "ended_by",
    "verdict",
    "identity",
    "trunk",
    "gateway",
    "caller_id",
    "line",
    "counterpart",
)
NUMBERS = ("sip_code", "q850", "number_today", "try_number")
TIMES: Mapping[str, Callable[[Column], Column]] = {
    "month": months.months_of,
    "day": months.day_numbers,
    "weekday": months.weekdays,
    "hour": months.hours,
}
NAMED: Mapping[str, tuple[str, Any, Any]] = {
    # axis → (column of the facts, the row's id, its name)
    "operator": ("user", User.id, User.name),
    "campaign": ("campaign", Campaign.id, Campaign.name),
    "list": ("list", CustomerList.id, CustomerList.name),
}
THROUGH: Mapping[str, tuple[str, Any, Any, Any, Any]] = {
    # axis → (column, id of its row, id it leads to, that row's id, its name)
    "team": ("user", User.id, User.team_id, Team.id, Team.name),
    "product": ("campaign", Campaign.id, Campaign.product_id, Product.id, Product.name),
}
OF_CUSTOMERS: Mapping[str, Any] = {
    "delinquency": Customer.delinquency,
    "vip": Customer.vip,
    "source": Customer.source,
}
CODES = (*TIMES, *NAMED, *THROUGH, STATUS, *WORDS, *NUMBERS, *OF_CUSTOMERS)


class UnknownAxis(ValueError):
    """There is nothing of that name to count by."""


@dataclass(frozen=True)
class Axis:
    """How to find the codes of calls, and the names of codes."""

    code: str
    columns: tuple[str, ...]  # of the facts, that `codes` needs
    codes: Callable[[Mapping[str, Column]], Column] = field(repr=False)
    names: Callable[[Sequence[int]], list[str]] = field(repr=False)


def find(code: str, facts: Facts, session: Session) -> Axis:
    """The axis of that name; raises `UnknownAxis`."""
    if code in TIMES:
        return Axis(code, ("leased",), lambda read: TIMES[code](read["leased"]), _time_names(code))
    if code in NAMED:
        column, key, name = NAMED[code]
        known = {int(each): str(said) for each, said in session.execute(select(key, name))}
        return Axis(code, (column,), lambda read: read[column], _looked_up(known))
    if code in THROUGH:
        return _through(code, session)
    if code == STATUS:
        return _status(facts)
    if code in WORDS:
        words = facts.words(CALL_FACTS[code].words or code)
        return Axis(code, (code,), lambda read: read[code], _looked_up(dict(enumerate(words))))
    if code in NUMBERS:
        return Axis(code, (code,), lambda read: read[code], _numbers)
    if code in OF_CUSTOMERS:
        return _of_customers(code, session)
    name = code.removeprefix(FIELD)
    if code.startswith(FIELD) and name in facts.fields():
        return _field(name, facts)
    raise UnknownAxis(code)


def all_codes(facts: Facts) -> list[str]:
    """Every axis there is now: what is stored, and what files said."""
    return [*CODES, *(f"{FIELD}{name}" for name in facts.fields())]


def _through(code: str, session: Session) -> Axis:
    column, key, to, there, name = THROUGH[code]
    led = {int(each): int(found or 0) for each, found in session.execute(select(key, to))}
    known = {int(each): str(said) for each, said in session.execute(select(there, name))}
    table = _table(led)
    return Axis(code, (column,), lambda read: _taken(table, read[column]), _looked_up(known))


def _of_customers(code: str, session: Session) -> Axis:
    """Columns that are not sealed are asked for; they change without notice."""
    words: dict[str, int] = {"": 0}
    led = {
        int(key): words.setdefault("" if said is None else str(said), len(words))
        for key, said in session.execute(select(Customer.id, OF_CUSTOMERS[code]))
    }
    table = _table(led)
    known = {number: word for word, number in words.items()}
    return Axis(
        code, ("customer",), lambda read: _taken(table, read["customer"]), _looked_up(known)
    )


def _field(name: str, facts: Facts) -> Axis:
    table = facts.field(name)
    words = facts.words(f"{FIELD}{name}")
    known = {number: "…" if word == THE_REST else word for number, word in enumerate(words)}
    code = f"{FIELD}{name}"
    return Axis(
        code, ("customer",), lambda read: _taken(table, read["customer"]), _looked_up(known)
    )


def _status(facts: Facts) -> Axis:
    """The set of a call; `pivot` counts it under each of its statuses."""
    sets = StatusSets(facts.words("statuses"))
    return Axis(
        STATUS,
        ("statuses",),
        lambda read: read["statuses"],
        _looked_up(dict(enumerate(sets.codes))),
    )


def _table(led: Mapping[int, int]) -> Column:
    """By id, what it leads to; 0 for ids nobody has."""
    found = np.zeros(max(led, default=0) + 1, np.int64)
    found[list(led)] = list(led.values())
    return found


def _taken(table: Column, ids: Column) -> Column:
    """What each id leads to; 0 for those beyond the table."""
    return np.where(ids < len(table), table[np.minimum(ids, len(table) - 1)], 0)


def _looked_up(known: Mapping[int, str]) -> Callable[[Sequence[int]], list[str]]:
    return lambda codes: [known.get(int(code), "") for code in codes]


def _numbers(codes: Sequence[int]) -> list[str]:
    return ["" if code < 0 else str(int(code)) for code in codes]


def _time_names(code: str) -> Callable[[Sequence[int]], list[str]]:
    if code == "month":
        return lambda codes: [months.name_of(int(each)) for each in codes]
    if code == "day":
        return lambda codes: [str(np.datetime64(int(each), "D")) for each in codes]
    return lambda codes: [str(int(each)) for each in codes]
