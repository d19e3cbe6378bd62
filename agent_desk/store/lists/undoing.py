"""Rows of an import taken back: entries that were never called go, and customers nobody else knows.

What hangs on a customer or an entry is found from the schema itself: a table that is added later
and refers to one of them keeps it, without anybody remembering to say so here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from agent_desk.models.customers import Customer, Debt, Phone, SearchKey
from agent_desk.models.imports import ImportRow
from agent_desk.models.lists import ListEntry
from agent_desk.models.strategy import DelinquencyChange
from agent_desk.models.tables import METADATA

WITHDRAWN = "withdrawn"
# What an import writes itself, or the nightly review of what it wrote, goes with the customer.
_OWN = (Phone.__table__, Debt.__table__, SearchKey.__table__, DelinquencyChange.__table__)


@dataclass(frozen=True)
class Undone:
    """Rows whose customer went, whose customer stayed, and whose entry was closed."""

    removed: int
    unlisted: int
    withdrawn: int


def take_back(session: Session, batch_id: int, limit: int) -> bool:
    """Undo the next rows that were taken; False when there were none left."""
    # In no order: the index by state finds them however many were undone before.
    query = (
        select(ImportRow.row_no, ImportRow.state, ImportRow.list_entry_id, ListEntry.customer_id)
        .outerjoin(ListEntry, ListEntry.id == ImportRow.list_entry_id)
        .where(ImportRow.batch_id == batch_id, ImportRow.state.in_(("added", "updated")))
        .limit(limit)
    )
    rows = session.execute(query).all()
    entries = {row.list_entry_id for row in rows if row.list_entry_id is not None}
    called = _referred(session, ListEntry.__table__, entries, but=(ImportRow.__table__,))
    called |= _in_use(session, entries)
    _close(session, called)
    session.connection().execute(delete(ListEntry).where(ListEntry.id.in_(entries - called)))
    brought = {
        row.customer_id
        for row in rows
        if row.state == "added" and row.list_entry_id in entries - called
    }
    kept = _known_otherwise(session, brought)
    gone = brought - kept
    session.connection().execute(delete(Customer).where(Customer.id.in_(gone)))
    marks = [
        {"of": batch_id, "row": row.row_no, "became": _became(row, called, gone)} for row in rows
    ]
    if marks:
        session.connection().execute(_MARK, marks)
    return bool(rows)


def counts(session: Session, batch_id: int) -> Undone:
    """What became of the rows that were taken back."""
    query = (
        select(ImportRow.state, func.count())
        .where(ImportRow.batch_id == batch_id)
        .group_by(ImportRow.state)
    )
    found = {state: n for state, n in session.execute(query)}
    return Undone(found.get("removed", 0), found.get("unlisted", 0), found.get(WITHDRAWN, 0))


def _in_use(session: Session, entries: Collection[int]) -> set[int]:
    """Entries that are leased: somebody is being called."""
    query = select(ListEntry.id).where(ListEntry.id.in_(entries), ListEntry.state == "leased")
    return set(session.scalars(query))


def _close(session: Session, entries: Collection[int]) -> None:
    """Off the list for good; one that is being called closes when the call is over."""
    mine = update(ListEntry).where(ListEntry.id.in_(entries))
    session.execute(mine.where(ListEntry.state != "closed").values(closed_reason=WITHDRAWN))
    session.execute(mine.where(ListEntry.state == "ready").values(state="closed", own_next_at=None))


def _known_otherwise(session: Session, customers: Collection[int]) -> set[int]:
    """Those of them that something else than this import knows of."""
    known = _referred(session, Customer.__table__, customers, but=_OWN)
    debts = select(Debt.id, Debt.customer_id).where(Debt.customer_id.in_(customers))
    owners = {debt_id: customer_id for debt_id, customer_id in session.execute(debts)}
    known |= {owners[each] for each in _referred(session, Debt.__table__, set(owners))}
    phones = select(Phone.id, Phone.customer_id).where(Phone.customer_id.in_(customers))
    owners = {phone_id: customer_id for phone_id, customer_id in session.execute(phones)}
    known |= {owners[each] for each in _referred(session, Phone.__table__, set(owners))}
    return known


def _referred(
    session: Session, table: Any, ids: Collection[int], *, but: Collection[Any] = ()
) -> set[int]:
    """Those of the ids that a row of some other table refers to."""
    found: set[int] = set()
    if ids:
        connection, asked = session.connection(), {"ids": list(ids)}
        for query in _questions(table, tuple(but)):
            found |= set(connection.execute(query, asked).scalars())
    return found


@cache
def _questions(table: Any, but: tuple[Any, ...]) -> list[Select[Any]]:
    """Who of `ids` each other table refers to; built once, for each step asks."""
    asked: Any = bindparam("ids", expanding=True)
    return [
        select(column).where(column.in_(asked)).distinct()
        for column in _columns_to(table)
        if column.table not in but
    ]


def _columns_to(table: Any) -> Iterator[Column[Any]]:
    for other in METADATA.tables.values():
        for key in other.foreign_keys:
            if key.column.table is table:
                yield key.parent


def _became(row: Any, called: Collection[int], gone: Collection[int]) -> str:
    if row.list_entry_id in called:
        return WITHDRAWN
    return "removed" if row.customer_id in gone else "unlisted"


_ROWS: Any = ImportRow.__table__
_MARK = (
    update(_ROWS)
    .where(_ROWS.c.batch_id == bindparam("of"), _ROWS.c.row_no == bindparam("row"))
    .values(state=bindparam("became"))
)
