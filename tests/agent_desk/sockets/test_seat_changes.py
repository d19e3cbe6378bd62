"""What two floors differ in, as far as pages are concerned."""

from __future__ import annotations

from agent_desk.dialer import commands
from agent_desk.dialer.floor import Floor
from agent_desk.sockets.seat_changes import changed_seats, touched_by_calls
from tests.agent_desk.dialer.floors import A, B, World


def test_a_beat_changes_no_more_than_how_well_a_seat_is_heard() -> None:
    world = World()
    world.ready(A, B)
    before = world.floor
    world.wait(0.5)
    world.hear(B)
    assert changed_seats(before, world.floor) == (set(), {B})


def test_a_move_a_new_seat_and_one_that_goes_are_changes() -> None:
    world = World()
    world.ready(A)
    before = world.floor
    world.run(commands.GoAway(A, "break"))
    world.open(B)
    moved = world.floor
    assert changed_seats(before, moved) == ({A, B}, set())
    world.run(commands.CloseSeat(B, "logout"))
    assert changed_seats(moved, world.floor) == ({B}, set())


def test_a_floor_is_no_other_than_itself() -> None:
    world = World()
    world.ready(A)
    assert changed_seats(world.floor, world.floor) == (set(), set())


def test_calls_that_end_begin_and_move_touch_their_own_seats_only() -> None:
    world = World()
    world.ready(A, B)
    world.bridge(1)
    world.bridge(2, seat_id=B)
    world.lease(3)
    before = world.floor
    assert touched_by_calls(before, before) == set()
    world.end(3)
    world.lease(4)
    went_and_came = world.floor
    assert list(went_and_came.calls) != list(before.calls)
    assert touched_by_calls(before, went_and_came) == set()
    world.end(2)
    assert touched_by_calls(before, world.floor) == {B}
    assert touched_by_calls(Floor(), before) == {A, B}
