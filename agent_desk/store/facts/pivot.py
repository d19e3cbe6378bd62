"""Calls counted by any axes together: sums per group, month after month, added up.

The rows are the attempts that were placed, as in the funnel. A group is a combination of codes, and
only those that occur are kept: a thousand operators by ten thousand values are mostly empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

import numpy as np
from sqlalchemy.orm import Session

from agent_desk.models.base import from_microseconds
from agent_desk.store.facts import axes, figures, months
from agent_desk.store.facts.axes import STATUS, Axis
from agent_desk.store.facts.figures import Scope
from agent_desk.store.facts.groups import in_columns, summed
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.status_sets import StatusSets

ON = "status:"  # begins the sum of calls with a status on
AT_ONCE = 10_000  # groups that are spelt out together

_Sum = Callable[[Mapping[str, Column], StatusSets], Column]


def _lengths(name: str) -> _Sum:
    return lambda read, _: np.maximum(read[name], 0)


# name → (columns it needs, what each call adds)
SUMS: Mapping[str, tuple[tuple[str, ...], _Sum]] = {
    "attempts": ((), lambda read, _: np.ones(len(read["campaign"]), bool)),
    "answered": (("ring_ms",), lambda read, _: read["ring_ms"] >= 0),
    "live_answers": (("live_answer",), lambda read, _: read["live_answer"]),
    "abandoned": (("abandoned",), lambda read, _: read["abandoned"]),
    "bridged": ((), lambda read, _: read["bridged"] >= 0),
    "verified": ((), lambda read, _: read["identity_ok"] & (read["bridged"] >= 0)),
    "valid": ((), lambda read, _: read["is_valid"]),
    "promises": (("promised",), lambda read, _: read["promised"]),
    "promised_yen": (("promised_yen",), _lengths("promised_yen")),
    "first_attempts": (("try_number",), lambda read, _: read["try_number"] == 1),
    "first_contacts": (
        ("try_number",),
        lambda read, sets: (read["try_number"] == 1) & sets.has("contact")[read["statuses"]],
    ),
    "talk_ms": (("talk_ms",), _lengths("talk_ms")),
    "hold_ms": (("hold_ms",), _lengths("hold_ms")),
    "wrap_ms": (("wrap_ms",), _lengths("wrap_ms")),
    "bridge_ms": (("bridge_ms",), _lengths("bridge_ms")),
}


class UnknownSum(ValueError):
    """There is nothing of that name to add up."""


class Cancelled(Exception):
    """Whoever asked does not want it any more."""


@dataclass(frozen=True)
class Asked:
    """Which calls, by what, how much of what. `only` is axis → the names that enter."""

    start: datetime
    end: datetime
    axes: tuple[str, ...]
    sums: tuple[str, ...]
    only: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Group:
    """One combination: its names, one for each axis, and its sums."""

    names: tuple[str, ...]
    codes: tuple[int, ...]
    sums: Mapping[str, int]


class Groups(Sequence[Group]):
    """Many groups as columns: a year has millions, of which a page shows some hundred."""

    def __init__(
        self,
        codes: Sequence[Column],
        names: Sequence[Column],
        sums: Mapping[str, Column],
        number: int,
    ) -> None:
        """Each column has `number` values."""
        self._codes, self._names, self.sums, self._number = codes, names, sums, number

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, place: int) -> Group: ...

    @overload
    def __getitem__(self, place: slice) -> list[Group]: ...

    def __getitem__(self, place: int | slice) -> Group | list[Group]:
        if isinstance(place, int):
            return self[place : place + 1 or None][0]
        size = len(range(*place.indices(self._number)))
        names = [each[place].tolist() for each in self._names]
        codes = [each[place].tolist() for each in self._codes]
        sums = [each[place].tolist() for each in self.sums.values()]
        return [
            Group(words, key, dict(zip(self.sums, added, strict=True)))
            for words, key, added in zip(
                list(zip(*names, strict=True)) or [()] * size,
                list(zip(*codes, strict=True)) or [()] * size,
                list(zip(*sums, strict=True)) or [()] * size,
                strict=True,
            )
        ]

    def __iter__(self) -> Iterator[Group]:
        for first in range(0, self._number, AT_ONCE):
            yield from self[first : first + AT_ONCE]

    def taken(self, order: Column) -> Groups:
        """Those at these places."""
        return Groups(
            [each[order] for each in self._codes],
            [each[order] for each in self._names],
            {name: each[order] for name, each in self.sums.items()},
            len(order),
        )

    def highest_first(self, told: str, cases: str | None = None) -> Groups:
        """By a sum, or by what it is of another one; those with no case come last, and what is
        equal stays in its order."""
        height = self.sums[told].astype(np.float64)
        if cases is not None:
            there = self.sums[cases] > 0
            height = np.divide(height, self.sums[cases], out=np.full(len(self), -1.0), where=there)
        return self.taken(np.argsort(-height, kind="stable"))

    def words(self, axis: int, place: slice) -> list[str]:
        """The names of one axis."""
        found: list[str] = self._names[axis][place].tolist()
        return found

    def added(self, place: slice) -> dict[str, list[int]]:
        """Every sum."""
        return {name: each[place].tolist() for name, each in self.sums.items()}

    def totals(self) -> dict[str, int]:
        """Every sum of all groups together."""
        return {name: int(each.sum()) for name, each in self.sums.items()}


def pivot(
    facts: Facts,
    session: Session,
    asked: Asked,
    scope: Scope,
    *,
    progress: Callable[[float], bool] = lambda share: True,
) -> Groups:
    """Groups in the order of their codes.

    `progress` is told the share that is done after each month, and says whether to go on:
    `Cancelled` otherwise. Raises `UnknownAxis`, `UnknownSum`.
    """
    by = [axes.find(code, facts, session) for code in asked.axes]
    filters = [(axes.find(code, facts, session), wanted) for code, wanted in asked.only.items()]
    needed = _needed(asked.sums, [*by, *(axis for axis, _ in filters)])
    parts: list[_Part] = []
    pieces = _pieces(asked.start, asked.end)
    for number, (start, end) in enumerate(pieces, start=1):
        read = _rows(facts, scope, start, end, needed)
        for axis, wanted in filters:
            read = _kept(read, _enter(axis, read, wanted, facts))
        parts += _counted(by, read, asked.sums, facts)
        if not progress(number / len(pieces)):
            raise Cancelled
    return _together(parts, by, asked.sums)


def calls_behind(
    facts: Facts, session: Session, asked: Asked, scope: Scope, *, most: int
) -> tuple[list[str], int]:
    """The newest calls that enter, and how many there are."""
    filters = [(axes.find(code, facts, session), wanted) for code, wanted in asked.only.items()]
    needed = _needed((), [axis for axis, _ in filters])
    read = _rows(facts, scope, asked.start, asked.end, {*needed, "call_id"})
    for axis, wanted in filters:
        read = _kept(read, _enter(axis, read, wanted, facts))
    newest = np.argsort(read["leased"], kind="stable")[::-1][:most]
    return [each.decode() for each in read["call_id"][newest].tolist()], len(read["leased"])


def _needed(sums: Sequence[str], by: Sequence[Axis]) -> set[str]:
    needed = {column for axis in by for column in axis.columns}
    for name in sums:
        if not name.startswith(ON):
            if name not in SUMS:
                raise UnknownSum(name)
            needed.update(SUMS[name][0])
    return needed


def _pieces(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The period by months."""
    borders = [from_microseconds(months.start_of(each)) for each in months.between(start, end)]
    borders = [start, *(border for border in borders if start < border < end), end]
    return list(zip(borders, borders[1:], strict=False))


