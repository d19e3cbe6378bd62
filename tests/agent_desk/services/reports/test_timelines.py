"""Each person's day, computed by hand: midnight, two campaigns, a crash, corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from agent_desk.dialer.business_time import at as jst
from agent_desk.models.campaigns import Campaign
from agent_desk.models.results import Result, StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.services.reports.timelines import TIMES, DayTimeline, PersonDay, timeline
from agent_desk.services.seat.alert_rules import CALL, DEFAULTS
from agent_desk.store.campaigns import campaigns
from agent_desk.store.people import corrections, floor_thresholds
from agent_desk.store.reports import figures
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON, add_entries, at, small_centre

DAY = date(2026, 11, 24)
START, END = jst(DAY, 0), jst(DAY, 1440)


@pytest.fixture
def story(database: Database) -> Story:
    """A small centre with eight customers on its list."""
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 8)
    return Story(database, centre)


def told(story: Story, day: date = DAY, *, now: datetime | None = None, **more) -> DayTimeline:
    asked = {"teams": None, "limit_s": 300.0} | more
    with story.database.read() as session:
        return timeline(session, day, now=now or END + timedelta(days=3), **asked)


def only(story: Story, day: date = DAY, **more) -> PersonDay:
    (found,) = told(story, day, **more).people
    return found


def steps(person: PersonDay) -> list[tuple[str, float]]:
    return [(stay.state, stay.seconds) for stay in person.stays]


def a_shift(story: Story) -> str:
    """Log in at noon; one call of 60 s with 15 s on hold, wrap-up 30 s, a break, log out."""
    story.available("operator1", at())
    row = story.lease(at(10))
    story.bridge(row, "operator1", at(10))
    story.write(
        story.seat("operator1", "hold", at(30), from_state="talking", call_id=row.call_id),
        story.seat("operator1", "talking", at(45), from_state="hold", call_id=row.call_id),
    )
    story.mark(row, "operator1", "contact", at(50))
    story.hang_up(row, "operator1", at(70))
    story.write(
        story.result(row, "operator1", at(100)),
        story.seat(
            "operator1", "away", at(100), from_state="wrap_up", call_id=row.call_id, reason="break"
        ),
        story.seat("operator1", "away", at(160), from_state="away", reason="meeting"),
    )
    story.write(story.seat("operator1", "offline", at(220), from_state="away"))
    return row.call_id


def test_b28_the_day_is_told_stay_by_stay_with_its_reasons(story: Story) -> None:
    call_id = a_shift(story)
    person = only(story)
    assert steps(person) == [
        ("starting", 0.0),
        ("available", 10.0),
        ("reserved", 0.0),
        ("talking", 20.0),
        ("hold", 15.0),
        ("talking", 25.0),
        ("wrap_up", 30.0),
        ("away", 60.0),
        ("away", 60.0),
    ]
    assert person.away_by == {"break": 60.0, "meeting": 60.0}
    assert [stay.call_id for stay in person.stays] == [None] * 2 + [call_id] * 5 + [None] * 2
    ends = [stay.ended for stay in person.stays]
    assert [stay.began for stay in person.stays[1:]] == ends[:-1]
    assert {name: person.time_s(name) for name in TIMES} == {
        "starting_s": 0.0,
        "idle_s": 10.0,
        "talk_s": 45.0,
        "hold_s": 15.0,
        "wrap_s": 30.0,
        "away_s": 120.0,
    }
    assert person.login_s == 220.0


def test_b29_each_calls_times_are_the_logs_and_add_up_to_the_states(story: Story) -> None:
    call_id = a_shift(story)
    person = only(story)
    (call,) = person.calls
    with story.database.read() as session:
        moves = session.scalars(
            select(SeatMove).where(SeatMove.call_id == call_id).order_by(SeatMove.id)
        ).all()
    log = {move.to_state: move.at for move in moves}
    assert call.wrap_s == (log["away"] - log["wrap_up"]).total_seconds() == 30.0
    assert (call.talk_s, call.hold_s) == (60.0, 15.0)
    assert call.talk_s == person.time_s("talk_s") + person.time_s("hold_s")
    assert call.call is not None
    assert (call.call.outcome, call.call.codes) == ("human", ("contact",))
    assert (person.talk_avg_s, person.wrap_avg_s) == (60.0, 30.0)


@pytest.mark.parametrize(("limit_s", "long"), [(59.9, 1), (60.0, 0)])
def test_a09_calls_beyond_the_limit_and_the_average_are_in_the_days_history(
    story: Story, limit_s: float, long: int
) -> None:
    a_shift(story)
    person = only(story, limit_s=limit_s)
    assert person.long_calls == long
    assert [call.long for call in person.calls] == [bool(long)]
    assert person.talk_avg_s == 60.0


@pytest.mark.parametrize(("own_s", "long"), [(59, 1), (60, 0)])
def test_a_long_call_is_one_beyond_the_limit_of_its_campaign(
    story: Story, own_s: int, long: int
) -> None:
    a_shift(story)
    with story.database.write() as session:
        session.execute(update(Campaign).values(talk_limit_s=own_s))
    assert only(story, limit_s=None).long_calls == long
    assert only(story, limit_s=59.0).long_calls == 1, "whoever names a limit has it"


def test_a_campaign_without_a_limit_has_the_centres(story: Story) -> None:
    a_shift(story)
    assert told(story, limit_s=None).usual_s == DEFAULTS[CALL].too_long_s
    assert only(story, limit_s=None).long_calls == 0
    with story.database.write() as session:
        user_id = story.centre.users["operator1"]
        floor_thresholds.put(session, CALL, 30, 59, by_user_id=user_id, at=NOON)
    assert only(story, limit_s=None).long_calls == 1


def test_the_timeline_says_the_same_as_the_operators_report(story: Story) -> None:
    a_shift(story)
    person = only(story)
    with story.database.read() as session:
        (row,) = figures.operators(session, START, END, now=END)
    assert person.login_s == row.login_s
    assert {name: person.time_s(name) for name in TIMES} == {
        name: getattr(row, name) for name in TIMES
    }
    assert person.away_by == row.away_by
    assert (person.reached, person.talk_avg_s) == (row.calls, row.talk_avg_s)
    assert person.wrap_avg_s == row.wrap_avg_s


def test_a_call_over_midnight_is_cut_there_and_says_so(story: Story) -> None:
    late = (END - NOON).total_seconds() - 60
    story.available("operator1", at(late))
    row = story.lease(at(late + 20))
    story.bridge(row, "operator1", at(late + 20))
    story.hang_up(row, "operator1", at(late + 90))
    story.save(row, "operator1", at(late + 100))
    story.write(story.seat("operator1", "offline", at(late + 130), from_state="available"))
    before, after = only(story), only(story, DAY + timedelta(days=1))
    assert steps(before)[-1] == ("talking", 40.0)
    assert (before.stays[-1].goes_on, before.stays[-1].running) == (True, False)
    assert steps(after) == [("talking", 30.0), ("wrap_up", 10.0), ("available", 30.0)]
    assert [stay.from_before for stay in after.stays] == [True, False, False]
    assert (before.login_s, after.login_s) == (60.0, 70.0)
    assert [person.calls[0].talk_s for person in (before, after)] == [40.0, 30.0]
    assert [person.reached for person in (before, after)] == [1, 0]  # it counts where it began
    last = DAY + timedelta(days=2)
    assert told(story, last).people == ()


def test_an_operator_in_two_campaigns_has_one_line_of_both(story: Story) -> None:
    with story.database.write() as session:
        other = campaigns.add_campaign(
            session,
            at=NOON,
            name="autumn",
            kind="sales",
            product_id=story.centre.product_id,
            running="running",
        )
    a_shift(story)
    elsewhere = replace(story, centre=replace(story.centre, campaign_id=other))
    elsewhere.available("operator1", at(300))
    elsewhere.write(elsewhere.seat("operator1", "offline", at(340), from_state="available"))
    person = only(story)
    assert [(stay.campaign, stay.seconds) for stay in person.stays[-2:]] == [
        ("autumn", 0.0),
        ("autumn", 40.0),
    ]
    assert person.login_s == 260.0  # the eighty seconds logged out belong to nobody
    assert person.stays[-2].began - person.stays[-3].ended == timedelta(seconds=80)


def test_after_a_crash_the_stay_lasts_until_what_the_next_desk_wrote(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at(10))
    story.bridge(row, "operator1", at(10))
    # Nobody wrote anything for ten minutes; then the next desk found the operator's audio gone.
    story.write(
        story.finished(row, "seat_lost", at(640), live_answer=True, answered=True, by="desk"),
        replace(
            story.seat("operator1", "wrap_up", at(640), from_state="talking", call_id=row.call_id),
            cause="SeatLost",
        ),
    )
    story.write(story.seat("operator1", "away", at(670), from_state="wrap_up", reason="lagged"))
    person = only(story, now=at(700))
    assert steps(person)[-3:] == [("talking", 630.0), ("wrap_up", 30.0), ("away", 30.0)]
    assert person.stays[-3].ended_by == "SeatLost"
    assert (person.stays[-1].running, person.stays[-1].goes_on) == (True, False)
    (call,) = person.calls
    assert call.call is not None and call.call.outcome == "seat_lost"
    assert (call.long, person.login_s) == (True, 700.0)


def test_corrections_stand_beside_what_was_measured(story: Story) -> None:
    call_id = a_shift(story)
    user_id = story.centre.users["operator1"]
    with story.database.write() as session:
        added = corrections.add(
            session,
            user_id=user_id,
            day=DAY,
            kind="work",
            minutes=-5,
            reason="break taken",
            by="lead1",
            at=at(900),
        )
        corrections.decide(session, added, approved=True, by="manager1", at=at(901))
        other_day = DAY + timedelta(days=1)
        values = {"user_id": user_id, "kind": "paid", "reason": "", "by": "lead1", "at": at(900)}
        corrections.add(session, day=other_day, minutes=9, **values)
    before = steps(only(story))
    person = only(story)
    assert steps(person) == before and person.login_s == 220.0
    (correction,) = person.corrections
    assert (correction.minutes, correction.approved, correction.by) == (-5, True, "lead1")
    assert person.calls[0].call_id == call_id


def test_a_result_that_is_corrected_counts_as_it_stands_and_is_told(story: Story) -> None:
    call_id = a_shift(story)
    first = only(story).calls[0].call
    assert first is not None and (first.versions, told(story).corrected) == (1, 0)
    for version, when in ((2, at(400)), (3, END + timedelta(hours=1))):
        with story.database.write() as session:
            saved = session.scalars(select(Result).where(Result.version == 1)).one()
            values = {key.key: getattr(saved, key.key) for key in Result.__table__.columns}
            del values["id"]
            values |= {"version": version, "at": when}
            session.execute(insert(Result).values(**values))
            session.execute(update(StatusMark).values(code="valid"))
        (call,) = only(story).calls
        assert call.call is not None
        assert (call.call.versions, call.call.codes) == (version, ("valid",))
        assert told(story).corrected == 1, "one call, however often"
    assert only(story).calls[0].call_id == call_id


def test_practice_is_shown_and_counted_nowhere(story: Story) -> None:
    with story.database.write() as session:
        practice = campaigns.add_campaign(
            session,
            at=NOON,
            name="practice",
            kind="sales",
            product_id=story.centre.product_id,
            training=True,
        )
    elsewhere = replace(story, centre=replace(story.centre, campaign_id=practice))
    elsewhere.available("operator1", at())
    elsewhere.write(elsewhere.seat("operator1", "offline", at(50), from_state="available"))
    person = only(story)
    assert [stay.practised for stay in person.stays] == [True, True]
    assert person.login_s == 0.0


def test_teams_and_one_person_narrow_who_is_shown(story: Story) -> None:
    a_shift(story)
    story.available("operator2", at(50))
    both = told(story, now=at(100))
    assert [each.person.username for each in both.people] == ["operator1", "operator2"]
    assert told(story, teams={story.centre.team_id + 1}).people == ()
    mine = only(story, user_id=story.centre.users["operator2"], now=at(100))
    assert mine.person.username == "operator2" and mine.login_s == 50.0


def test_the_bars_span_the_whole_hours_anybody_was_there(story: Story) -> None:
    a_shift(story)
    day = told(story)
    assert (day.from_minute, day.to_minute) == (720, 780)
    assert day.minute(at(90)) == 1.5
    story.available("operator2", at(3 * 3600 + 1))
    story.write(story.seat("operator2", "offline", at(4 * 3600), from_state="available"))
    assert (told(story).from_minute, told(story).to_minute) == (720, 960)
