"""What was added to calls, read in the order it was written, alongside the calls.

Looking up the marks, the result, the promises and the moves of ten million calls, call by call,
reads pages all over the disk. When all facts are made, these tables are read from one end to the
other instead, an hour further than the calls are: what is added to a call follows it within
minutes. Rows wait here for their call; what comes later (a correction) belongs to a call that has
been read already, and that one is read again, by look-ups.

So every row up to where a table has been read is in the facts: it was there when its call was read,
or its call was read again. Where reading begins anew after a break, `floors` say from where: all
before them has found its call.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from agent_desk.store.facts import rows
from agent_desk.store.facts.rows import Row
from agent_desk.store.facts.said import Said

AHEAD_US = 3_600_000_000
BATCH = 20_000  # rows in one question
MOST = 300_000  # of one table in one pass, so that the memory is bounded
MOVES = "moves"
START: Mapping[str, int] = dict.fromkeys(rows.OF_CALLS, 0)


@dataclass
class _Table:
    """One table: how far it is read, and what waits for its call."""

    name: str
    position: int
    until: int | None  # the last id that is wanted
    reached: int = -1  # the instant of the last row
    ended: bool = False
    waiting: dict[str, list[Row]] = field(default_factory=dict)

    def read_to(self, session: Session, instant: int) -> list[Row]:
        """Up to that instant, or as many as one pass may; all that were read."""
        found: list[Row] = []
        while not self.ended and self.reached < instant and len(found) < MOST:
            some = rows.added(session, self.name, self.position, BATCH, until=self.until)
            self.ended = len(some) < BATCH
            if some:
                self.position, self.reached = some[-1][0], some[-1][1]
            for row in some:
                if row[2]:
                    self.waiting.setdefault(row[2], []).append(row)
            found += some
        return found

    @property
    def floor(self) -> int:
        """The id up to which every row has found its call."""
        first = min((each[0][0] for each in self.waiting.values()), default=self.position + 1)
        return min(int(first) - 1, self.position)


class Alongside:
    """The tables of `rows.OF_CALLS`, read beside the calls."""

    def __init__(self, floors: Mapping[str, int], until: Mapping[str, int]) -> None:
        """`floors` as another said before; `until` are the last ids that are wanted."""
        self._tables = {name: _Table(name, floors[name], until.get(name)) for name in rows.OF_CALLS}
        self._not_yet: set[str] = set()  # calls that were asked for: they are still to come

    @property
    def floors(self) -> dict[str, int]:
        """Where to begin after a break."""
        return {name: table.floor for name, table in self._tables.items()}

    @property
    def ended(self) -> bool:
        """Whether all is read."""
        return all(table.ended for table in self._tables.values())

    def read(self, session: Session, leased: int) -> tuple[int, list[Row]]:
        """Go on for calls leased up to that instant: up to which one may be read now, and the
        moves that were read."""
        moves: list[Row] = []
        for name, table in self._tables.items():
            found = table.read_to(session, leased + AHEAD_US)
            if name == MOVES:
                moves = found
        behind = [table.reached - AHEAD_US for table in self._tables.values() if not table.ended]
        return min([leased, *behind]), moves

    def take(self, call_ids: Collection[str]) -> Said:
        """What waits for these calls, which are read now."""
        self._not_yet -= set(call_ids)
        return Said(
            **{
                name: {
                    call_id: table.waiting.pop(call_id)
                    for call_id in call_ids
                    if call_id in table.waiting
                }
                for name, table in self._tables.items()
            }
        )

    def late(self, session: Session, read_up_to: tuple[int, str], *, last: bool) -> set[str]:
        """The calls to which something was added after they were read; nothing waits for them
        any more. `last`: nobody will ask again, and what is left belongs to calls to come."""
        leased = read_up_to[0]
        asked = {
            call_id
            for table in self._tables.values()
            for call_id, waiting in table.waiting.items()
            if last or min(row[1] for row in waiting) <= leased
        }
        if not last:
            asked -= self._not_yet
        instants = rows.leased_at(session, asked)
        found = {each for each, instant in instants.items() if (instant, each) <= read_up_to}
        self._not_yet |= asked - found
        self.take(found)
        return found
