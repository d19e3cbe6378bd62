"""One look at the whole floor for all who look at it: each tile and panel is made once.

Sixty leads with forty scopes between them would otherwise have the same tile made twenty times,
four times a second. A row that says what it said in the round before is the very same object, so
that finding what differs, and for whom, is a glance at each row.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

Row = dict[str, Any]


class Round:
    """Rows by whatever names them. `before` is the round whose rows are kept where they hold."""

    def __init__(self, before: Round | None = None) -> None:
        self._before = {} if before is None else before._rows
        self._rows: dict[Hashable, Row] = {}

    def row(self, name: Hashable, make: Callable[[], Row]) -> Row:
        """The row of this name, made if nobody asked for it yet."""
        known = self._rows.get(name)
        if known is not None:
            return known
        made = make()
        before = self._before.get(name)
        row = self._rows[name] = before if before == made and before is not None else made
        return row
