"""Which statuses are on at a call: each set that ever occurred is one word."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from agent_desk.store.facts.segments import Column


class StatusSets:
    """Of all sets, by code of the set, whether a status is in it."""

    def __init__(self, words: Sequence[str]) -> None:
        """`words` by code; the codes of a set have spaces between them."""
        self._sets = [frozenset(word.split(" ")) - {""} for word in words]
        self.codes = sorted(set().union(*self._sets))

    def has(self, code: str) -> Column:
        """By code of a set: whether the status is in it."""
        return np.fromiter((code in each for each in self._sets), bool, len(self._sets))

    def has_one_of(self, codes: Collection[str]) -> Column:
        """By code of a set: whether one of the statuses is in it."""
        wanted = frozenset(codes)
        return np.fromiter((bool(wanted & each) for each in self._sets), bool, len(self._sets))
