"""Making facts of rows: portion by portion, each committed, the same way first and last.

One writer per directory, in the process that makes reports. A pass reads, in one snapshot of the
database, the attempts that were leased since the last pass and those that have ended or changed
since, and the seat moves since. Making all facts anew is the same from nothing, so the two cannot
disagree.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from sqlalchemy.orm import Session

from agent_desk.models.base import to_microseconds
from agent_desk.store.facts import layout, manifest, months, rows, segments
from agent_desk.store.facts import people as people_rows
from agent_desk.store.facts.intervals import Interval, Stays
from agent_desk.store.facts.layout import (
    ALWAYS,
    CALLS,
    INTERVALS,
    KEY,
    MARKS,
    PEOPLE,
    REPLACED,
    TABLES,
)
from agent_desk.store.facts.manifest import Manifest
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.tries import MANY, Tries
from agent_desk.store.facts.words import Words
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

PORTION = 20_000  # attempts
MOVES = 100_000
LATE_US = 20_000_000  # a lease may be committed so much later than another that began after it
FEW = 8  # segments of a month that may lie side by side
WORDS = "words"

Values = Mapping[str, Sequence[Any]]


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
        found = manifest.read(self.directory)
        if found is None or found.database != self._identity:
            for left in self.directory.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            found = Manifest(self._identity, self._new_id())
        self._manifest = found
        self._words = Words(self.directory / WORDS, self._sealer, known_bytes=found.words_bytes)
        self._tries = Tries(self._placed, many=self._many)
        self._sweep()

    def _placed(self) -> Iterator[tuple[Column, Column]]:
        """Of every segment, the list entries of its calls and which were placed."""
        for month, names in self._manifest.segments.get(CALLS, {}).items():
            opened = [segments.read(self.directory / CALLS / month / name) for name in names]
            for each, held in zip(opened, alive_rows(opened), strict=True):
                placed = each.column("placed")
                yield each.column("entry"), placed if held is None else placed & held

    def _sweep(self) -> None:
        """Segments nobody names."""
        for table in (*TABLES, PEOPLE):
            for path in (self.directory / table).glob("*/*"):
                if path.name not in self._manifest.segments.get(table, {}).get(
                    path.parent.name, []
                ):
                    path.unlink()

    def _read(self, session: Session, now: datetime) -> Pass:
        was = self._manifest
        until = rows.newest_ids(session)
        if not was.generation:
            # What was added before the first portion comes with the calls it belongs to.
            began = to_microseconds(now) - LATE_US
            was = replace(was, known=until, ended=began, customers_updated=began)
        if any(until[name] < was.known[name] for name in until):
            self.begin_anew()  # an older state of the database was put back
            return Pass(0, 0, False, now)
        fresh, cursor, more = self._new_calls(session, was)
        changed: set[str] = set()
        if not more:
            changed = rows.changed_since(session, was.known, was.ended, until)
        known = {row[0] for row in fresh}
        again = (set(was.pending) | changed) - known
        every = [*fresh, *rows.calls_named(session, again)]
        over = [row for row in every if row[-1]]
        tries = self._tries.of(session, fresh, every[len(fresh) :], pending=set(was.pending))
        open_now = sorted(row[0] for row in every if not row[-1])
        recent = _recent(was.recent, fresh, cursor[0])
        moves = rows.moves_from(session, was.move_id, MOVES)
        stays = Stays(dict(_by_user(was.stays)), dict(_by_user(was.seen)))
        cells = [each for row in moves for each in stays.moved(row)]
        anew = self._histories(session, stays, moves, was)
        cells = [each for each in cells if each[0] not in stays.disordered]
        people, people_whole = people_rows.read(
            session, was.customer_id, was.customers_updated, self._portion
        )
        names = {table: dict(was.segments.get(table, {})) for table in (*TABLES, PEOPLE)}
        generation = was.generation + 1
        for table, month, columns in self._columns(session, over, tries, cells, anew, people):
            name = f"{generation:08}.facts"
            path = self.directory / table / month
            path.mkdir(parents=True, exist_ok=True)
            segments.write(path / name, columns)
            manifest.sync(path)
            names[table][month] = [*names[table].get(month, []), name]
        whole = not more and len(moves) < MOVES and people_whole
        self._commit(
            replace(
                was,
                generation=generation,
                segments=names,
                leased=cursor[0],
                last_id=cursor[1],
                pending=open_now,
                recent=recent,
                known=was.known if more else until,
                ended=was.ended if more else to_microseconds(now) - LATE_US,
                move_id=moves[-1][0] if moves else was.move_id,
                customer_id=max((row[0] for row in people), default=0) or was.customer_id,
                customers_updated=to_microseconds(now) - LATE_US
                if people_whole
                else was.customers_updated,
                stays={str(user): stay for user, stay in stays.stays.items()},
                seen={str(user): seen for user, seen in stays.seen.items()},
                whole=was.whole or whole,
                as_of=to_microseconds(now),
            )
        )
        self._merge()
        return Pass(len(over), len(moves), whole, now)

    def _new_calls(
        self, session: Session, was: Manifest
    ) -> tuple[list[Sequence[Any]], tuple[int, str], bool]:
        """Attempts not read yet, how far they are read now, and whether there are more."""
        since = was.leased - LATE_US if was.recent else was.leased
        last_id = "" if was.recent else was.last_id
        most = self._portion + len(was.recent)
        found = rows.calls_from(session, max(0, since), last_id, most)
        fresh = [row for row in found if row[0] not in was.recent]
        if not found:
            return [], (was.leased, was.last_id), False
        newest = max((row[1], row[0]) for row in found)
        return fresh, max(newest, (was.leased, was.last_id)), len(found) == most

    def _histories(
        self, session: Session, stays: Stays, moves: Sequence[Sequence[Any]], was: Manifest
    ) -> dict[str, list[Interval]]:
        """By month, all stays of those whose moves came out of order, from the first such month."""
        anew: dict[str, list[Interval]] = {}
        for user_id, at in stays.disordered.items():
            first = months.start_of(months.of_day(months.day_number(at)))
            again = Stays({}, {})
            theirs = rows.moves_of(session, user_id, first, moves[-1][0])
            cells = [each for row in theirs for each in again.moved(row)]
            stays.stays[user_id] = again.stays[user_id]
            stays.seen[user_id] = again.seen.get(user_id, [])
            for month in was.segments.get(INTERVALS, {}):
                if months.start_of(month) >= first:
                    anew.setdefault(month, [])
            for cell in cells:
                if cell[4] >= first:
                    month = months.of_day(months.day_number(cell[4]))
                    anew.setdefault(month, []).append(cell)
        return anew

    def _columns(
        self,
        session: Session,
        over: Sequence[Sequence[Any]],
        tries: Mapping[str, int],
        cells: Sequence[Interval],
        anew: Mapping[str, Sequence[Interval]],
        people: Sequence[Sequence[Any]],
    ) -> list[tuple[str, str, dict[str, Column]]]:
        """(table, month, columns) of what is to be written; new words are kept before."""
        found: list[tuple[str, str, dict[str, Column]]] = []
        if over:
            call_ids = [row[0] for row in over]
            marks = rows.marks(session, call_ids)
            found += [
                (CALLS, month, columns)
                for month, columns in _calls_by_month(
                    self._call_values(session, over, tries, marks)
                )
            ]
            found += [(MARKS, month, columns) for month, columns in self._mark_columns(marks)]
        found += [(INTERVALS, *each) for each in self._interval_columns(cells, anew)]
        if people:
            found.append((PEOPLE, ALWAYS, people_rows.columns(people, self._sealer, self._words)))
        self._words.save()
        return found

    def _call_values(
        self,
        session: Session,
        over: Sequence[Sequence[Any]],
        tries: Mapping[str, int],
        marks: Sequence[tuple[Any, ...]],
    ) -> Values:
        """The columns of `calls`."""
        read = dict(zip(rows.CALL_COLUMNS, zip(*over, strict=True), strict=True))
        call_ids = read["call_id"]
        spoken_to = rows.counterparts(session, call_ids)
        promised = rows.promised(session, call_ids)
        spent = rows.seat_lengths(session, {row[0] for row in over if row[3] >= 0})
        on: dict[str, list[str]] = defaultdict(list)
        for call_id, _, _, _, status, is_on in marks:
            if is_on:
                on[call_id].append(status)
        values: dict[str, Sequence[Any]] = {
            name: read[name] for name in layout.CALL_FACTS if name in read
        }
        values |= {
            KEY: [key_of(each) for each in call_ids],
            "call_id": [each.encode() for each in call_ids],
            "statuses": [" ".join(sorted(on.get(each, ()))) for each in call_ids],
            "counterpart": [spoken_to.get(each, "") for each in call_ids],
            "recorded": [each in spoken_to for each in call_ids],
            "promised": [each in promised for each in call_ids],
            "promised_yen": [promised.get(each, 0) for each in call_ids],
            "try_number": [tries.get(each, 0) for each in call_ids],
            "ring_ms": _lengths(read["leased"], read["answered_at"]),
            "bridge_ms": _lengths(read["answered_at"], read["bridged"]),
            "length_ms": _lengths(read["bridged"], read["ended_at"]),
            "line_ms": _lengths(read["answered_at"], read["ended_at"]),
        }
        for name, state in (("talk_ms", "talking"), ("hold_ms", "hold"), ("wrap_ms", "wrap_up")):
            values[name] = [spent[each][state] // 1000 if each in spent else 0 for each in call_ids]
        return self._coded(CALLS, values)

    def _mark_columns(
        self, marks: Sequence[tuple[Any, ...]]
    ) -> list[tuple[str, dict[str, Column]]]:
        """By month; every month a call was ever marked in is said anew, also where none is left."""
        found = []
        by_month: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for mark in marks:
            by_month[months.of_day(months.day_number(mark[1]))].append(mark)
        for month, theirs in sorted(by_month.items()):
            on = [mark for mark in theirs if mark[5]]
            values = {
                KEY: [key_of(mark[0]) for mark in on],
                "at": [mark[1] for mark in on],
                "user": [mark[2] for mark in on],
                "campaign": [mark[3] for mark in on],
                "status": [mark[4] for mark in on],
            }
            columns = _columns(MARKS, self._coded(MARKS, values))
            touched = np.array(sorted({key_of(mark[0]) for mark in theirs}), "<u8")
            found.append((month, {**columns, REPLACED: touched}))
        return found

    def _interval_columns(
        self, cells: Sequence[Interval], anew: Mapping[str, Sequence[Interval]]
    ) -> list[tuple[str, dict[str, Column]]]:
        """By month: new stays, and the whole of those that are told anew."""
        by_month: dict[str, list[Interval]] = defaultdict(list)
        for cell in cells:
            by_month[months.of_day(months.day_number(cell[4]))].append(cell)
        for month, theirs in anew.items():
            by_month[month] += theirs
        found = []
        told_anew = np.array(sorted({cell[0] for each in anew.values() for cell in each}), "<u8")
        for month, every in sorted(by_month.items()):
            values = self._interval_values(every) if every else dict.fromkeys(TABLES[INTERVALS], ())
            columns = _columns(INTERVALS, values)
            if month in anew:
                columns[REPLACED] = told_anew
            found.append((month, columns))
        return found

    def _interval_values(self, cells: Sequence[Interval]) -> Values:
        users, states, reasons, campaigns, began, ended, counted, calls = zip(*cells, strict=True)
        return self._coded(
            INTERVALS,
            {
                KEY: users,
                "user": users,
                "state": [layout.STATES.index(state) for state in states],
                "reason": reasons,
                "campaign": campaigns,
                "began": began,
                "ended": ended,
                "counted": counted,
                "call": calls,
            },
        )

    def _coded(self, table: str, values: Values) -> Values:
        """Words as codes."""
        return {
            name: self._words.codes(fact.words, values[name]) if fact.words else values[name]
            for name, fact in TABLES[table].items()
        }

    def _commit(self, now: Manifest) -> None:
        now = replace(now, words_bytes=self._words.bytes)
        manifest.write(self.directory, now)
        self._manifest = now

    def _merge(self) -> None:
        """Make one segment of the many small ones of a month."""
        for table, by_month in self._manifest.segments.items():
            for month, names in by_month.items():
                if len(names) > FEW:
                    self._merge_month(table, month, names)

    def _merge_month(self, table: str, month: str, names: Collection[str]) -> None:
        """The newer ones are merged until a large one is reached: each row is written a few times
        however long the month."""
        path = self.directory / table / month
        opened = [segments.read(path / name) for name in names]
        sizes = [len(each.column(KEY)) for each in opened]
        first = len(opened) - 1
        while first > 0 and sizes[first - 1] <= 2 * sum(sizes[first:]):
            first -= 1
        first = min(first, len(opened) - 2)
        kept = [each for each in names][:first]
        merged = merged_columns(opened[first:], keep_replaced=first > 0)
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


def merged_columns(opened: Sequence[segments.Segment], *, keep_replaced: bool) -> dict[str, Column]:
    """The rows of several segments that hold, and the keys they replace in those before.

    A column only some of them have is nothing, 0, in the others.
    """
    alive = alive_rows(opened)
    names = dict.fromkeys(name for each in opened for name in each.names if name != REPLACED)
    columns = {}
    for name in names:
        kind = next(each.column(name).dtype for each in opened if name in each.names)
        parts = []
        for each, held in zip(opened, alive, strict=True):
            there = name in each.names
            part = each.column(name) if there else np.zeros(len(each.column(KEY)), kind)
            parts.append(part if held is None else part[held])
        columns[name] = np.concatenate(parts)
    replaced = [each.column(REPLACED) for each in opened if REPLACED in each.names]
    if keep_replaced and replaced:
        columns[REPLACED] = np.unique(np.concatenate(replaced))
    return columns


def alive_rows(opened: Sequence[segments.Segment]) -> list[Column | None]:
    """By segment, which rows no later one replaces; None: all of them."""
    found: list[Column | None] = []
    gone = np.empty(0, "<u8")
    for each in reversed(opened):
        held: Column | None = None
        if len(gone):
            held = ~np.isin(each.column(KEY), gone)
            held = None if held.all() else held
        found.append(held)
        if REPLACED in each.names:
            gone = np.union1d(gone, each.column(REPLACED))
    return found[::-1]


def key_of(call_id: str) -> int:
    """64 bits of a hash of the id: two of ten million calls share them once in 370,000 cases."""
    return int.from_bytes(blake2b(call_id.encode(), digest_size=8).digest(), "little")


def _calls_by_month(values: Values) -> list[tuple[str, dict[str, Column]]]:
    """Calls cut into the months they were leased in; each replaces what was said of it before."""
    columns = _columns(CALLS, values)
    numbers = months.months_of(columns["leased"])
    found = []
    for number in np.unique(numbers):
        here = numbers == number
        theirs = {name: column[here] for name, column in columns.items()}
        theirs[REPLACED] = np.unique(theirs[KEY])
        found.append((months.name_of(int(number)), theirs))
    return found


def _columns(table: str, values: Values) -> dict[str, Column]:
    return {name: np.array(values[name], fact.dtype) for name, fact in TABLES[table].items()}


def _lengths(began: Sequence[int], ended: Sequence[int]) -> list[int]:
    """Milliseconds; -1 where one of the two did not happen."""
    return [
        (last - first) // 1000 if first >= 0 and last >= 0 else -1
        for first, last in zip(began, ended, strict=True)
    ]


def _recent(
    known: Mapping[str, int], fresh: Sequence[Sequence[Any]], leased: int
) -> dict[str, int]:
    """Those leased in the last moments."""
    every = {**known, **{row[0]: row[1] for row in fresh}}
    return {call_id: at for call_id, at in every.items() if at >= leased - LATE_US}


def _by_user(said: Mapping[str, Any]) -> list[tuple[int, Any]]:
    return [(int(user), value) for user, value in said.items()]
