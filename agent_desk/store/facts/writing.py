"""Making facts of rows: portion by portion, each committed, the same way first and last.

One writer per directory, in the process that makes reports. A pass reads, in one snapshot of the
database, the attempts that were leased since the last pass and those that have ended or changed
since, and the seat moves since. Making all facts anew is the same from nothing, so the two cannot
disagree.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy.orm import Session

from agent_desk.models.base import to_microseconds
from agent_desk.store.facts import (
    manifest,
    merging,
    new_calls,
    new_stays,
    people,
    rows,
    segments,
)
from agent_desk.store.facts.alongside import START, Alongside
from agent_desk.store.facts.layout import ALWAYS, CALLS, KEY, PEOPLE, TABLES
from agent_desk.store.facts.manifest import Manifest
from agent_desk.store.facts.portions import LATE_US, Part, Portion
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.tries import MANY, Tries
from agent_desk.store.facts.words import Words
from agent_desk.store.sealing import CannotOpen, Sealer
from agent_desk.store.unit_of_work import Database

PORTION = 20_000  # attempts
MOVES = 100_000
FEW = 8  # segments of a month that may lie side by side


@dataclass(frozen=True)
class Pass:
    """What one pass has read."""

    calls: int
    moves: int
    whole: bool  # nothing was left to read
    as_of: datetime


class FactWriter:
    """Keeps the facts of one database in one directory."""

    def __init__(
        self,
        directory: Path,
        *,
        database: Database,
        identity: str,
        sealer: Sealer,
        now: Callable[[], datetime],
        new_id: Callable[[], str] = lambda: uuid4().hex,
        portion: int = PORTION,
        many: int = MANY,
    ) -> None:
        """`identity` names the database: with another one the directory is begun anew. From `many`
        new calls in one pass on, tries are counted along."""
        self._many = many
        self._new_id = new_id
        self.directory = directory
        self._database = database
        self._identity = identity
        self._sealer = sealer
        self._now = now
        self._portion = portion
        self._open()

    @property
    def manifest(self) -> Manifest:
        """What is committed."""
        return self._manifest

    def begin_anew(self) -> None:
        """Forget everything: the next passes make it of the rows."""
        shutil.rmtree(self.directory, ignore_errors=True)
        self._open()

    def catch_up(self, stopping: Callable[[], bool] = lambda: False) -> Pass:
        """Pass after pass until nothing is left."""
        while True:
            done = self.one_pass()
            if done.whole or stopping():
                return done

    def one_pass(self) -> Pass:
        """Read a portion of what is new, and commit it."""
        now = self._now()
        with self._database.read() as session:
            return self._read(session, now)

    # --- inside -----------------------------------------------------------------------------------

    def _open(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        found = self._known()
        if found is None:
            for left in self.directory.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            begun = Manifest(self._identity, self._new_id())
            found = begun, Words(self.directory / begun.words_name, self._sealer)
        self._manifest, self._words = found
        self._tries = Tries(self._placed, many=self._many)
        self._along: Alongside | None = None
        self._sweep()

    def _known(self) -> tuple[Manifest, Words] | None:
        """What was kept; None where it is of another database, or of keys nobody has any more."""
        found = manifest.read(self.directory)
        if found is None or found.database != self._identity:
            return None
        path = self.directory / found.words_name
        try:
            return found, Words(path, self._sealer, known_bytes=found.words_bytes)
        except CannotOpen:
            return None

    def _placed(self) -> Iterator[tuple[Column, Column]]:
        """Of every segment, the list entries of its calls and which were placed."""
        for month, names in self._manifest.segments.get(CALLS, {}).items():
            opened = [segments.read(self.directory / CALLS / month / name) for name in names]
            for each, held in zip(opened, merging.alive_rows(opened), strict=True):
                placed = each.column("placed")
                yield each.column("entry"), placed if held is None else placed & held

    def _sweep(self) -> None:
        """Segments nobody names, and words."""
        for path in self.directory.glob("words*"):
            if path.name != self._manifest.words_name:
                path.unlink()
        for table in (*TABLES, PEOPLE):
            for path in (self.directory / table).glob("*/*"):
                if path.name not in self._manifest.segments.get(table, {}).get(
                    path.parent.name, []
                ):
                    path.unlink()

    def _read(self, session: Session, now: datetime) -> Pass:
        was, at = self._manifest, to_microseconds(now)
        until = rows.newest_ids(session)
        if not was.generation:
            # What was added before the first portion comes with the calls it belongs to.
            was = replace(was, known=until, ended=at - LATE_US, customers_updated=at - LATE_US)
            was = replace(was, along=dict(START))
        if any(until[name] < was.known[name] for name in until):
            self.begin_anew()  # an older state of the database was put back
            return Pass(0, 0, False, now)
        words, most = self._words, self._portion
        along = self._along or Alongside(was.along, was.known) if was.along else None
        self._along = None  # what it has read is of no use where this pass breaks off
        if along is None:
            calls = new_calls.read(
                session, was, until, at, most=most, tries=self._tries, words=words
            )
            stays = new_stays.read(session, was, most=MOVES, words=words)
        else:
            calls, stays = self._alongside(session, was, along)
        them = people.read(session, was, at, most=most, words=words, sealer=self._sealer)
        every = (calls, stays, them)
        words.save()  # before anything holds their codes
        whole = all(each.whole for each in every)
        names = self._written([part for each in every for part in each.parts])
        changes = {name: value for each in every for name, value in each.changes.items()}
        self._commit(
            replace(
                was,
                generation=self._manifest.generation + 1,
                segments=names,
                whole=was.whole or whole,
                as_of=at,
                **changes,
            )
        )
        self._along = along
        if self._manifest.forgets:
            self._forget()
        self._merge()
        return Pass(calls.count, stays.count, whole, now)

    def _alongside(
        self, session: Session, was: Manifest, along: Alongside
    ) -> tuple[Portion, Portion]:
        """Old calls, and the stays that ended by the moves that were read with them."""
        calls, read = new_calls.read_alongside(
            session, was, along, most=self._portion, tries=self._tries, words=self._words
        )
        moves = [row for row in read if row[0] > was.move_id]
        return calls, new_stays.told(session, was, moves, whole=False, words=self._words)

    def _written(self, parts: Sequence[Part]) -> dict[str, dict[str, list[str]]]:
        """Make the segments; the names of all there are then."""
        names = {table: dict(self._manifest.segments.get(table, {})) for table in (*TABLES, PEOPLE)}
        name = f"{self._manifest.generation + 1:08}.facts"
        for table, month, columns in parts:
            path = self.directory / table / month
            path.mkdir(parents=True, exist_ok=True)
            segments.write(path / name, columns)
            manifest.sync(path)
            names[table][month] = [*names[table].get(month, []), name]
        return names

    def _commit(self, now: Manifest) -> None:
        now = replace(now, words_bytes=self._words.bytes)
        manifest.write(self.directory, now)
        self._manifest = now

    def _forget(self) -> None:
        """Keep no word that was said of erased customers only."""
        left, now = self._words, self._manifest
        opened = [
            segments.read(self.directory / PEOPLE / ALWAYS / name)
            for name in now.segments.get(PEOPLE, {}).get(ALWAYS, [])
        ]
        generation = now.generation + 1
        name = f"words-{generation:08}"
        self._words = left.without(self.directory / name, people.said(opened, left))
        manifest.sync(self.directory)
        self._commit(replace(now, generation=generation, words_name=name, forgets=False))
        (self.directory / now.words_name).unlink(missing_ok=True)

    def _merge(self) -> None:
        """Make one segment of the many small ones of a month."""
        for table, by_month in self._manifest.segments.items():
            for month, names in by_month.items():
                if len(names) > FEW:
                    self._merge_month(table, month, names)

    def _merge_month(self, table: str, month: str, names: Collection[str]) -> None:
        """Some of the newest become one."""
        path = self.directory / table / month
        opened = [segments.read(path / name) for name in names]
        first = merging.from_where([len(each.column(KEY)) for each in opened])
        kept = [*names][:first]
        merged = merging.merged_columns(opened[first:], keep_replaced=first > 0)
        name = f"{self._manifest.generation + 1:08}.facts"
        segments.write(path / name, merged)
        manifest.sync(path)
        all_segments = {each: dict(held) for each, held in self._manifest.segments.items()}
        all_segments[table][month] = [*kept, name]
        self._commit(
            replace(self._manifest, generation=self._manifest.generation + 1, segments=all_segments)
        )
        for left in opened[first:]:
            left.path.unlink(missing_ok=True)  # who has it mapped still reads it
