"""The facts as reports read them: columns of the months a period touches, rows that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from agent_desk.models.base import from_microseconds, to_microseconds
from agent_desk.store.facts import layout, manifest, months, people, segments
from agent_desk.store.facts.layout import ALWAYS, INTERVALS, KEY, PEOPLE, TABLES
from agent_desk.store.facts.manifest import Manifest
from agent_desk.store.facts.merging import alive_rows
from agent_desk.store.facts.segments import Column, Segment
from agent_desk.store.facts.words import Words
from agent_desk.store.sealing import Sealer


class NoFacts(Exception):
    """Nothing has been made of the rows yet."""


@dataclass
class _State:
    """What one manifest names: opened together, so that a writer may go on."""

    manifest: Manifest
    words: Words
    opened: dict[tuple[str, str], list[Segment]]
    alive: dict[tuple[str, str], list[Column | None]] = field(default_factory=dict)


class Facts:
    """One state of the facts; `follow` moves on to the newest."""

    def __init__(self, directory: Path, sealer: Sealer) -> None:
        """Raises `NoFacts`."""
        self._directory = directory
        self._sealer = sealer
        self._state = self._newest(None)

    @property
    def as_of(self) -> datetime:
        """When the rows were read."""
        return from_microseconds(self._state.manifest.as_of)

    @property
    def begun(self) -> str:
        """Another word each time they are made anew."""
        return self._state.manifest.begun

    @property
    def read_up_to(self) -> tuple[dict[str, int], int]:
        """Ids of marks, results and promises, and the instant up to which ended promises are."""
        return self._state.manifest.known, self._state.manifest.ended

    @property
    def whole(self) -> bool:
        """Whether everything that was there has been read."""
        return self._state.manifest.whole

    def follow(self) -> None:
        """Take up what a writer has committed since."""
        self._state = self._newest(self._state)

    def snapshot(self) -> Facts:
        """This state, for one reader: it stays when others follow."""
        return copy(self)

    def words(self, namespace: str) -> list[str]:
        """What the codes of a namespace stand for, by code."""
        return self._state.words.of(namespace)

    def months(self, table: str) -> list[str]:
        """The months there are rows of."""
        return sorted(self._state.manifest.segments.get(table, {}))

    def rows(self, table: str, month: str) -> int:
        """How many rows a month has."""
        return sum(len(part[layout.KEY]) for part in self._month(table, month, (layout.KEY,)))

    def columns(
        self, table: str, start: datetime, end: datetime, names: Sequence[str], *, by: str
    ) -> dict[str, Column]:
        """Columns of the rows whose instant `by` is in [start, end)."""
        first, last = to_microseconds(start), to_microseconds(end)
        parts: list[dict[str, Column]] = []
        for month in months.between(start, end):
            whole = months.start_of(month) >= first and (
                months.start_of(months.next_month(month)) <= last
            )
            needed = names if whole else [*names, by]
            for part in self._month(table, month, needed):
                if not whole:
                    within = (part[by] >= first) & (part[by] < last)
                    part = {name: part[name][within] for name in names}
                parts.append(part)
        return _joined(table, names, parts)

    def intervals(self, start: datetime, end: datetime, *, now: datetime) -> dict[str, Column]:
        """Stays cut to [start, end), those that still run up to `now`.

        `user`, `state`, `reason`, `campaign`, `began`, `ended`. A stay is `counted` once in every
        period it touches, a `call` where it began. One without length is there too.
        """
        first, last = to_microseconds(start), to_microseconds(end)
        wanted = tuple(layout.INTERVAL_FACTS)[1:]
        parts = [
            part
            for month in months.between(start, end)
            for part in self._month(INTERVALS, month, wanted)
        ]
        parts.append(self._running(last, to_microseconds(now)))
        every = _joined(INTERVALS, wanted, parts)
        began, ended = every["began"], every["ended"]
        within = (began < last) & ((ended > first) | (began >= first))
        if not within.all():
            every = {name: column[within] for name, column in every.items()}
            began, ended = every["began"], every["ended"]
        every["counted"] = every["counted"] | (began <= first)
        every["call"] = every["call"] & (began >= first)
        every["began"] = np.maximum(began, first)
        every["ended"] = np.minimum(ended, last)
        return every

    def fields(self) -> list[str]:
        """The fields customers' files had, by name; areas begin with `@`."""
        return sorted(self._state.words.known(people.FIELDS))

    def field(self, name: str) -> Column:
        """By customer id, the code of what the field says; its words are `field:<name>`. An id
        beyond the end says nothing."""
        code = self._state.words.known(people.FIELDS).get(name)
        column = f"{people.PREFIX}{code}"
        opened, alive = self._segments(PEOPLE, ALWAYS)
        ids = [each.column(KEY) for each in opened]
        most = max((int(each.max()) for each in ids if len(each)), default=0)
        found = np.zeros(most + 1, "<u4")
        for each, keys, held in zip(opened, ids, alive, strict=True):
            if column in each.names:
                values = each.column(column)
                found[keys if held is None else keys[held]] = (
                    values if held is None else values[held]
                )
        return found

    # --- inside -----------------------------------------------------------------------------------

    def _newest(self, held: _State | None) -> _State:
        while True:
            found = manifest.read(self._directory)
            if found is None:
                raise NoFacts
            same = held is not None and held.manifest.begun == found.begun
            if held is not None and same and held.manifest.generation == found.generation:
                return held
            try:
                return self._opened(found, held if same else None)
            except FileNotFoundError:
                continue  # merged or forgotten since the manifest was read: there is a newer one

    def _opened(self, found: Manifest, held: _State | None) -> _State:
        """Open what is new; the rest is open."""
        if held is None or held.manifest.words_name != found.words_name:
            path = self._directory / found.words_name
            words = Words(path, self._sealer, known_bytes=found.words_bytes)
            state = _State(found, words, {})
        else:
            held.words.follow(found.words_bytes)
            state = _State(found, held.words, {})
        if state.words.bytes < found.words_bytes and manifest.read(self._directory) != found:
            raise FileNotFoundError(found.words_name)  # some were forgotten meanwhile
        for table, by_month in found.segments.items():
            for month, names in by_month.items():
                place, path = (table, month), self._directory / table / month
                was = [] if held is None else held.opened.get(place, [])
                if held is not None and [each.path.name for each in was] == names:
                    state.opened[place] = was
                    if place in held.alive:
                        state.alive[place] = held.alive[place]
                    continue
                known = {each.path.name: each for each in was}
                state.opened[place] = [
                    known.get(name) or segments.read(path / name) for name in names
                ]
        return state

    def _month(self, table: str, month: str, names: Sequence[str]) -> list[dict[str, Column]]:
        opened, alive = self._segments(table, month)
        return [
            {name: each.column(name) if held is None else each.column(name)[held] for name in names}
            for each, held in zip(opened, alive, strict=True)
        ]

    def _segments(self, table: str, month: str) -> tuple[list[Segment], list[Column | None]]:
        place = (table, month)
        opened = self._state.opened.get(place, [])
        alive = self._state.alive.get(place)
        if alive is None:
            alive = self._state.alive[place] = alive_rows(opened)
        return opened, alive

    def _running(self, last: int, now: int) -> dict[str, Column]:
        """The stays nobody has left yet; of one that began in an earlier month only its part of
        each month would be there, had it ended: it is one stay all the same."""
        reasons = self._state.words.known("reason")
        until = min(last, now)
        found = [
            (
                int(user),
                layout.STATES.index(stay.state),
                reasons.get(stay.reason, 0),
                stay.campaign,
                stay.began,
                until,
                stay.counted,
                stay.call,
            )
            for user, stay in self._state.manifest.stays.items()
            if stay.state != "offline" and stay.began < until
        ]
        wanted = tuple(layout.INTERVAL_FACTS)[1:]
        columns = zip(*found, strict=True) if found else [[] for _ in wanted]
        return {
            name: np.array(column, layout.INTERVAL_FACTS[name].dtype)
            for name, column in zip(wanted, columns, strict=True)
        }


def _joined(
    table: str, names: Sequence[str], parts: Sequence[Mapping[str, Column]]
) -> dict[str, Column]:
    if len(parts) == 1:
        return dict(parts[0])
    return {
        name: np.concatenate([part[name] for part in parts])
        if parts
        else np.empty(0, TABLES[table][name].dtype)
        for name in names
    }