def _rows(
    facts: Facts, scope: Scope, start: datetime, end: datetime, needed: set[str]
) -> dict[str, Column]:
    """Placed attempts in scope, with whether they were valid."""
    read = figures.call_columns(facts, start, end, ("placed", *sorted(needed)))
    read = _kept(read, read["placed"] & scope.campaigns_in(read["campaign"]))
    sets = StatusSets(facts.words("statuses"))
    return {**read, "is_valid": figures.valid_ones(read, scope.histories, sets)}


def _kept(read: Mapping[str, Column], which: Column) -> dict[str, Column]:
    return {name: column[which] for name, column in read.items()}


def _enter(axis: Axis, read: Mapping[str, Column], wanted: frozenset[str], facts: Facts) -> Column:
    """Which calls have one of the names."""
    if axis.code == STATUS:
        return StatusSets(facts.words("statuses")).has_one_of(wanted)[read["statuses"]]
    codes = axis.codes(read)
    there = np.unique(codes)
    names = axis.names(there.tolist())
    return np.isin(codes, [code for code, name in zip(there, names, strict=True) if name in wanted])


_Part = tuple[list[Column], list[Column], int]  # codes, sums, how many


def _counted(
    by: Sequence[Axis], read: Mapping[str, Column], sums: Sequence[str], facts: Facts
) -> list[_Part]:
    """What these rows say of their groups; nothing where there are none."""
    sets = StatusSets(facts.words("statuses"))
    weights = [
        sets.has(name.removeprefix(ON))[read["statuses"]]
        if name.startswith(ON)
        else SUMS[name][1](read, sets)
        for name in sums
    ]
    codes = [np.asarray(axis.codes(read), np.int64) for axis in by]
    statuses = [place for place, axis in enumerate(by) if axis.code == STATUS]
    if statuses:
        rows, told = _by_status(sets, read["statuses"])
        codes = [told if place in statuses else each[rows] for place, each in enumerate(codes)]
        weights = [each[rows] for each in weights]
    if not len(codes[0] if codes else read["leased"]):
        return []
    keys, number, inverse = in_columns(codes, len(read["leased"]))
    return [(keys, [summed(inverse, weight, number) for weight in weights], number)]


def _together(parts: Sequence[_Part], by: Sequence[Axis], sums: Sequence[str]) -> Groups:
    """The groups of all parts, each once."""
    codes = [_all([keys[place] for keys, _, _ in parts]) for place in range(len(by))]
    added = [_all([columns[place] for _, columns, _ in parts]) for place in range(len(sums))]
    number = sum(each for _, _, each in parts)
    if len(parts) > 1:
        codes, number, inverse = in_columns(codes, number)
        added = [summed(inverse, each, number) for each in added]
    names = [_named(axis, column) for axis, column in zip(by, codes, strict=True)]
    return Groups(codes, names, dict(zip(sums, added, strict=True)), number)


def _all(columns: Sequence[Column]) -> Column:
    return np.concatenate([np.empty(0, np.int64), *columns])


def _named(axis: Axis, codes: Column) -> Column:
    """What each code is called; each is looked up once."""
    there, inverse = np.unique(codes, return_inverse=True)
    return np.array(axis.names(there.tolist()), object)[inverse]


def _by_status(sets: StatusSets, statuses: Column) -> tuple[Column, Column]:
    """(row, status) of every status that is on."""
    rows, told = [], []
    for number, code in enumerate(sets.codes):
        on = np.flatnonzero(sets.has(code)[statuses])
        rows.append(on)
        told.append(np.full(len(on), number))
    empty = np.empty(0, np.int64)
    return np.concatenate([empty, *rows]), np.concatenate([empty, *told])
