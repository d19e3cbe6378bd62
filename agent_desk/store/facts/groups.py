"""Rows grouped by several codes together: only the combinations that occur, and sums of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent_desk.store.facts.segments import Column

DENSE = 2_000_000  # groups that are counted in one array


def grouped(codes: Sequence[Column], rows: int) -> tuple[list[tuple[int, ...]], Column]:
    """The combinations that occur, and by row which it is; `rows` is how many there are where
    there is no code."""
    if not codes:
        return [()], np.zeros(rows, np.int64)
    if not len(codes[0]):
        return [], np.zeros(0, np.int64)
    lows = [int(each.min()) for each in codes]
    sizes = [int(each.max()) - low + 1 for each, low in zip(codes, lows, strict=True)]
    place = np.zeros(len(codes[0]), np.int64)
    for each, low, size in zip(codes, lows, sizes, strict=True):
        place = place * size + (each - low)
    if np.prod([float(size) for size in sizes]) <= DENSE:
        met = np.bincount(place)
        there = np.flatnonzero(met)
        number = np.zeros(len(met), np.int64)
        number[there] = np.arange(len(there))
        inverse = number[place]
    else:
        there, inverse = np.unique(place, return_inverse=True)
    parts = []
    rest = there
    for low, size in zip(reversed(lows), reversed(sizes), strict=True):
        rest, part = np.divmod(rest, size)
        parts.append((part + low).tolist())
    return list(zip(*reversed(parts), strict=True)), inverse


def summed(inverse: Column, weight: Column, size: int) -> Column:
    """Whole numbers; sums of floats are exact up to 2**53, which no month's yen reach."""
    if weight.dtype == bool:
        return np.bincount(inverse[weight], minlength=size)
    return np.bincount(inverse, weights=weight, minlength=size).astype(np.int64)
