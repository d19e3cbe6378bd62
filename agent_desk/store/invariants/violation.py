"""What an invariant's question finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """One broken invariant: which, what is wrong, and the ids of the rows that show it."""

    invariant: str
    text: str
    ids: tuple[str, ...]
