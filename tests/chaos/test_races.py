"""F15, F17, F24: away against the next customer, a press that comes five times, midnights."""

from __future__ import annotations

import os
import random
import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.business_time import JST, business_date
from agent_desk.dialer.errors import IllegalMove, Refused
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId
from agent_desk.services.running.group_commit import NOT_STORED
from tests.agent_desk.dialer.floors import A, B, World, instant, screened
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.chaos.edges import many_customers
from tests.chaos.machine import CallCentre

INTERLEAVINGS = int(os.environ.get("RACES", "100"))  # ten thousand: make soak CRASHES=1
NIGHTS = int(os.environ.get("NIGHTS", "1"))  # of every kind: make soak CRASHES=1
SEED = 20301126 + int(os.environ.get("RACES_FROM", "0"))


def interleaved(rng: random.Random, *threads: list[Any]) -> list[Any]:
    """Each thread's steps in their order, the threads in any."""
    left = [list(thread) for thread in threads if thread]
    merged = []
    while left:
        chosen = rng.choice(left)
        merged.append(chosen.pop(0))
        left = [thread for thread in left if thread]
    return merged


def test_away_is_never_overtaken_by_a_customer() -> None:
    """F15: an operator's presses, a page that fails, a gateway's news and the clock, interleaved.

    An order to bridge names a seat that is ready at that instant; whoever pressed away is away
    afterwards, at once or when the customer has gone.
    """
    for number in range(INTERLEAVINGS):
        rng = random.Random(SEED + number)
        world = World(after_wrap_up="available")
        world.ready(A, B)
        world.lease(1, 2)
        call = CallId("call-1")
        presses: list[Any] = [commands.GoAway(A, "break")]
        if rng.random() < 0.5:
            presses += [commands.CancelAway(A), commands.GoAway(A, "meeting")]
        mute = commands.ObservePulses((commands.PulseOfSeat(B, world.now, True, False),))
        order = interleaved(
            rng,
            presses,
            [
                gateway_facts.CallPlaced(call, world.now),
                gateway_facts.CallRinging(call, world.now),
                gateway_facts.CallAnswered(call, world.now),
                screened(1, world.now),
            ],
            [mute] if rng.random() < 0.5 else [],
            [commands.Tick(), 0.5, commands.Tick(), rng.choice((0.5, 4.0)), commands.Tick()],
        )
        for step in order:
            if isinstance(step, float):
                world.wait(step)
                continue
            ready = {seat for seat in (A, B) if world.seat(seat).proven_ready(world.now)}
            asked = len(world.done(effects.Bridge))
            try:
                world.run(step)
            except (Refused, IllegalMove):
                continue
            for bridge in world.done(effects.Bridge)[asked:]:
                assert bridge.seat_id in ready, f"seed {SEED + number}: {order}"
        seat = world.seat(A)
        if seat.state is SeatState.RESERVED:
            assert seat.queued_away is not None, f"seed {SEED + number}"
            world.end(1, by="customer")
            assert world.state(A) is SeatState.AWAY
        else:
            assert seat.state is SeatState.AWAY, f"seed {SEED + number}: {order}"


def stored(desk: SmallDesk) -> dict[str, int]:
    """How many rows each table has that a press can write to."""
    tables = ("status_marks", "promises", "results", "notes", "commands", "seat_moves")
    with desk.desk.database.read() as session:
        return {
            table: session.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in tables
        }


def test_five_at_once_and_after_a_restart_are_one_effect(
    small_desk: SmallDesk, tmp_path: Path
) -> None:
    """F17: the same id five times at once, then once more to the next desk: one row, one reply."""
    shift = Shift.begin(small_desk)
    call_id = CallId(shift.talk())
    seat_id = small_desk.seat().seat_id
    presses = {
        "mark": commands.MarkStatus(seat_id, call_id, "contact", True),
        "draft": commands.DraftNote(seat_id, call_id, "half a thought"),
        "mark-2": commands.MarkStatus(seat_id, call_id, "contact", False),
        "refused": commands.SaveResult(seat_id, CallId("another"), "no"),
        "hold": commands.SetHold(seat_id, True),
    }
    replies: dict[str, list[Any]] = {}
    for name, command in presses.items():
        answers = replies[name] = []

        def press(command: Any = command, name: str = name, answers: Any = answers) -> None:
            told = small_desk.desk.commits.submit(command, command_id=name)
            while told == NOT_STORED:  # a machine that stands still: the page asks again, as here
                told = small_desk.desk.commits.submit(command, command_id=name)
            answers.append(told)

        threads = [threading.Thread(target=press) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name, each in replies.items():
        assert each == [each[0]] * 5, name
    assert [replies[name][0].ok for name in presses] == [True, True, True, False, True]
    before = stored(small_desk)
    assert before["status_marks"] == 2

    later = SmallDesk(small_desk.config.database_url, tmp_path, clock=small_desk.clock)
    try:
        for name, command in presses.items():
            again = later.desk.commits.submit(command, command_id=name)
            assert again == replies[name][0]
        assert stored(later) == before
    finally:
        later.stop()


# The last day of a month, of a year, of February in a leap year; and any day.
EVES = (date(2026, 12, 31), date(2026, 11, 24), date(2028, 2, 28), date(2028, 2, 29))


@pytest.mark.parametrize("eve", EVES[:NIGHTS], ids=str)
def test_midnight_rolls_every_counter_once_and_nothing_needs_a_restart(eve: date) -> None:
    """F24: three days around it, three hours a step, the operators logged in all the while."""
    centre = CallCentre(many_customers)
    try:
        begin = datetime.combine(eve, datetime.min.time(), JST) + timedelta(hours=10)
        begin = max(begin, centre.clock.now() + timedelta(hours=1))
        centre.clock.advance((begin - centre.clock.now()).total_seconds())
        centre.pass_time(2.0)
        rolled: list[date] = []
        for _ in range(24):
            for name in centre.names:
                centre.press(name, "go_available")
            centre.pass_time(1.0)
            for fate in ("answers", "leaves"):
                for line in list(centre.gateway.lines.values()):
                    centre.line_goes_on(line, fate)
                centre.pass_time(3.0)
            centre.pass_time(3 * 3600.0 - 8.0, step_s=3 * 3600.0)
            centre.pass_time(1.0)
            centre.judge_live()
            figures: Any = centre.desk.life.publisher._states._figures
            if figures.today not in rolled[-1:]:
                rolled.append(figures.today)
        days = [business_date(begin) + timedelta(days=n) for n in range(4)]
        assert rolled == days, "each day begins once"
        centre.judge_rows()
        placed = {business_date(invite.at) for invite in centre.gateway.invites}
        assert set(days[:3]) <= placed, "calls go on, day after day, by the same desk"
        assert centre.desk.deaths == 0
    finally:
        centre.close()


def test_an_instant_is_of_the_day_it_has_in_japan() -> None:
    for eve in EVES:
        midnight = datetime.combine(eve + timedelta(days=1), datetime.min.time(), JST)
        before, after = midnight - timedelta(microseconds=1), midnight
        assert (business_date(before), business_date(after)) == (eve, eve + timedelta(days=1))
    assert business_date(instant(0)) == date(2026, 5, 12)
