"""Sealing everything anew with the newest key, and making the keyed hashes anew, a little at once.

Each part is gone through in the order of its primary key; how far it came is written with the rows,
so whatever is killed goes on where it stopped. A row that is sealed with the newest key, or whose
hash is right, is passed over: doing a part twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, func, insert, literal, or_, select, tuple_, update
from sqlalchemy.orm import Session

from agent_desk.models.base import Base
from agent_desk.models.calls import Attempt
from agent_desk.models.customers import Customer, DoNotCall, Phone
from agent_desk.models.rules import AreaHold, Override
from agent_desk.models.system import KeyRotation
from agent_desk.store.customers import search_keys
from agent_desk.store.sealing import Sealer

PORTION = 100  # rows of one step: some milliseconds
SEALED = "_sealed"
NUMBERS, BLOCKS, PEOPLE, AREAS = "number_keys", "block_keys", "search_keys", "area_keys"


@dataclass(frozen=True)
class Step:
    """One step: how many rows were looked at, and whether the part is done with."""

    part: str
    rows: int
    ended: bool


def sealed_tables() -> list[Table]:
    """Every table with a sealed column, now and tomorrow."""
    return [table for table in Base.metadata.sorted_tables if _sealed(table)]


def parts() -> list[str]:
    """Everything to go through, in order: seals first, then what is made of what they hold."""
    return [*(table.name for table in sealed_tables()), NUMBERS, BLOCKS, PEOPLE, AREAS]


def next_part(session: Session, key: str) -> str | None:
    """The first part that is not done with for this key; None: everything is."""
    done = set(
        session.scalars(
            select(KeyRotation.part).where(
                KeyRotation.key_id == key, KeyRotation.ended_at.is_not(None)
            )
        )
    )
    return next((part for part in parts() if part not in done), None)


def step(
    session: Session,
    sealer: Sealer,
    part: str,
    *,
    key: str,
    name_form: Callable[[str], str],
    at: datetime,
) -> Step:
    """Go on with a part in the caller's transaction; `name_form` is how names are compared."""
    row = session.get(KeyRotation, part)
    after = json.loads(row.done_to) if row is not None and row.key_id == key else None
    table = Base.metadata.tables.get(part) if part not in _MADE_ANEW else None
    if table is not None:
        seen, last = _reseal(session, sealer, table, after)
    else:
        seen, last = _MADE_ANEW[part](session, sealer, after, name_form)
    values = {"key_id": key, "done_to": json.dumps(last), "ended_at": None if seen else at}
    if row is None:
        session.execute(insert(KeyRotation).values(part=part, **values))
    else:
        session.execute(update(KeyRotation).where(KeyRotation.part == part).values(**values))
        session.expire(row)
    return Step(part, seen, ended=not seen)


def stale(session: Session, sealer: Sealer) -> dict[str, int]:
    """Rows not sealed with the newest key, by table; for verifying, it reads everything."""
    found = {}
    for table in sealed_tables():
        count = session.scalar(select(func.count()).select_from(table).where(_older(table, sealer)))
        if count:
            found[table.name] = count
    return found


def unnamed_areas(session: Session) -> int:
    """Customers of whose place only hashes are left: another index key cannot make them anew."""
    hashed = or_(
        Customer.prefecture_key.is_not(None),
        Customer.city_key.is_not(None),
        Customer.postcode_key.is_not(None),
    )
    query = select(func.count()).where(Customer.areas_sealed.is_(None), hashed)
    return session.scalar(query) or 0


def _sealed(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name.endswith(SEALED)]


def _older(table: Table, sealer: Sealer) -> Any:
    """Whether any sealed value of a row names another key than the newest."""
    return or_(
        *(
            column.is_not(None) & (func.substr(column, 1, 4) != literal(sealer.newest))
            for column in _sealed(table)
        )
    )


def _reseal(
    session: Session, sealer: Sealer, table: Table, after: Sequence[Any] | None
) -> tuple[int, Sequence[Any] | None]:
    own, sealed = list(table.primary_key.columns), _sealed(table)
    query = select(*own, *sealed).where(_older(table, sealer)).order_by(*own).limit(PORTION)
    if after is not None:
        query = query.where(tuple_(*own) > tuple_(*(literal(v) for v in after)))
    rows = session.execute(query).all()
    for row in rows:
        values = row[len(own) :]
        fresh = {
            column.name: sealer.seal(sealer.open(value))
            for column, value in zip(sealed, values, strict=True)
            if value is not None
        }
        same = [column == value for column, value in zip(own, row, strict=False)]
        session.execute(update(table).where(*same).values(**fresh))
    return len(rows), list(rows[-1][: len(own)]) if rows else after


