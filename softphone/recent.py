"""What is remembered for a while and then forgotten, at no cost but a look at the clock.

Two generations: the newer one takes what comes, and once it is old enough it becomes the older one,
whose predecessor is dropped as a whole. So everything is kept for `kept_s` at least and twice that
at most, and memory follows the pace of the last minutes, not the length of the shift.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Values by key. `now()` in seconds of any steady clock."""

    def __init__(self, kept_s: float, now: Callable[[], float]) -> None:
        self._kept_s = kept_s
        self._now = now
        self._newer: dict[str, V] = {}
        self._older: dict[str, V] = {}
        self._began = now()

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def __contains__(self, key: str) -> bool:
        self._age()
        return key in self._newer or key in self._older

    def put(self, key: str, value: V) -> None:
        """Remember it from now on; a key that is there already begins anew."""
        self._age()
        self._newer[key] = value

    def get(self, key: str) -> V | None:
        self._age()
        found = self._newer.get(key)
        return found if found is not None else self._older.get(key)

    def _age(self) -> None:
        aged_s = self._now() - self._began
        if aged_s < self._kept_s:
            return
        self._older = self._newer if aged_s < 2 * self._kept_s else {}
        self._newer = {}
        self._began = self._now()
