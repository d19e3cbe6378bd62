"""The hashes a customer is found by, and keeping them true to what the customer's row says.

Beside the beginnings of name and kana (`store/sealing.py`) they are the last four digits of each
number and each value of the columns of the customer's file (業種=建設業), which filters ask for.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.customers import Customer, SearchKey
from agent_desk.store.sealing import Sealer

LONGEST_VALUE = 60  # what is longer is a text, which nobody filters by
MOST_FIELDS = 30


@dataclass(frozen=True)
class Findable:
    """What a customer can be found by. `form` is the name as names are compared."""

    form: str
    kana: str | None
    numbers: tuple[str, ...] = ()  # E.164
    fields: tuple[tuple[str, str], ...] = ()


def plain(text: str) -> str:
    """A value of a file's column as values are compared: widths unified, no spaces, any case."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def last4_key(sealer: Sealer, digits: str) -> str:
    """The key of the last four digits of a number."""
    return sealer.search_key("last4", digits[-4:])


def field_key(sealer: Sealer, name: str, value: str) -> str:
    """The key of one value of a column of the customer's file."""
    return sealer.search_key("field", f"{plain(name)}\0{plain(value)}")


def keys_of(sealer: Sealer, found_by: Findable) -> set[str]:
    """Every key of a customer."""
    fields = [
        field_key(sealer, name, value)
        for name, value in found_by.fields[:MOST_FIELDS]
        if 0 < len(plain(value)) <= LONGEST_VALUE
    ]
    return {
        *sealer.name_keys(found_by.form),
        *sealer.kana_keys(found_by.kana or ""),
        *(last4_key(sealer, number) for number in found_by.numbers),
        *fields,
    }


def field_keys_now(session: Session, sealer: Sealer, customer_id: int) -> set[str]:
    """The keys of the file's columns as the customer's row has them now."""
    return field_keys_of(session, sealer, [customer_id]).get(customer_id, set())


def field_keys_of(
    session: Session, sealer: Sealer, customer_ids: Sequence[int]
) -> dict[int, set[str]]:
    """The same of several customers, by id."""
    found = {}
    if customer_ids:
        asked = {"ids": list(customer_ids)}
        for customer_id, sealed in session.connection().execute(_FIELDS, asked):
            fields = tuple(
                (str(name), str(value)) for name, value in json.loads(sealer.open(sealed))
            )
            found[customer_id] = keys_of(sealer, Findable("", None, fields=fields))
    return found


def write(
    session: Session, customer_id: int, wanted: Iterable[str], *, gone: Iterable[str] = ()
) -> None:
    """Add the keys that are missing and take out those that are true no more."""
    write_all(session, {customer_id: set(wanted)}, gone={customer_id: set(gone)})


def write_all(
    session: Session, wanted: Mapping[int, set[str]], *, gone: Mapping[int, set[str]]
) -> None:
    """The same of several customers, by id."""
    if not wanted:
        return
    connection = session.connection()
    held: dict[int, set[str]] = defaultdict(set)
    for customer_id, key in connection.execute(_HELD, {"ids": list(wanted)}):
        held[customer_id].add(key)
    stale = [
        {"whose": customer_id, "which": key}
        for customer_id, keys in gone.items()
        for key in (keys - wanted[customer_id]) & held[customer_id]
    ]
    if stale:
        connection.execute(_TAKE_OUT, stale)
    missing = sorted(
        (key, customer_id)
        for customer_id, keys in wanted.items()
        for key in keys - held[customer_id]
    )
    if missing:  # in the order of the index
        rows = [{"key": key, "customer_id": customer_id} for key, customer_id in missing]
        connection.execute(_ADD, rows)


def replace(session: Session, customer_id: int, wanted: set[str]) -> None:
    """Make these the customer's keys, and no others."""
    held = set(session.scalars(select(SearchKey.key).where(SearchKey.customer_id == customer_id)))
    write(session, customer_id, wanted, gone=held)


_KEYS: Any = SearchKey.__table__
# Built once: imports ask with each portion of their rows.
_FIELDS: Any = select(Customer.id, Customer.fields_sealed).where(
    Customer.id.in_(bindparam("ids", expanding=True)), Customer.fields_sealed.is_not(None)
)
_HELD = select(SearchKey.customer_id, SearchKey.key).where(
    SearchKey.customer_id.in_(bindparam("ids", expanding=True))
)
_TAKE_OUT = delete(_KEYS).where(
    _KEYS.c.customer_id == bindparam("whose"), _KEYS.c.key == bindparam("which")
)
_ADD = insert(_KEYS)
