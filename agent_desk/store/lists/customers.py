"""Rows of a file written as customers: sealed, findable, with numbers and debts.

What is sealed and hashed comes ready (`prepared.py`), made where there is time for it; here whole
deliveries are written by a handful of statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from agent_desk.models.customers import Customer, Debt, Phone, SearchKey
from agent_desk.store.bulk_rows import BulkRows
from agent_desk.store.campaigns import campaigns
from agent_desk.store.customers import search_keys
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.lists.prepared import Person, PreparedPhone, prepare_person
from agent_desk.store.rules.withdrawals import follow_debts, follow_no_debts
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

    def __init__(
        self, session: Session, sealer: Sealer, target: Target, bulk: BulkRows | None = None
    ) -> None:
        """`bulk` collects what is added, where somebody else flushes it."""
        self._session = session
        self._bulk = bulk or BulkRows(session)
        self._sealer = sealer
        self._target = target
        self._products: dict[str, int] = {}
        self._told: dict[int, set[int]] = defaultdict(set)  # by product, whose debts were told
        self._untold: set[int] = set()  # who was known, and of whom no debt was told

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
        target, bulk = self._target, self._bulk
        ids = bulk.ids(_CUSTOMERS, len(people))
        each = list(zip(ids, people, strict=True))
        bulk.write(
            _CUSTOMERS,
            ("id", *_COLUMNS),
            [(key, *map(person.columns.get, _COLUMNS)) for key, person in each],
            source=target.source,
            created_at=target.at,
            updated_at=target.at,
        )
        # In the order of the index, which is not the order of the customers.
        found_by = sorted((key, number) for number, person in each for key in person.search_keys)
        bulk.write(_SEARCH_KEYS, ("key", "customer_id"), found_by)
        bulk.write(
            _PHONES,
            _PHONE,
            [
                self._phone(customer_id, position, phone)
                for customer_id, person in each
                for position, phone in enumerate(person.phones, start=1)
            ],
            created_at=target.at,
        )
        debts = [self._debt(person, key) for key, person in each if person.amount_yen is not None]
        for customer_id, product_id, _, amount_yen, *_ in debts:
            if not amount_yen:  # who owes is on the lists, as everybody is who is new
                self._told[product_id].add(customer_id)
        bulk.write(_DEBTS, _DEBT, debts, created_at=target.at)
        return list(ids)

    def update(self, person: Person, known: Known) -> None:
        """Bring somebody we know up to date; `known` is changed with it."""
        self.update_all([(person, known)])

    def update_all(self, pairs: Sequence[tuple[Person, Known]]) -> None:
        """The same of several people, each of them once."""
        if not pairs:
            return
        session = self._session
        told = [known.id for person, known in pairs if "fields_sealed" in person.columns]
        gone = search_keys.field_keys_of(session, self._sealer, told)
        self._update_columns(pairs)
        wanted = {known.id: set(person.search_keys) for person, known in pairs}
        search_keys.write_all(session, wanted, gone=gone)
        self._update_phones(pairs)
        self._update_debts([pair for pair in pairs if pair[0].amount_yen is not None])
        self._untold |= {known.id for person, known in pairs if person.amount_yen is None}

    def follow_debts(self) -> None:
        """Have the lists follow the debts that were told, once all of it is written (R54)."""
        for product_id, customer_ids in self._told.items():
            # A file brings nobody on more lists of its product than it may: its own entry is it.
            back = self._target.scope == "list" or product_id != self._target.product_id
            follow_debts(self._session, customer_ids, product_id, at=self._target.at, back=back)
        if self._untold:
            target = self._target
            follow_no_debts(
                self._session, self._untold, target.list_id, target.product_id, at=target.at
            )
        self._told.clear()
        self._untold.clear()

    def _update_columns(self, pairs: Sequence[tuple[Person, Known]]) -> None:
        """What the rows say of them, those that say the same things at once."""
        target = self._target
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for person, known in pairs:
            values = {**person.columns, "updated_at": target.at}
            if person.external_id:
                values["source"] = target.source
            told = {_told_as(name): value for name, value in values.items()}
            alike[tuple(sorted(values))].append({"whose": known.id, **told})
            known.kana_key = person.kana_key or known.kana_key
            known.external_id = person.external_id or known.external_id
        for names, rows in alike.items():
            self._session.connection().execute(_update_of(names), rows)

    def _update_phones(self, pairs: Sequence[tuple[Person, Known]]) -> None:
        fresh = []
        for person, known in pairs:
            work = [phone.key for phone in person.phones if phone.kind == "work"]
            if known.number_keys & set(work):
                # A number that turns out to be the place of work is one from now on (R34).
                own = (Phone.customer_id == known.id, Phone.number_key.in_(work))
                self._session.execute(update(Phone).where(*own).values(kind="work"))
            new = [phone for phone in person.phones if phone.key not in known.number_keys]
            first = len(known.number_keys) + 1
            fresh += [self._phone(known.id, place, each) for place, each in enumerate(new, first)]
            known.number_keys |= {phone.key for phone in new}
        self._bulk.write(_PHONES, _PHONE, fresh, created_at=self._target.at)

    @staticmethod
    def _phone(customer_id: int, position: int, phone: PreparedPhone) -> Sequence[Any]:
        return (customer_id, position, phone.kind, phone.sealed, phone.key)

    def _debt(self, person: Person, customer_id: int) -> Sequence[Any]:
        return (
            customer_id,
            self._product(person.product),
            "",
            person.amount_yen,
            None if person.due_on is None else date.fromisoformat(person.due_on),
            None if person.amount_yen else self._target.at,  # nothing is left to pay
        )

    def _update_debts(self, pairs: Sequence[tuple[Person, Known]]) -> None:
        if not pairs:
            return
        connection = self._session.connection()
        debts = {
            (known.id, product_id): (known.id, product_id, *told)
            for person, known in pairs
            for _, product_id, *told in [self._debt(person, known.id)]
        }
        for customer_id, product_id in debts:
            self._told[product_id].add(customer_id)
        asked = {"ids": [known.id for _, known in pairs]}
        held = {(whose, of) for whose, of in connection.execute(_OWING, asked)}
        rows = [
            {"whose": debt[0], "of": debt[1], **dict(zip(_DEBT_NOW, debt[3:], strict=True))}
            for key, debt in debts.items()
            if key in held
        ]
        if rows:
            connection.execute(_UPDATE_DEBT, rows)
        new = [debt for key, debt in debts.items() if key not in held]
        self._bulk.write(_DEBTS, _DEBT, new, created_at=self._target.at)

    def _product(self, name: str | None) -> int:
        if name is None:
            return self._target.product_id
        if name not in self._products:
            self._products[name] = campaigns.add_product(self._session, name)
        return self._products[name]


_CUSTOMERS: Any = Customer.__table__
_SEARCH_KEYS: Any = SearchKey.__table__
_PHONES: Any = Phone.__table__
_DEBTS: Any = Debt.__table__
_PHONE = ("customer_id", "position", "kind", "number_sealed", "number_key")
_DEBT = ("customer_id", "product_id", "external_id", "amount_yen", "due_on", "closed_at")
# What a file may say of a customer.
_COLUMNS = (
    "name_sealed",
    "name_key",
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
_OWING = select(Debt.customer_id, Debt.product_id).where(
    Debt.customer_id.in_(bindparam("ids", expanding=True)), Debt.external_id == ""
)
_DEBT_NOW = ("amount_now", "due_now", "closed_now")
_UPDATE_DEBT = (
    update(_DEBTS)
    .where(
        _DEBTS.c.customer_id == bindparam("whose"),
        _DEBTS.c.product_id == bindparam("of"),
        _DEBTS.c.external_id == "",
    )
    .values(
        amount_yen=bindparam("amount_now"),
        due_on=bindparam("due_now"),
        closed_at=bindparam("closed_now"),
    )
)


def _told_as(name: str) -> str:
    """A column's value among the parameters: its own name is taken by the statement."""
    return f"told_{name}"


@cache
def _update_of(names: tuple[str, ...]) -> Any:
    """The update of these columns of a customer; rows of one file say the same things."""
    values: Any = {name: bindparam(_told_as(name)) for name in names}
    return update(_CUSTOMERS).where(_CUSTOMERS.c.id == bindparam("whose")).values(values)
