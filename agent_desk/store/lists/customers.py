"""A row of a file written as a customer: sealed, findable, with numbers and debt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from agent_desk.models.customers import Customer, Debt, Phone
from agent_desk.store.campaigns import campaigns
from agent_desk.store.customers import search_keys
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class Target:
    """Where the rows go. `source` is whose external ids the file holds."""

    batch_id: int
    list_id: int
    product_id: int
    source: str
    at: datetime


@dataclass
class Known:
    """One customer as far as matching needs it."""

    id: int
    external_id: str | None
    kana_key: str | None
    name_key: str
    number_keys: set[str] = field(default_factory=set)


class CustomerWriter:
    """Writes customers of one target."""

    def __init__(self, session: Session, sealer: Sealer, target: Target) -> None:
        self._session = session
        self._sealer = sealer
        self._target = target

    def write(
        self, record: Record, form: str, known: Known | None, keys: Mapping[str, tuple[str, str]]
    ) -> Known:
        """The customer of a row, added or brought up to date.

        `form` is the name as names are compared, `keys` the number keys with (E.164, kind).
        """
        gone: set[str] = set()
        if known is not None and record.fields:
            gone = search_keys.field_keys_now(self._session, self._sealer, known.id)
        known = self._write_customer(record, form, known)
        numbers = tuple(e164 for e164, _ in keys.values())
        found_by = search_keys.Findable(form, record.kana, numbers, record.fields)
        wanted = search_keys.keys_of(self._sealer, found_by)
        search_keys.write(self._session, known.id, wanted, gone=gone)
        self._write_phones(known, keys)
        self._write_debt(record, known.id)
        return known

    def _write_customer(self, record: Record, form: str, known: Known | None) -> Known:
        sealer = self._sealer
        values: dict[str, Any] = {
            "name_sealed": sealer.seal(record.name),
            "name_key": sealer.name_key(form),
            "updated_at": self._target.at,
        }
        if record.external_id:
            values |= {"source": self._target.source, "external_id": record.external_id}
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
            places = [list(place) for place in record.areas]
            values["areas_sealed"] = sealer.seal(json.dumps(places, ensure_ascii=False))
        if record.fields:
            pairs = [list(pair) for pair in record.fields]
            values["fields_sealed"] = sealer.seal(json.dumps(pairs, ensure_ascii=False))
        if known is None:
            values.setdefault("source", self._target.source)
            row = self._session.execute(
                insert(Customer).values(created_at=self._target.at, **values)
            )
            known = Known(
                int(row.inserted_primary_key[0]),  # type: ignore[attr-defined]
                record.external_id,
                values.get("kana_key"),
                values["name_key"],
            )
        else:
            where = Customer.id == known.id
            self._session.execute(update(Customer).where(where).values(**values))
            known.kana_key = values.get("kana_key", known.kana_key)
            known.external_id = record.external_id or known.external_id
        return known

    def _write_phones(self, known: Known, keys: Mapping[str, tuple[str, str]]) -> None:
        position = len(known.number_keys)
        rows = []
        work = [key for key, (_, kind) in keys.items() if kind == "work"]
        if known.number_keys & set(work):
            # A number that turns out to be the place of work is one from now on (R34).
            own = (Phone.customer_id == known.id, Phone.number_key.in_(work))
            self._session.execute(update(Phone).where(*own).values(kind="work"))
        for key, (e164, kind) in keys.items():
            if key not in known.number_keys:
                position += 1
                rows.append(
                    {
                        "customer_id": known.id,
                        "position": position,
                        "kind": kind,
                        "number_sealed": self._sealer.seal(e164),
                        "number_key": key,
                        "created_at": self._target.at,
                    }
                )
                known.number_keys.add(key)
        if rows:
            self._session.execute(insert(Phone), rows)

    def _write_debt(self, record: Record, customer_id: int) -> None:
        if record.amount_yen is None:
            return
        product_id = self._target.product_id
        if record.product:
            product_id = campaigns.add_product(self._session, record.product)
        due_on = None if record.due_on is None else date.fromisoformat(record.due_on)
        where = (
            Debt.customer_id == customer_id,
            Debt.product_id == product_id,
            Debt.external_id == "",
        )
        closed_at = None if record.amount_yen else self._target.at  # nothing is left to pay
        values = {"amount_yen": record.amount_yen, "due_on": due_on, "closed_at": closed_at}
        done = self._session.execute(update(Debt).where(*where).values(**values))
        if done.rowcount == 0:  # type: ignore[attr-defined]
            key = {"customer_id": customer_id, "product_id": product_id}
            self._session.execute(insert(Debt).values(**key, **values, created_at=self._target.at))
