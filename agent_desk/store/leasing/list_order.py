"""Which of a campaign's lists is called next: ranks, and shares among those of one rank.

Entries that are first of all (callbacks) come before any list's rank. Lists of one rank and one
priority of entries are called as they are due, or, where any of them has a share, in proportion to
their shares: each place is drawn anew from the instant of the lease, so nothing has to be counted
and a list without due entries leaves its share to the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from agent_desk.dialer.selection import FIRST_PRIORITY

UNSHARED = 1  # what a list without a share weighs among others that have one


class Due(Protocol):
    """A list entry that is due."""

    @property
    def next_at(self) -> datetime: ...

    @property
    def list_entry_id(self) -> int: ...


Entry = TypeVar("Entry", bound=Due)


@dataclass(frozen=True)
class Level:
    """The ready entries of one list with one priority; the list's rank and its share, if any."""

    priority: int
    list_id: int
    rank: int
    mix: int | None

    @property
    def turn(self) -> tuple[int, int, int]:
        """Lower is called first."""
        return (self.priority != FIRST_PRIORITY, self.rank, self.priority)


def shared(due: Sequence[tuple[Level, list[Entry]]], wanted: int, *, now: datetime) -> list[Entry]:
    """Up to `wanted` of the entries due on levels of one turn, each list's in their own order."""
    with_entries = [(level, entries) for level, entries in due if entries]
    if len(with_entries) < 2 or all(level.mix is None for level, _ in with_entries):
        every = [entry for _, entries in with_entries for entry in entries]
        return sorted(every, key=lambda entry: (entry.next_at, entry.list_entry_id))[:wanted]
    left = [(level.mix or UNSHARED, list(reversed(entries))) for level, entries in with_entries]
    chosen: list[Entry] = []
    while left and len(chosen) < wanted:
        place = _draw(now, len(chosen)) * sum(weight for weight, _ in left)
        for weight, entries in left:
            place -= weight
            if place < 0:
                chosen.append(entries.pop())
                break
        left = [(weight, entries) for weight, entries in left if entries]
    return chosen


def _draw(now: datetime, turn: int) -> float:
    """A number from 0 to 1 that two instants do not share."""
    digest = hashlib.blake2b(f"{now.timestamp():.6f} {turn}".encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48
