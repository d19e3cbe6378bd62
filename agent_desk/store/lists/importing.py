"""Rows of a file become customers and list entries, matched with what is known (`matching.py`).

A row's outcome is written with it, so the same batch may be sent twice and is taken once. A
delivery is decided row by row and written as a whole, by a handful of statements: the desk's calls
wait for as long as it takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from agent_desk.models.imports import ImportRow
from agent_desk.models.lists import ListEntry
from agent_desk.store.bulk_rows import Aside, BulkRows
from agent_desk.store.lists import batches
from agent_desk.store.lists.customers import CustomerWriter, Known, Target
from agent_desk.store.lists.import_rows import Row
from agent_desk.store.lists.matching import Matcher, Refused
from agent_desk.store.lists.prepared import Person, Prepared, prepare
from agent_desk.store.sealing import Sealer

_ROWS: Any = ImportRow.__table__
_ENTRIES: Any = ListEntry.__table__
_DONE = select(ImportRow.row_no).where(
    ImportRow.batch_id == bindparam("batch_id"),
    ImportRow.row_no.between(bindparam("first"), bindparam("last")),
)
_NOTED = ("row_no", "state", "reason", "cells_sealed", "list_entry_id")


class RowTaker:
    """Takes the rows of one delivery (200 at most) in one transaction.

    `name_form` is the normal form names are compared in (`services/lists/normalise.py`).
    """

    def __init__(
        self,
        session: Session,
        sealer: Sealer,
        target: Target,
        name_form: Callable[[str], str],
        *,
        aside: Aside | None = None,
    ) -> None:
        self._session = session
        self._aside = aside
        self._sealer = sealer
        self._target = target
        self._name_form = name_form

    def take(self, rows: Sequence[Row]) -> None:
        """Write what each row becomes; rows taken before are passed over."""
        self.take_prepared([prepare(self._sealer, row, self._name_form) for row in rows])

    def take_prepared(self, rows: Sequence[Prepared]) -> None:
        """The same of rows that were sealed elsewhere."""
        if not rows:
            return
        numbers = [row.row_no for row in rows]
        asked = {"batch_id": self._target.batch_id, "first": min(numbers), "last": max(numbers)}
        done = set(self._session.connection().execute(_DONE, asked).scalars())
        fresh = [row for row in rows if row.row_no not in done]
        if fresh:
            _Delivery(self._session, self._sealer, self._target, self._aside).take(fresh)


class _Delivery:
    """The rows of a delivery on their way: first each is decided, then all are written."""

    def __init__(
        self, session: Session, sealer: Sealer, target: Target, aside: Aside | None
    ) -> None:
        self._session = session
        self._target = target
        self._matcher = Matcher(session, target)
        self._bulk = BulkRows(session, aside)
        self._writer = CustomerWriter(session, sealer, target, self._bulk)
        self._new: list[tuple[Prepared, Person]] = []
        self._known: list[tuple[Prepared, Person, Known]] = []
        self._noted: list[Sequence[Any]] = []

    def take(self, rows: Sequence[Prepared]) -> None:
        self._matcher.load([row.person for row in rows if row.person is not None])
        for row in rows:
            try:
                self._decide(row)
            except Refused as refused:
                self._note(row, refused.state, reason=refused.reason)
        self._write()

    def _decide(self, row: Prepared) -> None:
        person = row.person
        if person is None:
            raise Refused(row.reason or "row-unusable")
        known = self._matcher.decide(person)
        if known is None:
            self._new.append((row, person))
            # An id that nobody has, until it is written.
            self._matcher.add(_to_come(person, -len(self._new)), taken=True)
        else:
            self._known.append((row, person, known))
            self._matcher.take(known)

    def _write(self) -> None:
        ids = self._writer.add([person for _, person in self._new])
        self._writer.update_all([(person, known) for _, person, known in self._known])
        taken = [
            *((row, "added", each) for (row, _), each in zip(self._new, ids, strict=True)),
            *((row, "updated", known.id) for row, _, known in self._known),
        ]
        entries = self._enter([customer_id for _, _, customer_id in taken])
        for (row, state, _), entry_id in zip(taken, entries, strict=True):
            self._note(row, state, entry_id=entry_id)
        self._bulk.write(_ROWS, _NOTED, self._noted, batch_id=self._target.batch_id)
        counts = Counter(state for _, state, *_ in self._noted)
        batches.count(self._session, self._target.batch_id, counts)
        self._bulk.flush()
        self._writer.follow_debts()

    def _enter(self, customer_ids: Sequence[int]) -> Sequence[int]:
        """Put them at the end of the list; ids of the entries."""
        target = self._target
        ids = self._bulk.ids(_ENTRIES, len(customer_ids))
        self._bulk.write(
            _ENTRIES,
            ("id", "customer_id"),
            zip(ids, customer_ids, strict=True),
            list_id=target.list_id,
            next_at=target.at,
            created_at=target.at,
        )
        return ids

    def _note(
        self, row: Prepared, state: str, *, reason: str | None = None, entry_id: int | None = None
    ) -> None:
        cells = None if reason is None else row.cells_sealed
        self._noted.append((row.row_no, state, reason, cells, entry_id))


def _to_come(person: Person, key: int) -> Known:
    return Known(key, person.external_id, person.kana_key, person.name_key, person.number_keys)
