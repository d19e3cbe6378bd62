"""What the desk does by itself, again and again."""

from __future__ import annotations

import gc
import weakref
from datetime import timedelta

from sqlalchemy import select

from agent_desk.dialer.ids import SeatId
from agent_desk.models.seat_moves import SeatMove
from tests.agent_desk.small_desk import Shift, SmallDesk


class _Link:
    """Refers to itself, as statements and connections do when they are done with."""

    def __init__(self) -> None:
        self.other = self


def test_what_refers_to_itself_and_has_grown_old_is_freed_within_a_minute(
    small_desk: SmallDesk,
) -> None:
    link = _Link()
    gone = weakref.ref(link)
    gc.collect(1)  # it lives on, among the old
    gc.disable()
    try:
        del link
        for job in small_desk.desk.routine.jobs():
            if job.every_s <= 60:
                job.work()
    finally:
        gc.enable()
    assert gone() is None


def test_a_closed_page_ends_the_session_at_its_last_heartbeat(shift: Shift) -> None:
    """Half a minute later the seat is away, and five minutes later it was never longer."""
    shift.available()
    desk, heard_at = shift.desk, shift.desk.clock.now()
    shift.page.lose()
    desk.tick(299)
    desk.desk.routine.tidy()
    desk.settle()
    seat = desk.seat()
    assert (seat.state, seat.reason) == ("away", "lagged")
    assert seat.since == heard_at + timedelta(seconds=30)

    desk.clock.advance(2)
    desk.desk.routine.tidy()
    desk.settle()

    assert SeatId("operator1") not in desk.desk.commits.floor.seats
    with desk.desk.database.read() as session:
        at = session.scalar(select(SeatMove.at).where(SeatMove.to_state == "offline"))
    assert at == heard_at + timedelta(seconds=30)
