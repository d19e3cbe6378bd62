"""Lists that follow a filter: members come and go as customers change, a little at each step.

A step looks through a few spans of customers of one list and writes what differs; whoever is on
the phone notices nothing. When every customer was looked at, the list rests for a while. A filter
that was changed is followed from the next step on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from agent_desk.services.lists.filters import (
    FIRST_SPAN,
    context_of,
    next_span,
    read_filter,
)
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.lists import membership, saved_filters
from agent_desk.store.lists.membership import Changes, Followed
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

RESTS = timedelta(seconds=60)
SPANS = 4  # of one step
MOST_CHANGES = 300  # written at once


@dataclass
class _Round:
    """How far one list was gone through, by which version of its filter."""

    filter_id: int
    version: int
    after: int = 0
    span: int = FIRST_SPAN


class FollowingLists:
    """Owns the rounds; a restarted desk begins each anew, which changes nothing twice."""

    def __init__(
        self, *, database: Database, sealer: Sealer, commits: WriteDoor, clock: Clock, hub: Hub
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._hub = hub
        self._rounds: dict[int, _Round] = {}

    def step(self) -> None:
        """Some spans of each list that is not resting."""
        with self._database.read() as session:
            lists = membership.followed(session)
        for each in lists:
            if self._due(each):
                for _ in range(SPANS):
                    if self._one_span(each):
                        break
                    self._hub.pause(0)

    def finish(self) -> None:
        """Every list once through, where nobody waits."""
        with self._database.read() as session:
            lists = membership.followed(session)
        for each in lists:
            while not self._one_span(each):
                pass

    def _due(self, each: Followed) -> bool:
        if each.list_id in self._rounds or each.refreshed_at is None:
            return True
        with self._database.read() as session:
            row = saved_filters.by_id(session, each.filter_id)
        changed = row is not None and row.at > each.refreshed_at
        return changed or self._clock.now() - each.refreshed_at >= RESTS

    def _one_span(self, each: Followed) -> bool:
        """Look at some customers and write what differs; whether the round is at its end."""
        started = self._clock.monotonic()
        with self._database.read() as session:
            row = saved_filters.by_id(session, each.filter_id)
            if row is None:
                return True
            going = self._rounds.get(each.list_id)
            if going is None or (going.filter_id, going.version) != (row.id, row.version):
                going = self._rounds[each.list_id] = _Round(row.id, row.version)
            last = saved_filters.last_customer(session)
            after, upto = going.after, min(going.after + going.span, last)
            context = context_of(session, self._sealer, self._clock)
            chosen = saved_filters.matching(
                session, read_filter(row.definition), context, teams=row.teams
            )
            fitting = list(session.scalars(chosen, {"after": after, "upto": upto}))
            changed = membership.changes(session, each.list_id, fitting, after=after, upto=upto)
        going.span = next_span(going.span, self._clock.monotonic() - started)
        for part in _parts(changed):
            if not self._write(each, part):
                return True  # begun again at the next step
        going.after = upto
        if upto < last:
            return False
        del self._rounds[each.list_id]
        now = self._clock.now()
        self._commits.submit(
            None, rows=lambda session: membership.note_refreshed(session, each.list_id, at=now)
        )
        return True

    def _write(self, each: Followed, part: Changes) -> bool:
        now = self._clock.now()

        def rows(session: Session) -> None:
            membership.apply(session, each.list_id, part, at=now)

        return bool(self._commits.submit(None, rows=rows).ok)


def _parts(changed: Changes) -> list[Changes]:
    """No more than some hundred rows at once."""
    longest = max(len(changed.add), len(changed.withdraw), len(changed.reopen))
    return [
        Changes(
            add=changed.add[first : first + MOST_CHANGES],
            withdraw=changed.withdraw[first : first + MOST_CHANGES],
            reopen=changed.reopen[first : first + MOST_CHANGES],
        )
        for first in range(0, longest, MOST_CHANGES)
    ]
