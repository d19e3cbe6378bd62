"""The hashes a customer is found by, and keeping them true to what the customer's row says.

Beside the beginnings of name and kana (`store/sealing.py`) they are the last four digits of each
number and each value of the columns of the customer's file (業種=建設業), which filters ask for.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
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
    sealed = session.scalar(select(Customer.fields_sealed).where(Customer.id == customer_id))
    if sealed is None:
        return set()
    fields = tuple((str(name), str(value)) for name, value in json.loads(sealer.open(sealed)))
    return keys_of(sealer, Findable("", None, fields=fields))


def write(
    session: Session, customer_id: int, wanted: Iterable[str], *, gone: Iterable[str] = ()
) -> None:
    """Add the keys that are missing and take out those that are true no more."""
    wanted = set(wanted)
    mine = SearchKey.customer_id == customer_id
    held = set(session.scalars(select(SearchKey.key).where(mine)))
    stale = (set(gone) - wanted) & held
    if stale:
        session.execute(delete(SearchKey).where(mine, SearchKey.key.in_(stale)))
    rows = [{"customer_id": customer_id, "key": key} for key in sorted(wanted - held)]
    if rows:
        session.execute(insert(SearchKey), rows)


def replace(session: Session, customer_id: int, wanted: set[str]) -> None:
    """Make these the customer's keys, and no others."""
    held = set(session.scalars(select(SearchKey.key).where(SearchKey.customer_id == customer_id)))
    write(session, customer_id, wanted, gone=held)
