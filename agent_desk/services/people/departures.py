"""Operators who may not go on while a customer is with them.

Whoever is disabled, loses the role or has the session revoked is out at once: sockets and pages
are closed within the second and nothing more can be asked for. The customer on the line is not cut
off in the middle of a sentence: the talk goes on to its end by whoever hangs up, no other call is
offered, and then the seat is closed with the result as it stands. (F34)
Who is to leave is kept: a desk that is started again in the middle of the call closes the seat too.
"""

from __future__ import annotations

from agent_desk.dialer import commands
from agent_desk.dialer.errors import ErrorId
from agent_desk.dialer.ids import SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.seats import SeatService
from agent_desk.store.people import departures as rows
from agent_desk.store.people import sessions
from agent_desk.store.unit_of_work import Database


class Departures:
    """Closes seats of people who are gone, as soon as their customers are served."""

    def __init__(
        self, *, database: Database, commits: GroupCommit, clock: Clock, seats: SeatService
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._seats = seats
        self._leaving: set[str] | None = None  # None: nobody has read yet who was left

    def leave(self, username: str) -> None:
        """Close the person's seat, or no later than its call ends."""
        if SeatId(username) not in self._commits.floor.seats or self._close(username):
            return
        now = self._clock.real_now()
        self._commits.submit(None, rows=lambda session: rows.add(session, username, at=now))
        self._known().add(username)
        # Nothing is offered to a seat whose operator is to be away after this call.
        self._commits.submit(commands.GoAway(SeatId(username), "other"))

    def step(self) -> None:
        """Close those whose call is over; forget who has logged in again meanwhile."""
        leaving = self._known()
        if not leaving:
            return
        with self._database.read() as session:
            done = sessions.usernames_with(session, leaving, self._clock.real_now())
        for username in leaving - done:
            if SeatId(username) not in self._commits.floor.seats or self._close(username):
                done.add(username)
        if done and self._commits.submit(None, rows=lambda each: rows.remove(each, done)).ok:
            leaving -= done

    def _known(self) -> set[str]:
        if self._leaving is None:
            with self._database.read() as session:
                self._leaving = rows.every(session)
        return self._leaving

    def _close(self, username: str) -> bool:
        try:
            self._seats.close(SeatId(username), cause="disabled")
        except ServiceError as refused:
            if refused.error_id == ErrorId.CALL_ON_SEAT:
                return False
            raise
        return True
