"""Booths: how many operators may be at work at once, as the licence says (B42).

A booth is taken by whoever has a seat on the floor, and by who has just logged in and whose page
is still on its way. Somebody's second log-in takes no second booth: there is one seat a person.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from agent_desk.services.errors import ServiceError
from agent_desk.services.people.access import AccessSettings
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.people import sessions
from agent_desk.store.unit_of_work import Database

# How long a log-in holds a booth before its page has opened the seat.
ON_THE_WAY = timedelta(minutes=2)


class Booths:
    """Counts booths, and lets one person at a time through the door."""

    def __init__(
        self, *, database: Database, commits: GroupCommit, clock: Clock, access: AccessSettings
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._access = access
        self._door = threading.RLock()

    @contextmanager
    def entering(self, user_id: int) -> Iterator[None]:
        """Whatever takes a booth is done in here, so that two never take the last one together.

        ServiceError `booths-taken`.
        """
        if self._access.rules.booths is None:
            yield
            return
        with self._door:
            booths = self._access.rules.booths
            if booths is not None and len(self.taken() - {user_id}) >= booths:
                raise ServiceError("booths-taken", booths=booths)
            yield

    def taken(self) -> set[int]:
        """The operators who have a booth now."""
        seated = {int(seat.user_id) for seat in self._commits.floor.seats.values()}
        now = self._clock.real_now()
        with self._database.read() as session:
            return seated | sessions.operators_since(session, now - ON_THE_WAY, now=now)
