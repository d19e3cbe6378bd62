"""Polling with a deadline: what tests use instead of a sleep."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
# What a machine with two cores and six programs on each still keeps. Waiting costs nothing when
# all is well: what must be fast is measured in benchmarks/.
PATIENCE_S = 30.0
# For processes of ours to be up: they read half of Python first.
START_S = 120.0


def until(
    predicate: Callable[[], T],
    *,
    within_s: float = PATIENCE_S,
    what: str | Callable[[], str] = "",
    every_s: float = 0.01,
) -> T:
    """Return the first truthy value of `predicate`, or fail after `within_s` seconds.

    `what` was waited for; asked at the end where it says how things stand.
    """
    deadline = time.monotonic() + within_s
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            told = what() if callable(what) else what
            raise AssertionError(f"not within {within_s} s: {told or predicate}")
        time.sleep(every_s)


async def await_until(
    predicate: Callable[[], T],
    *,
    within_s: float = PATIENCE_S,
    what: str | Callable[[], str] = "",
) -> T:
    """The same for a test that shares its loop with the code under test."""
    deadline = time.monotonic() + within_s
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            told = what() if callable(what) else what
            raise AssertionError(f"not within {within_s} s: {told or predicate}")
        await asyncio.sleep(0.005)
