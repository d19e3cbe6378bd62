"""A desk that starts finds what the last one left, and nobody who has long gone home."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent_desk.dialer.events import SeatMoved
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CampaignId, SeatId, UserId
from agent_desk.services.recovery import ABSENT, Recovered, Recovery
from agent_desk.store import reporting, system
from agent_desk.store.journal import Journal
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import NOON, SEALER, Centre, at, small_centre
from tests.fakes.clock import FakeClock

SEAT = "op1"


@pytest.fixture
def centre(database: Database) -> Centre:
    with database.write() as session:
        return small_centre(session)


def sit(database: Database, centre: Centre, *states: str) -> None:
    """Move the seat through these states, a minute each, and note that the desk ran."""
    seat_id = next(iter(centre.users))
    moves = [
        SeatMoved(
            seat_id=SeatId(seat_id),
            user_id=UserId(centre.users[seat_id]),
            from_state=before,
            to_state=after,
            reason=None,
            cause="Test",
            call_id=None,
            campaign_id=CampaignId(centre.campaign_id),
            at=at(60 * minute),
        )
        for minute, (before, after) in enumerate(zip(("offline", *states), states, strict=False))
    ]
    with database.write() as session:
        Journal(SEALER).write_events(session, moves)
        system.note_alive(session, at=at(60 * len(states)))


def start(database: Database, clock: FakeClock) -> Recovered:
    return Recovery(database=database, sealer=SEALER, clock=clock).begin()


def test_each_start_is_a_new_epoch(database: Database, centre: Centre, clock: FakeClock) -> None:
    assert [start(database, clock).epoch for _ in range(3)] == [1, 2, 3]


def test_a_seat_is_found_as_it_was_but_has_yet_to_be_heard(
    database: Database, centre: Centre, clock: FakeClock
) -> None:
    sit(database, centre, "starting", "available")
    clock.advance(150)
    (seat,) = start(database, clock).floor.seats.values()
    assert (seat.state, seat.since) == (SeatState.AVAILABLE, at(60))
    assert not seat.proven_ready(clock.now())


def test_after_a_night_nobody_sits_there_and_the_night_is_no_working_time(
    database: Database, centre: Centre, clock: FakeClock
) -> None:
    sit(database, centre, "starting", "available")
    clock.advance(timedelta(hours=22).total_seconds())
    assert start(database, clock).floor.seats == {}
    with database.read() as session:
        day = timedelta(days=2)
        rows = reporting.operators(
            session, NOON - day, NOON + day, now=clock.now(), campaign_id=None, teams=None
        )
    assert rows[0].login_s == 120.0


def test_a_short_absence_keeps_the_seats(
    database: Database, centre: Centre, clock: FakeClock
) -> None:
    sit(database, centre, "starting", "away")
    clock.advance(120 + ABSENT.total_seconds() - 1)
    assert len(start(database, clock).floor.seats) == 1
