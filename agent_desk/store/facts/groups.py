"""Rows grouped by several codes together: only the combinations that occur, and sums of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent_desk.store.facts.segments import Column

DENSE = 2_000_000  # groups that are counted in one array


def grouped(codes: Sequence[Column], rows: int) -> tuple[list[tuple[int, ...]], Column]:
    """The combinations that occur, and by row which it is; `rows` is how many there are where
    there is no code."""
    parts, number, inverse = in_columns(codes, rows)
    if not parts:
        return [()] * number, inverse
    return list(zip(*(each.tolist() for each in parts), strict=True)), inverse


def in_columns(codes: Sequence[Column], rows: int) -> tuple[list[Column], int, Column]:
    """The same combinations as columns, in their order, and how many they are."""
    if not codes:
        return [], 1, np.zeros(rows, np.int64)
    if not len(codes[0]):
        return [np.zeros(0, np.int64) for _ in codes], 0, np.zeros(0, np.int64)
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
        parts.append(part + low)
    return parts[::-1], len(there), inverse


def summed(inverse: Column, weight: Column, size: int) -> Column:
    """Whole numbers; sums of floats are exact up to 2**53, which no year's yen reach."""
    if weight.dtype == bool:
        return np.bincount(inverse[weight], minlength=size)
    return np.bincount(inverse, weights=weight, minlength=size).astype(np.int64)
