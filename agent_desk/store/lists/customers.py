"""Rows of a file written as customers: sealed, findable, with numbers and debts.

What is sealed and hashed comes ready (`prepared.py`), made where there is time for it; here whole
deliveries are written by a handful of statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from agent_desk.models.customers import Customer, Debt, Phone, SearchKey
from agent_desk.store.campaigns import campaigns
from agent_desk.store.customers import search_keys
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.lists.prepared import Person, prepare_person
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class Target:
    """Where the rows go. `source` is whose external ids the file holds.

    `scope`: on which other lists a person may not be already: `list` (only this one), `product`
    (those of the product or of the campaign) or `system`.
    """

    batch_id: int
    list_id: int
    product_id: int
    source: str
    at: datetime
    scope: str = "product"


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
        self._products: dict[str, int] = {}

    def write(
        self, record: Record, form: str, known: Known | None, keys: Mapping[str, tuple[str, str]]
    ) -> Known:
        """The customer of a row, added or brought up to date.

        `form` is the name as names are compared, `keys` the number keys with (E.164, kind).
        """
        person = prepare_person(self._sealer, record, form, keys)
        if known is None:
            customer_id = self.add([person])[0]
            return Known(
                customer_id, person.external_id, person.kana_key, person.name_key, set(keys)
            )
        self.update(person, known)
        return known

    def add(self, people: Sequence[Person]) -> list[int]:
        """Customers nobody knew; their ids, in the same order."""
        if not people:
            return []
        at, source = self._target.at, self._target.source
        rows = [
            {**_EMPTY, **each.columns, "source": source, "created_at": at, "updated_at": at}
            for each in people
        ]
        statement = insert(_CUSTOMERS).returning(
            _CUSTOMERS.c.id, sort_by_parameter_order=len(rows) > 1
        )
        connection = self._session.connection()
        ids = [int(row[0]) for row in connection.execute(statement, rows)]
        found_by = sorted(
            (key, customer_id)
            for customer_id, each in zip(ids, people, strict=True)
            for key in each.search_keys
        )
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(_FOUND_BY, found_by)
        else:
            rows = [{"key": key, "customer_id": customer_id} for key, customer_id in found_by]
            connection.execute(insert(_SEARCH_KEYS), rows)
        phones = [
            self._phone(customer_id, position, phone)
            for customer_id, each in zip(ids, people, strict=True)
            for position, phone in enumerate(each.phones, start=1)
        ]
        connection.execute(insert(_PHONES), phones)
        debts = [
            self._debt(each, customer_id)
            for customer_id, each in zip(ids, people, strict=True)
            if each.amount_yen is not None
        ]
        if debts:
            connection.execute(insert(_DEBTS), debts)
        return ids

    def update(self, person: Person, known: Known) -> None:
        """Bring somebody we know up to date; `known` is changed with it."""
        gone: set[str] = set()
        if "fields_sealed" in person.columns:
            gone = search_keys.field_keys_now(self._session, self._sealer, known.id)
        values = {**person.columns, "updated_at": self._target.at}
        if person.external_id:
            values["source"] = self._target.source
        self._session.execute(update(Customer).where(Customer.id == known.id).values(**values))
        known.kana_key = person.kana_key or known.kana_key
        known.external_id = person.external_id or known.external_id
        search_keys.write(self._session, known.id, person.search_keys, gone=gone)
        self._update_phones(person, known)
        if person.amount_yen is not None:
            self._update_debt(person, known.id)

    def _update_phones(self, person: Person, known: Known) -> None:
        work = [phone.key for phone in person.phones if phone.kind == "work"]
        if known.number_keys & set(work):
            # A number that turns out to be the place of work is one from now on (R34).
            own = (Phone.customer_id == known.id, Phone.number_key.in_(work))
            self._session.execute(update(Phone).where(*own).values(kind="work"))
        fresh = [phone for phone in person.phones if phone.key not in known.number_keys]
        position = len(known.number_keys)
        rows = [
            self._phone(known.id, place, phone)
            for place, phone in enumerate(fresh, start=position + 1)
        ]
        if rows:
            self._session.execute(insert(Phone), rows)
        known.number_keys |= {phone.key for phone in fresh}

    def _phone(self, customer_id: int, position: int, phone: Any) -> dict[str, Any]:
        return {
            "customer_id": customer_id,
            "position": position,
            "kind": phone.kind,
            "number_sealed": phone.sealed,
            "number_key": phone.key,
            "created_at": self._target.at,
        }

    def _debt(self, person: Person, customer_id: int) -> dict[str, Any]:
        at = self._target.at
        return {
            "customer_id": customer_id,
            "product_id": self._product(person.product),
            "external_id": "",
            "amount_yen": person.amount_yen,
            "due_on": None if person.due_on is None else date.fromisoformat(person.due_on),
            "closed_at": None if person.amount_yen else at,  # nothing is left to pay
            "created_at": at,
        }

    def _update_debt(self, person: Person, customer_id: int) -> None:
        row = self._debt(person, customer_id)
        where = (
            Debt.customer_id == customer_id,
            Debt.product_id == row["product_id"],
            Debt.external_id == "",
        )
        values = {name: row[name] for name in ("amount_yen", "due_on", "closed_at")}
        done = self._session.execute(update(Debt).where(*where).values(**values))
        if done.rowcount == 0:  # type: ignore[attr-defined]
            self._session.execute(insert(Debt).values(**row))

    def _product(self, name: str | None) -> int:
        if name is None:
            return self._target.product_id
        if name not in self._products:
            self._products[name] = campaigns.add_product(self._session, name)
        return self._products[name]


_CUSTOMERS: Any = Customer.__table__
# There are a dozen of these for each customer. On SQLite they go past the compiler, which costs
# more than the database does; on PostgreSQL it is what sends many at once.
_FOUND_BY = "INSERT INTO search_keys (key, customer_id) VALUES (?, ?)"
_SEARCH_KEYS: Any = SearchKey.__table__
_PHONES: Any = Phone.__table__
_DEBTS: Any = Debt.__table__
# What a file may say of a customer: rows written together all have the same columns.
_EMPTY = dict.fromkeys(
    (
        "external_id",
        "kana_sealed",
        "kana_key",
        "birth_date_sealed",
        "address_town_sealed",
        "member_last4_sealed",
        "prefecture_key",
        "city_key",
        "postcode_key",
        "postcode_area_key",
        "areas_sealed",
        "fields_sealed",
    )
)
