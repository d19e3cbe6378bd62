"""Waiting for PostgreSQL: on the spot for what is about to come, without keeping others waiting."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from psycopg2 import OperationalError
from psycopg2.extensions import POLL_OK, POLL_READ, POLL_WRITE

from agent_desk.statement_waits import TRIED_EVERY, TURN_S, StatementWaits

FD = 7


@dataclass
class Connection:
    """Says what it waits for, state after state."""

    states: list[int]

    def poll(self) -> int:
        return self.states.pop(0)

    def fileno(self) -> int:
        return FD


@dataclass
class Server:
    """A database whose answers take a while; the clock moves only by waiting."""

    takes_s: float
    now: float = 100.0
    turns: list[tuple[int, bool]] = field(default_factory=list)
    tried: int = 0

    def clock(self) -> float:
        return self.now

    def give_turn(self, fd: int, to_write: bool) -> None:
        self.turns.append((fd, to_write))
        self.now += 0.001

    def poller(self) -> Server:
        return self

    def register(self, fd: int, mask: int, /) -> None:
        assert (fd, mask) == (FD, select.POLLIN)

    def poll(self, timeout: float, /) -> list[tuple[int, int]]:
        self.tried += 1
        came = self.takes_s <= timeout / 1000
        self.now += min(self.takes_s, timeout / 1000)
        return [(FD, 1)] if came else []

    def waits(self) -> StatementWaits:
        return StatementWaits(give_turn=self.give_turn, poller=self.poller, monotonic=self.clock)


def ask(waits: StatementWaits, states: Sequence[int] = (POLL_READ, POLL_OK)) -> None:
    waits(Connection(list(states)))


def test_an_answer_that_comes_at_once_costs_nobody_a_turn() -> None:
    server = Server(takes_s=0.0001)
    ask(server.waits())
    assert server.turns == []


def test_the_others_have_their_turn_while_an_answer_takes_long() -> None:
    server = Server(takes_s=0.02)
    ask(server.waits())
    assert server.turns == [(FD, False)]


def test_a_connection_that_cannot_be_written_to_gives_its_turn_away() -> None:
    server = Server(takes_s=0.0001)
    ask(server.waits(), [POLL_WRITE, POLL_READ, POLL_OK])
    assert server.turns == [(FD, True)]


def test_many_short_statements_keep_nobody_waiting_for_longer_than_a_turn() -> None:
    server = Server(takes_s=0.0001)
    waits = server.waits()
    statements = 500
    for _ in range(statements):
        ask(waits)
    least = int(statements * server.takes_s / (TURN_S + server.takes_s))
    assert len(server.turns) >= least > 1
    assert server.tried + len(server.turns) == statements


def test_a_database_far_away_is_hardly_ever_waited_for_on_the_spot() -> None:
    server = Server(takes_s=0.0008)
    waits = server.waits()
    for _ in range(100):
        ask(waits)
    tried = server.tried
    for _ in range(TRIED_EVERY * 3):
        ask(waits)
    assert server.tried - tried <= 3


def test_a_database_that_has_come_nearer_is_noticed() -> None:
    server = Server(takes_s=0.0008)
    waits = server.waits()
    for _ in range(100):
        ask(waits)
    server.takes_s = 0.0001
    for _ in range(TRIED_EVERY * 100):
        ask(waits)
    tried = server.tried
    for _ in range(10):
        ask(waits)
    assert server.tried - tried >= 9


def test_a_state_nobody_knows_is_an_error_of_the_database() -> None:
    with pytest.raises(OperationalError, match="99"):
        ask(Server(takes_s=0.0).waits(), [99])


def test_on_the_spot_is_waited_by_the_system_and_not_by_asking_again_and_again() -> None:
    ours, theirs = socket.socketpair()
    asked = []

    class Real:
        def fileno(self) -> int:
            return ours.fileno()

        def poll(self) -> int:
            asked.append(1)
            if select.select([ours], [], [], 0)[0]:
                return POLL_OK
            return POLL_READ

    with ours, theirs:
        answer = threading.Timer(0.05, theirs.send, [b"answer"])
        waits = StatementWaits(
            give_turn=lambda fd, to_write: select.select([fd], [], []), poller=select.poll
        )
        answer.start()
        waits(Real())
        answer.join()
    assert len(asked) <= 3
