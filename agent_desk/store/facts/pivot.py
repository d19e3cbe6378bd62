"""Calls counted by any axes together: sums per group, month after month, added up.

The rows are the attempts that were placed, as in the funnel. A group is a combination of codes, and
only those that occur are kept: a thousand operators by ten thousand values are mostly empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from agent_desk.models.base import from_microseconds
from agent_desk.store.facts import axes, figures, months
from agent_desk.store.facts.axes import STATUS, Axis
from agent_desk.store.facts.figures import Scope
from agent_desk.store.facts.groups import grouped, summed
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.status_sets import StatusSets

ON = "status:"  # begins the sum of calls with a status on

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


def pivot(
    facts: Facts,
    session: Session,
    asked: Asked,
    scope: Scope,
    *,
    progress: Callable[[float], bool] = lambda share: True,
) -> list[Group]:
    """Groups in the order of their codes.

    `progress` is told the share that is done after each month, and says whether to go on:
    `Cancelled` otherwise. Raises `UnknownAxis`, `UnknownSum`.
    """
    by = [axes.find(code, facts, session) for code in asked.axes]
    filters = [(axes.find(code, facts, session), wanted) for code, wanted in asked.only.items()]
    needed = _needed(asked.sums, [*by, *(axis for axis, _ in filters)])
    total: dict[tuple[int, ...], np.ndarray[tuple[int], np.dtype[np.int64]]] = {}
    pieces = _pieces(asked.start, asked.end)
    for number, (start, end) in enumerate(pieces, start=1):
        read = _rows(facts, scope, start, end, needed)
        for axis, wanted in filters:
            read = _kept(read, _enter(axis, read, wanted, facts))
        _add(total, by, read, asked.sums, facts)
        if not progress(number / len(pieces)):
            raise Cancelled
    ordered = sorted(total)
    names = [axis.names([key[place] for key in ordered]) for place, axis in enumerate(by)]
    return [
        Group(
            tuple(each[place] for each in names),
            key,
            dict(zip(asked.sums, total[key].tolist(), strict=True)),
        )
        for place, key in enumerate(ordered)
    ]


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


def _add(
    total: dict[tuple[int, ...], np.ndarray[tuple[int], np.dtype[np.int64]]],
    by: Sequence[Axis],
    read: Mapping[str, Column],
    sums: Sequence[str],
    facts: Facts,
) -> None:
    """Add what these rows say to the groups."""
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
        return
    keys, inverse = grouped(codes, len(read["leased"]))
    columns = [summed(inverse, weight, len(keys)) for weight in weights]
    for place, key in enumerate(keys):
        found = np.array([column[place] for column in columns], np.int64)
        total[key] = total[key] + found if key in total else found


def _by_status(sets: StatusSets, statuses: Column) -> tuple[Column, Column]:
    """(row, status) of every status that is on."""
    rows, told = [], []
    for number, code in enumerate(sets.codes):
        on = np.flatnonzero(sets.has(code)[statuses])
        rows.append(on)
        told.append(np.full(len(on), number))
    empty = np.empty(0, np.int64)
    return np.concatenate([empty, *rows]), np.concatenate([empty, *told])
