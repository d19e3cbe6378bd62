"""A group commit of a small centre, and the commands its tests give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import insert, select

from agent_desk.dialer import commands
from agent_desk.dialer.effects import Effect
from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.models.seat_moves import SeatMove
from agent_desk.models.system import SystemValue
from agent_desk.services.running.group_commit import (
    GroupCommit,
)
from agent_desk.store.rows.journal import Journal
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.store.desk_rows import SEALER, small_centre
from tests.builders import floor_of, seat
from tests.fakes.clock import FakeClock

SEAT = SeatId("operator1")
CALL = CallId("c" * 32)


@dataclass
class Log:
    """What happened around the commits, in order."""

    lines: list[object] = field(default_factory=list)
    seen: list[tuple[Floor, Floor, Sequence[Event], datetime]] = field(default_factory=list)

    def effect(self, effect: Effect) -> None:
        self.lines.append(effect)

    def committed(
        self, before: Floor, after: Floor, events: Sequence[Event], now: datetime
    ) -> None:
        self.lines.append("committed")
        self.seen.append((before, after, events, now))


@pytest.fixture
def log() -> Log:
    return Log()


Make = Callable[..., GroupCommit]


@pytest.fixture
def make(database: Database, clock: FakeClock, log: Log) -> Make:
    """Build a group commit around a floor; its user is in the database."""
    with database.write() as session:
        user_id = small_centre(session).users["operator1"]

    def build(floor: Floor | None = None, **changed: object) -> GroupCommit:
        parts = {
            "database": database,
            "clock": clock,
            "floor": floor or floor_of(seats=[seat(user_id=user_id)]),
            "write_events": Journal(SEALER).write_events,
            "run_effect": log.effect,
            "committed": log.committed,
        }
        return GroupCommit(**{**parts, **changed})  # type: ignore[arg-type]

    return build


def moves(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(SeatMove.to_state).order_by(SeatMove.id)))


def value(key: str, text: str) -> Callable[[Session], None]:
    def write(session: Session) -> None:
        session.execute(insert(SystemValue).values(key=key, value=text))

    return write


def away(reason: str) -> commands.GoAway:
    return commands.GoAway(SEAT, reason)
