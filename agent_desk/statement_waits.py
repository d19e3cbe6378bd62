"""How the desk waits for PostgreSQL: on the spot for what is about to come, else as everybody does.

A green thread that waits for an answer gives its turn away, and has it back when all others had
theirs. For most statements of the desk the answer is there a tenth of a millisecond later: giving
the turn away costs more processor time than the database took, and twenty statements of one commit
cost twenty turns of everybody else. So a wait looks whether the answer comes at once, and gives its
turn away when it does not, or when none was given away for a while.

Where the database is too far away for that (its answers take longer than a turn costs), hardly any
wait tries; a try now and then finds out when it has come nearer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from select import POLLIN
from typing import Any, Protocol

from psycopg2 import OperationalError
from psycopg2.extensions import POLL_OK, POLL_READ, POLL_WRITE

TURN_S = 0.005  # no longer than this without a turn for the others
AT_ONCE_MS = 1  # the shortest `poll` can wait
WORTH_S = 0.0004  # what giving the turn away and having it back costs, and a little
TRIED_EVERY = 64  # waits, where it is not worth it
WEIGHT = 1 / 32  # of the newest wait among those remembered


class Poller(Protocol):
    """The `poll` object of `select`, the standard library's own."""

    def register(self, fd: int, mask: int, /) -> None: ...

    def poll(self, timeout: float, /) -> list[tuple[int, int]]: ...


class StatementWaits:
    """The wait callback of psycopg2."""

    def __init__(
        self,
        *,
        give_turn: Callable[[int, bool], object],
        poller: Callable[[], Poller],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`give_turn` comes back when a descriptor can be read, or written (True)."""
        self._give_turn = give_turn
        self._poller = poller
        self._monotonic = monotonic
        self._gave_at = monotonic()
        self._usual_s = 0.0
        self._untried = 0

    def __call__(self, connection: Any) -> None:
        """Wait until the connection has its answer; raises what the driver says of a lost one."""
        while (state := connection.poll()) != POLL_OK:
            if state not in (POLL_READ, POLL_WRITE):
                raise OperationalError(f"psycopg2 waits for {state!r}, which nobody knows")
            if state == POLL_READ and self._comes_at_once(connection.fileno()):
                continue
            self._give_turn(connection.fileno(), state == POLL_WRITE)
            self._gave_at = self._monotonic()

    def _comes_at_once(self, fd: int) -> bool:
        began = self._monotonic()
        if began - self._gave_at >= TURN_S:
            return False
        if self._usual_s > WORTH_S:
            self._untried += 1
            if self._untried % TRIED_EVERY:
                return False
        poller = self._poller()
        poller.register(fd, POLLIN)
        came = bool(poller.poll(AT_ONCE_MS))
        self._usual_s += (self._monotonic() - began - self._usual_s) * WEIGHT
        return came
