"""What the files said of each customer, as codes: every imported field can be counted by.

The columns of a customer's file are sealed in one piece, so a report by one of them would have to
open every customer. Here each field is a column of codes, kept by customer: what a call is counted
under is what is known of the customer now, not what was known when it was made.

Once a person is erased, the words nobody else has go too (`FactWriter`).

A field with more than `MOST` different values (notes, names of streets) has the rest counted
together: nobody reads a table of a hundred thousand lines, and its words would fill the memory.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.base import from_microseconds
from agent_desk.models.customers import Customer
from agent_desk.store.facts import merging
from agent_desk.store.facts.layout import ALWAYS, KEY, PEOPLE, REPLACED
from agent_desk.store.facts.manifest import Manifest
from agent_desk.store.facts.portions import LATE_US, Portion
from agent_desk.store.facts.segments import Column, Segment
from agent_desk.store.facts.words import Words
from agent_desk.store.sealing import Sealer

MOST = 20_000
THE_REST = "\x00"  # the word of values beyond the most
FIELDS = "fields"  # the namespace of the fields' names
AREA = "@"  # before the names of areas worked out from the address: `@prefecture`
PREFIX = "f"  # of a field's column: the code of its name follows

_COLUMNS: Any = select(
    Customer.id, Customer.fields_sealed, Customer.areas_sealed, Customer.erased_at
)


def read(
    session: Session, was: Manifest, now: int, *, most: int, words: Words, sealer: Sealer
) -> Portion:
    """Up to `most` customers nobody has read yet; once there are no more, those changed since."""
    found, whole = _rows(session, was.customer_id, was.customers_updated, most)
    changes: dict[str, Any] = {"customer_id": max([was.customer_id, *(row[0] for row in found)])}
    # Who was erased before anything was read of them has left no words.
    erased = [row[0] for row in found if row[0] <= was.customer_id and row[3] is not None]
    changes["forgets"] = was.forgets or not {*erased} <= {*was.erased}
    if whole:
        changes["customers_updated"] = now - LATE_US
        changes["erased"] = erased
    parts = [(PEOPLE, ALWAYS, columns(found, sealer, words))] if found else []
    return Portion(parts, len(found), whole, changes)


def _rows(
    session: Session, known_id: int, known_updated: int, most: int
) -> tuple[list[Sequence[Any]], bool]:
    """(id, fields, areas, when erased), and whether that is all."""
    new = session.execute(
        _COLUMNS.where(Customer.id > known_id).order_by(Customer.id).limit(most)
    ).all()
    if len(new) == most:
        return list(new), False
    changed = session.execute(
        _COLUMNS.where(
            Customer.updated_at >= from_microseconds(known_updated), Customer.id <= known_id
        )
    ).all()
    return [*new, *changed], True


def columns(rows: Sequence[Sequence[Any]], sealer: Sealer, words: Words) -> dict[str, Column]:
    """What these customers' fields say, as columns of codes; a field nobody has is no column."""
    found: dict[int, Column] = {}
    keys = [row[0] for row in rows]
    by_field: dict[str, dict[int, str]] = defaultdict(dict)
    for place, row in enumerate(rows):
        for sealed, before in ((row[1], ""), (row[2], AREA)):
            for name, value in json.loads(sealer.open(sealed) or "[]") if sealed else ():
                by_field[before + name][place] = value
    for name, values in by_field.items():
        if not name:
            continue
        column = np.zeros(len(keys), "<u4")
        namespace = f"field:{name}"
        for place, value in values.items():
            column[place] = words.code_of_most(namespace, value, MOST, THE_REST)
        found[words.code(FIELDS, name)] = column
    identified = np.array(keys, "<u8")
    return {
        KEY: identified,
        REPLACED: np.unique(identified),
        **{f"{PREFIX}{code}": column for code, column in sorted(found.items())},
    }


def said(opened: Sequence[Segment], words: Words) -> dict[str, set[int]]:
    """By namespace, the codes that still stand for what a file says of somebody."""
    found: dict[str, set[int]] = {}
    for field, code in words.known(FIELDS).items():
        kept = found.setdefault(f"field:{field}", set())
        for each, held in zip(opened, merging.alive_rows(opened), strict=True):
            if f"{PREFIX}{code}" in each.names:
                values = each.column(f"{PREFIX}{code}")
                kept.update(np.unique(values if held is None else values[held]).tolist())
    return found
