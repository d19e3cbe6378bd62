"""The facts as reports read them: columns of the months a period touches, rows that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from agent_desk.models.base import from_microseconds, to_microseconds
from agent_desk.store.facts import layout, manifest, months, people, segments
from agent_desk.store.facts.layout import ALWAYS, INTERVALS, KEY, PEOPLE, TABLES
from agent_desk.store.facts.manifest import Manifest
from agent_desk.store.facts.segments import Column, Segment
from agent_desk.store.facts.words import Words
from agent_desk.store.facts.writing import WORDS, alive_rows
from agent_desk.store.sealing import Sealer


class NoFacts(Exception):
    """Nothing has been made of the rows yet."""


class Facts:
    """One state of the facts; `follow` moves on to the newest."""

    def __init__(self, directory: Path, sealer: Sealer) -> None:
        """Raises `NoFacts`."""
        self._directory = directory
        self._sealer = sealer
        self._opened: dict[tuple[str, str], tuple[list[Segment], list[Column | None]]] = {}
        self._manifest = self._read()
        self._words = self._read_words()

    @property
    def as_of(self) -> datetime:
        """When the rows were read."""
        return from_microseconds(self._manifest.as_of)

    @property
    def whole(self) -> bool:
        """Whether everything that was there has been read."""
        return self._manifest.whole

    def follow(self) -> None:
        """Take up what a writer has committed since."""
        newest = self._read()
        begun_anew = newest.begun != self._manifest.begun
        if newest.generation == self._manifest.generation and not begun_anew:
            return
        for place in list(self._opened):
            table, month = place
            held = [each.path.name for each in self._opened[place][0]]
            if begun_anew or newest.segments.get(table, {}).get(month, []) != held:
                del self._opened[place]
        self._manifest = newest
        if begun_anew:
            self._words = self._read_words()
        else:
            self._words.follow(newest.words_bytes)

    def words(self, namespace: str) -> list[str]:
        """What the codes of a namespace stand for, by code."""
        return self._words.of(namespace)

    def months(self, table: str) -> list[str]:
        """The months there are rows of."""
        return sorted(self._manifest.segments.get(table, {}))

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
        return sorted(self._words.known(people.FIELDS))

    def field(self, name: str) -> Column:
        """By customer id, the code of what the field says; its words are `field:<name>`. An id
        beyond the end says nothing."""
        code = self._words.known(people.FIELDS).get(name)
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

    def _read(self) -> Manifest:
        found = manifest.read(self._directory)
        if found is None:
            raise NoFacts
        return found

    def _read_words(self) -> Words:
        path = self._directory / WORDS
        return Words(path, self._sealer, known_bytes=self._manifest.words_bytes)

    def _month(self, table: str, month: str, names: Sequence[str]) -> list[dict[str, Column]]:
        opened, alive = self._segments(table, month)
        return [
            {name: each.column(name) if held is None else each.column(name)[held] for name in names}
            for each, held in zip(opened, alive, strict=True)
        ]

    def _segments(self, table: str, month: str) -> tuple[list[Segment], list[Column | None]]:
        held = self._opened.get((table, month))
        if held is None:
            path = self._directory / table / month
            names = self._manifest.segments.get(table, {}).get(month, [])
            opened = [segments.read(path / name) for name in names]
            held = self._opened[table, month] = (opened, alive_rows(opened))
        return held

    def _running(self, last: int, now: int) -> dict[str, Column]:
        """The stays nobody has left yet; of one that began in an earlier month only its part of
        each month would be there, had it ended: it is one stay all the same."""
        reasons = self._words.known("reason")
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
            for user, stay in self._manifest.stays.items()
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
