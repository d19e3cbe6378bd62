"""The own day beside what is to be reached, and its valid calls, on the page without a reload."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import event, update

from agent_desk.models.calls import Call
from agent_desk.services.running.day_figures import Figures
from agent_desk.services.seat import own_valid_calls
from agent_desk.services.seat.own_target import KEPT_S
from agent_desk.services.seat.own_valid_calls import OwnValidCalls
from agent_desk.store.lists import valid_calls
from agent_desk.store.lists.valid_calls import Definition
from agent_desk.store.people import targets
from agent_desk.store.people.targets import TargetRow
from agent_desk.store.reports import own_day
from tests.agent_desk.small_desk import Shift


def ask(shift: Shift, calls: int | None, **whose: Any) -> None:
    with shift.desk.desk.database.write() as session:
        row = TargetRow(
            user_id=whose.get("user_id"),
            team_id=whose.get("team_id"),
            calls=calls,
            contacts=5,
            valid_calls=None,
            payment_dates=2,
            valid_from=date(2020, 1, 1),
        )
        targets.add(session, row, by="lead1", at=shift.desk.clock.now())
    shift.desk.clock.advance(KEPT_S)


def shown(shift: Shift) -> Any:
    return shift.page.fresh()["metrics"]["target"]


def test_nothing_is_to_be_reached_until_somebody_says_so(shift: Shift) -> None:
    assert shown(shift) == {}


def test_a_team_has_one_and_a_person_their_own_before_it(shift: Shift) -> None:
    seat = shift.desk.seat()
    ask(shift, 40, team_id=seat.team_id)
    assert shown(shift) == {"calls": 40, "contact": 5, "payment_date": 2}
    ask(shift, 25, user_id=int(seat.user_id))
    assert shown(shift)["calls"] == 25


def test_the_days_figures_come_with_the_call_that_made_them(shift: Shift) -> None:
    ask(shift, 40, team_id=shift.desk.seat().team_id)
    call_id = shift.talk()
    metrics = shift.page.follow()["metrics"]
    assert (metrics["calls"], metrics["target"]["calls"]) == (1, 40), "pushed, not asked for"
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    assert shift.page.follow()["metrics"]["codes"] == {"contact": 1}


def test_the_own_days_valid_calls_are_those_the_campaign_defines(shift: Shift) -> None:
    desk = shift.desk
    campaign_id = int(desk.seat().campaign_id)
    with desk.desk.database.write() as session:
        valid_calls.change(
            session,
            campaign_id,
            Definition(("contact",)),
            since=None,
            actor="admin1",
            at=desk.clock.now(),
        )
    desk.clock.advance(own_valid_calls.KEPT_S)
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="valid", on=True)
    codes = shift.page.follow()["metrics"]["codes"]
    assert codes == {}, "the button alone makes none here"
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    assert shift.page.follow()["metrics"]["codes"] == {"contact": 1, "valid": 1}


def test_a_valid_call_that_was_handed_on_is_one_of_whoever_ended_it(shift: Shift) -> None:
    desk = shift.desk
    users = desk.people.users
    with desk.desk.database.write() as session:
        valid_calls.change(
            session,
            int(desk.seat().campaign_id),
            Definition(("valid",)),
            since=None,
            actor="admin1",
            at=desk.clock.now(),
        )
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="valid", on=True)
    shift.end(call_id)
    now = desk.clock.now()
    with desk.desk.database.write() as session:
        ended_by = update(Call).where(Call.id == call_id)
        session.execute(ended_by.values(seat_user_id=users["operator2"]))
        days = {"since": now - timedelta(days=1), "until": now + timedelta(minutes=1)}
        marks = [
            own_day.past_days(session, users[name], **days).marks
            for name in ("operator1", "operator2")
        ]
    assert marks == [{}, {"valid": 1}]


def test_a_floor_of_seats_takes_as_many_questions_as_one_seat(shift: Shift) -> None:
    desk, asked = shift.desk, []
    with desk.desk.database.write() as session:
        valid_calls.change(
            session,
            int(desk.seat().campaign_id),
            Definition(("contact",), talk_s=30),
            since=None,
            actor="admin1",
            at=desk.clock.now(),
        )

    def questions(own: OwnValidCalls, floor: dict[int, Figures]) -> int:
        asked.clear()
        assert own.codes_of(floor).keys() == floor.keys()
        return sum("\nFROM" in each for each in asked)

    def note(*told: Any) -> None:
        asked.append(told[2])

    with desk.desk.database.read() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        floor = {user_id: Figures() for user_id in range(1, 201)}
        one, all_of_them = (
            OwnValidCalls(database=desk.desk.database, clock=desk.clock) for _ in range(2)
        )
        assert questions(one, {1: Figures()}) == questions(all_of_them, floor) > 1
        assert questions(all_of_them, floor) == 0, "nobody has done anything since"
        floor[7].seconds["talking"] = 31.0
        assert questions(all_of_them, floor) > 1
        desk.clock.advance(KEPT_S)
        assert questions(all_of_them, floor) == 1, "whether it is defined otherwise now"
    finally:
        event.remove(engine, "before_cursor_execute", note)