# --- what is made of what the seals hold ----------------------------------------------------------


def _number_keys(
    session: Session, sealer: Sealer, after: Sequence[Any] | None, name_form: Callable[[str], str]
) -> tuple[int, Sequence[Any] | None]:
    """The hash of each number, and of that number wherever else it stands."""
    query = select(Phone.id, Phone.number_sealed, Phone.number_key).order_by(Phone.id)
    rows = session.execute(query.where(Phone.id > (after or [0])[0]).limit(PORTION)).all()
    for phone_id, sealed, old in rows:
        number = sealer.open(sealed)
        if not number or sealer.number_key(number) == old:
            continue
        new = {"number_key": sealer.number_key(number)}
        session.execute(update(Phone).where(Phone.id == phone_id).values(**new))
        for model in (Attempt, DoNotCall, Override):
            session.execute(update(model).where(model.number_key == old).values(**new))
    return len(rows), [rows[-1][0]] if rows else after


def _block_keys(
    session: Session, sealer: Sealer, after: Sequence[Any] | None, name_form: Callable[[str], str]
) -> tuple[int, Sequence[Any] | None]:
    """Of numbers that are barred and nobody's."""
    query = select(DoNotCall.id, DoNotCall.number_sealed).where(
        DoNotCall.id > (after or [0])[0], DoNotCall.number_sealed.is_not(None)
    )
    rows = session.execute(query.order_by(DoNotCall.id).limit(PORTION)).all()
    for block_id, sealed in rows:
        key = sealer.number_key(sealer.open(sealed or b""))
        wrong = (DoNotCall.id == block_id, DoNotCall.number_key != key)
        session.execute(update(DoNotCall).where(*wrong).values(number_key=key))
    return len(rows), [rows[-1][0]] if rows else after


def _people(
    session: Session, sealer: Sealer, after: Sequence[Any] | None, name_form: Callable[[str], str]
) -> tuple[int, Sequence[Any] | None]:
    """What each customer is matched and found by."""
    columns = (Customer.id, Customer.name_sealed, Customer.kana_sealed, Customer.fields_sealed)
    areas = (Customer.areas_sealed, Customer.erased_at)
    query = select(*columns, *areas).where(Customer.id > (after or [0])[0])
    rows = session.execute(query.order_by(Customer.id).limit(PORTION)).all()
    ids = [row[0] for row in rows]
    numbers: dict[int, list[str]] = {}
    phones = select(Phone.customer_id, Phone.number_sealed).where(Phone.customer_id.in_(ids))
    for customer_id, sealed in session.execute(phones):
        numbers.setdefault(customer_id, []).append(sealer.open(sealed))
    for customer_id, name, kana, fields, places, erased_at in rows:
        if erased_at is not None:
            continue
        form, read = name_form(sealer.open(name)), sealer.open_optional(kana)
        pairs = json.loads(sealer.open(fields)) if fields is not None else []
        found_by = search_keys.Findable(
            form,
            read,
            tuple(numbers.get(customer_id, ())),
            tuple((str(column), str(value)) for column, value in pairs),
        )
        search_keys.replace(session, customer_id, search_keys.keys_of(sealer, found_by))
        values: dict[str, Any] = {"name_key": sealer.name_key(form)}
        values["kana_key"] = sealer.kana_key(read) if read else None
        for kind, value in json.loads(sealer.open(places)) if places is not None else []:
            values[f"{kind}_key"] = sealer.area_key(kind, value)
            if kind == "postcode":
                values["postcode_area_key"] = sealer.area_key(kind, value[:3])
        session.execute(update(Customer).where(Customer.id == customer_id).values(**values))
    return len(rows), [ids[-1]] if ids else after


def _area_keys(
    session: Session, sealer: Sealer, after: Sequence[Any] | None, name_form: Callable[[str], str]
) -> tuple[int, Sequence[Any] | None]:
    """Of areas that are held; their names are in the clear."""
    query = select(AreaHold.id, AreaHold.kind, AreaHold.value, AreaHold.area_key)
    query = query.where(AreaHold.id > (after or [0])[0]).order_by(AreaHold.id).limit(PORTION)
    rows = session.execute(query).all()
    for hold_id, kind, value, old in rows:
        key = sealer.area_key(kind, value)
        session.execute(update(AreaHold).where(AreaHold.id == hold_id).values(area_key=key))
        session.execute(update(Override).where(Override.area_key == old).values(area_key=key))
    return len(rows), [rows[-1][0]] if rows else after


_MADE_ANEW: Mapping[str, Callable[..., tuple[int, Sequence[Any] | None]]] = {
    NUMBERS: _number_keys,
    BLOCKS: _block_keys,
    PEOPLE: _people,
    AREAS: _area_keys,
}
