"""Which placed attempt at its list entry each call was: 1 is the first (初回架電).

A few calls are counted by the database. Where many are read at once that would be twenty rows for
each of them, all over the disk, so they are counted along in the order of leasing, from what the
facts already hold.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from agent_desk.store.facts import rows
from agent_desk.store.facts.segments import Column

MANY = 2000
_ID, _ENTRY, _PLACED = (rows.CALL_COLUMNS.index(name) for name in ("call_id", "entry", "placed"))


class Tries:
    """Counts along while portions follow each other."""

    def __init__(self, known: Callable[[], Iterable[tuple[Column, Column]]], *, many: int) -> None:
        """`known` gives entries of the calls in the facts, and which of them were placed."""
        self._many = many
        self._known = known
        self._counts: Column | None = None

    def of(
        self,
        session: Session,
        fresh: Sequence[Sequence[Any]],
        others: Sequence[Sequence[Any]],
        *,
        pending: Collection[str],
        many: int | None = None,
    ) -> dict[str, int]:
        """By call id. `fresh` were never read before, in the order of leasing; `others` were, and
        those `pending` are not in the facts yet. From `many` on, they are counted along."""
        if len(fresh) < (self._many if many is None else many):
            self._counts = None
            return rows.try_numbers(session, [row[_ID] for row in (*fresh, *others)])
        if self._counts is None:
            self._counts = self._count([row for row in others if row[_ID] in pending])
        found = rows.try_numbers(session, [row[_ID] for row in others])
        most = max((row[_ENTRY] for row in fresh), default=0)
        if most >= len(self._counts):
            more = np.zeros(max(most + 1 - len(self._counts), len(self._counts)), np.int32)
            self._counts = np.concatenate([self._counts, more])
        counts = self._counts
        for row in fresh:
            if row[_PLACED] and row[_ENTRY]:
                counts[row[_ENTRY]] += 1
                found[row[_ID]] = int(counts[row[_ENTRY]])
        return found

    def _count(self, pending: Sequence[Sequence[Any]]) -> Column:
        """What the facts hold, and what was read without being over then."""
        entries_of = [row[_ENTRY] for row in pending if row[_PLACED]]
        parts = [(np.array(entries_of, np.int64), np.ones(len(entries_of), bool)), *self._known()]
        most = max((int(entries.max()) for entries, _ in parts if len(entries)), default=0)
        counts = np.zeros(most + 1, np.int32)
        for entries, placed in parts:
            counts += np.bincount(entries[placed], minlength=most + 1).astype(np.int32)
        return counts
