"""Whom the rows of one file mean, kept aside on disk while the file is checked.

A file of a million rows is checked against itself too, and what a million people are known by does
not belong in memory. It is a database of its own, in a file without a name that goes with it; it
holds keyed hashes and nothing else.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Iterable
from types import TracebackType
from typing import Any

from agent_desk.store.lists.customers import Known

_TABLES = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
CREATE TABLE people (id INTEGER PRIMARY KEY, external TEXT, kana TEXT, name TEXT);
CREATE TABLE numbers (key TEXT, person INTEGER, PRIMARY KEY (key, person)) WITHOUT ROWID;
CREATE TABLE externals (key TEXT PRIMARY KEY, person INTEGER) WITHOUT ROWID;
CREATE TABLE taken (customer INTEGER PRIMARY KEY);
"""


class FileIndex:
    """People a file brings have ids below zero; those known already have their own."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", check_same_thread=False)
        self._rows.executescript(_TABLES)
        self._last = 0

    def __enter__(self) -> FileIndex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rows.close()

    def next_id(self) -> int:
        """An id for somebody new."""
        self._last -= 1
        return self._last

    def add(self, people: Iterable[Known]) -> None:
        """Somebody new each."""
        people = list(people)
        self._rows.executemany(
            "INSERT INTO people VALUES (?, ?, ?, ?)",
            [(k.id, _hash(k.external_id), k.kana_key, k.name_key) for k in people],
        )
        self._rows.executemany(
            "INSERT OR IGNORE INTO numbers VALUES (?, ?)",
            [(key, k.id) for k in people for key in k.number_keys],
        )
        self._rows.executemany(
            "INSERT OR IGNORE INTO externals VALUES (?, ?)",
            [(_hash(k.external_id), k.id) for k in people if k.external_id is not None],
        )

    def take(self, customers: Iterable[int]) -> None:
        """People known before whom a row of the file has put on the list."""
        self._rows.executemany("INSERT OR IGNORE INTO taken VALUES (?)", [(c,) for c in customers])

    def taken(self, customers: Collection[int]) -> set[int]:
        """Those of them that were taken."""
        return {row[0] for row in self._ask("SELECT customer FROM taken WHERE customer", customers)}

    def find(self, keys: Collection[str], externals: Collection[str]) -> list[Known]:
        """The new people who have one of these numbers or external ids."""
        hashed = {_hash(each): each for each in externals}
        ids = {row[0] for row in self._ask("SELECT person FROM numbers WHERE key", keys)}
        ids |= {row[0] for row in self._ask("SELECT person FROM externals WHERE key", hashed)}
        found = {
            row[0]: Known(row[0], hashed.get(row[1], row[1]), row[2], row[3])
            for row in self._ask("SELECT id, external, kana, name FROM people WHERE id", ids)
        }
        for key, person in self._ask("SELECT key, person FROM numbers WHERE key", keys):
            found[person].number_keys.add(key)
        return list(found.values())

    def _ask(self, query: str, values: Collection[object]) -> list[tuple[Any, ...]]:
        marks = ",".join("?" * len(values))
        return self._rows.execute(f"{query} IN ({marks})", list(values)).fetchall()


def _hash(external_id: str | None) -> str | None:
    """Customers' numbers at somebody else's are not kept in the clear, even here."""
    if external_id is None:
        return None
    return hashlib.blake2b(external_id.encode(), digest_size=12).hexdigest()
