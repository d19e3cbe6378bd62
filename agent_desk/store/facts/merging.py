"""Several segments as one: the rows that hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent_desk.store.facts import segments
from agent_desk.store.facts.layout import KEY, REPLACED
from agent_desk.store.facts.segments import Column


def from_where(sizes: Sequence[int]) -> int:
    """The first segment to be merged with all after it: those as large as what follows are left,
    so that each row is written a few times however long the month. Two are merged at least."""
    first = len(sizes) - 1
    while first > 0 and sizes[first - 1] <= 2 * sum(sizes[first:]):
        first -= 1
    return min(first, len(sizes) - 2)


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
