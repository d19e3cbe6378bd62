"""Rows of a file with everything in them sealed or hashed, ready to be matched and written.

Sealing and hashing one row costs several times what writing it does, so the worker does it; the
desk compares keys and writes bytes. On the wire a row is JSON with its bytes in base64.
"""

from __future__ import annotations

import json
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent_desk.store.customers import search_keys
from agent_desk.store.lists.batches import seal_cells
from agent_desk.store.lists.import_rows import Record, Row
from agent_desk.store.sealing import Sealer

_TEXTS = ("kana_key", "prefecture_key", "city_key", "postcode_key", "postcode_area_key")


@dataclass(frozen=True)
class PreparedPhone:
    """One number: its key, its kind, and itself sealed."""

    key: str
    kind: str
    sealed: bytes


@dataclass(frozen=True)
class Person:
    """Somebody a row means. `columns` are those of `customers` that the row says anything of."""

    external_id: str | None
    name_key: str
    kana_key: str | None
    phones: tuple[PreparedPhone, ...]
    columns: Mapping[str, Any]
    search_keys: tuple[str, ...]
    product: str | None
    amount_yen: int | None
    due_on: str | None

    @property
    def number_keys(self) -> set[str]:
        """The keys of the numbers."""
        return {phone.key for phone in self.phones}


@dataclass(frozen=True)
class Prepared:
    """One row: somebody, or the reason why nobody; its cells for an error file."""

    row_no: int
    cells_sealed: bytes
    person: Person | None
    reason: str | None

    def to_wire(self) -> dict[str, Any]:
        """As JSON types."""
        return {
            "row_no": self.row_no,
            "cells": b64encode(self.cells_sealed).decode(),
            "reason": self.reason,
            "person": None if self.person is None else _person_to_wire(self.person),
        }

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Prepared:
        """Back from JSON; raises KeyError, TypeError or ValueError for what is no row."""
        person, reason = data["person"], data["reason"]
        return cls(
            int(data["row_no"]),
            _bytes(data["cells"]),
            None if person is None else _person_from_wire(person),
            None if reason is None else str(reason)[:64],
        )


def prepare(sealer: Sealer, row: Row, name_form: Callable[[str], str]) -> Prepared:
    """A row of a file; `name_form` is the form names are compared in."""
    person = None
    if row.record is not None:
        record = row.record
        keys = {sealer.number_key(e164): (e164, kind) for e164, kind in record.numbers}
        person = prepare_person(sealer, record, name_form(record.name), keys)
    return Prepared(row.row_no, seal_cells(sealer, row.cells), person, row.reason)


def prepare_person(
    sealer: Sealer, record: Record, form: str, keys: Mapping[str, tuple[str, str]]
) -> Person:
    """Somebody, sealed; `keys` are the number keys with (E.164, kind)."""
    numbers = tuple(e164 for e164, _ in keys.values())
    found_by = search_keys.Findable(form, record.kana, numbers, record.fields)
    columns = _columns(sealer, record, form)
    return Person(
        external_id=record.external_id,
        name_key=columns["name_key"],
        kana_key=columns.get("kana_key"),
        phones=tuple(
            PreparedPhone(key, kind, sealer.seal(e164)) for key, (e164, kind) in keys.items()
        ),
        columns=columns,
        search_keys=tuple(sorted(search_keys.keys_of(sealer, found_by))),
        product=record.product,
        amount_yen=record.amount_yen,
        due_on=record.due_on,
    )


def _columns(sealer: Sealer, record: Record, form: str) -> dict[str, Any]:
    """The columns of `customers` a record says anything of."""
    values: dict[str, Any] = {
        "name_sealed": sealer.seal(record.name),
        "name_key": sealer.name_key(form),
    }
    if record.external_id:
        values["external_id"] = record.external_id
    if record.kana:
        values["kana_sealed"] = sealer.seal(record.kana)
        values["kana_key"] = sealer.kana_key(record.kana)
    for column in ("birth_date", "address_town", "member_last4"):
        if text := getattr(record, column):
            values[f"{column}_sealed"] = sealer.seal(text)
    for kind, value in record.areas:
        values[f"{kind}_key"] = sealer.area_key(kind, value)
        if kind == "postcode":
            # Holds name a whole postcode, or the region of its first three digits.
            values["postcode_area_key"] = sealer.area_key(kind, value[:3])
    if record.areas:
        values["areas_sealed"] = _sealed_pairs(sealer, record.areas)
    if record.fields:
        values["fields_sealed"] = _sealed_pairs(sealer, record.fields)
    return values


def _sealed_pairs(sealer: Sealer, pairs: tuple[tuple[str, str], ...]) -> bytes:
    return sealer.seal(json.dumps([list(pair) for pair in pairs], ensure_ascii=False))


def _person_to_wire(person: Person) -> dict[str, Any]:
    columns = {
        name: b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in person.columns.items()
    }
    return {
        "phones": [[p.key, p.kind, b64encode(p.sealed).decode()] for p in person.phones],
        "columns": columns,
        "search_keys": list(person.search_keys),
        "product": person.product,
        "amount_yen": person.amount_yen,
        "due_on": person.due_on,
    }


def _bytes(text: str) -> bytes:
    """What base64 stands for; ValueError for anything else. Of `base64`'s cost, a third."""
    return a2b_base64(text, strict_mode=True)


def _person_from_wire(data: Mapping[str, Any]) -> Person:
    columns: dict[str, Any] = {}
    for name, value in data["columns"].items():
        if name in _SEALED:
            columns[name] = _bytes(value)
        elif name in _KEYS:
            columns[name] = str(value)
        else:
            raise ValueError(name)
    amount = data["amount_yen"]
    return Person(
        external_id=columns.get("external_id"),
        name_key=columns["name_key"],
        kana_key=columns.get("kana_key"),
        phones=tuple(
            PreparedPhone(str(key), str(kind), _bytes(sealed))
            for key, kind, sealed in data["phones"]
        ),
        columns=columns,
        search_keys=tuple(str(key) for key in data["search_keys"]),
        product=data["product"],
        amount_yen=None if amount is None else int(amount),
        due_on=data["due_on"],
    )


_SEALED = frozenset(
    {
        "name_sealed",
        "kana_sealed",
        "birth_date_sealed",
        "address_town_sealed",
        "member_last4_sealed",
        "areas_sealed",
        "fields_sealed",
    }
)
_KEYS = frozenset({"name_key", "external_id", *_TEXTS})
