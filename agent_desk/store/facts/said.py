"""What rows added to a call say of it: its statuses, its result, promises, its operator's seat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from agent_desk.store.facts import rows
from agent_desk.store.facts.rows import Row

Rows = Mapping[str, list[Row]]  # by call


@dataclass(frozen=True)
class Said:
    """Rows of `rows.OF_CALLS` by the calls they belong to, in the order of their ids."""

    marks: Rows
    results: Rows
    promises: Rows
    moves: Rows

    def together(self, other: Said) -> Said:
        """Both; they are of different calls."""
        return Said(
            {**self.marks, **other.marks},
            {**self.results, **other.results},
            {**self.promises, **other.promises},
            {**self.moves, **other.moves},
        )

    def marks_of(self, call_ids: Iterable[str]) -> list[Row]:
        """Every mark ever set on these calls: where one was set once, a later state replaces it.
        (…, call id, user id, campaign id, status, whether it is on)."""
        return [row for call_id in call_ids for row in self.marks.get(call_id, ())]

    def counterpart(self, call_id: str) -> str | None:
        """Who was spoken to, as the newest result says; "" where it does not; None without one."""
        found = self.results.get(call_id)
        if not found:
            return None
        _, _, _, _, recorded, counterpart = max(found, key=lambda row: int(row[3]))
        return (counterpart or "") if recorded else None

    def promised(self, call_id: str) -> int | None:
        """Yen promised, 0 where the amount was left open; None without a promise."""
        found = [row[4] for row in self.promises.get(call_id, ()) if not row[3]]
        return sum(found) if found else None

    def seat_lengths(self, call_id: str) -> Mapping[str, int]:
        """Microseconds at the call by the state of the operators' seats, as far as it is over."""
        spent: dict[str, int] = defaultdict(int)
        user, state, since = 0, "", 0
        for row in sorted(self.moves.get(call_id, ()), key=lambda row: (row[3], row[1], row[0])):
            if row[3] == user:
                spent[state] += row[1] - since
            user, state, since = row[3], row[5], row[1]
        return spent


NOTHING = Said({}, {}, {}, {})


def looked_up(session: Session, call_ids: Collection[str]) -> Said:
    """Call by call, of a few."""
    return Said(**{name: rows.added_to(session, name, call_ids) for name in rows.OF_CALLS})
