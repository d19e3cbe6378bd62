"""Reports: seconds add up, days add up, and midnight cuts cleanly."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from agent_desk.dialer import events, metrics
from agent_desk.dialer.business_time import at as jst
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId, UserId
from agent_desk.models.calls import Call
from agent_desk.models.results import Promise
from agent_desk.models.seat_moves import SeatMove
from agent_desk.store.reports import figures as reporting
from agent_desk.store.reports import promises_of
from agent_desk.store.reports.operator_rows import OperatorRow, total
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON, at
from tests.agent_desk.store.facts.random_centre import RandomCentre

DAY = date(2026, 11, 24)
START, END = jst(DAY, 0), jst(DAY, 24 * 60)


def rows(story: Story, start: datetime = START, end: datetime = END, **more) -> list[OperatorRow]:
    with story.database.read() as session:
        return reporting.operators(session, start, end, now=at(86_400 * 3), **more)


def a_shift(story: Story) -> str:
    """Log in at noon; one call of 60 s, wrap-up 30 s, a break of 120 s, log out. 10 s idle."""
    story.available("operator1", at())
    row = story.lease(at(10))
    story.bridge(row, "operator1", at(10))
    story.mark(row, "operator1", "contact", at(20))
    story.mark(row, "operator1", "valid", at(21))
    story.mark(row, "operator1", "valid", at(22), on=False)
    user_id = UserId(story.centre.users["operator1"])
    due = date(2026, 11, 30)
    story.write(
        events.PromiseMade(CallId(row.call_id), row.customer_id, user_id, due, 5000, at(30))
    )
    story.hang_up(row, "operator1", at(70))
    story.write(
        story.result(row, "operator1", at(100)),
        story.seat(
            "operator1", "away", at(100), from_state="wrap_up", call_id=row.call_id, reason="break"
        ),
    )
    story.write(story.seat("operator1", "offline", at(220), from_state="away"))
    return row.call_id


def test_one_shift_in_seconds_calls_and_codes(story: Story) -> None:
    a_shift(story)
    (row,) = rows(story)
    assert (row.username, row.calls, row.promises, row.codes) == ("operator1", 1, 1, {"contact": 1})
    assert (row.idle_s, row.talk_s, row.wrap_s, row.away_s) == (10.0, 60.0, 30.0, 120.0)
    assert row.login_s == 220.0
    parts = (row.starting_s, row.idle_s, row.talk_s, row.hold_s, row.wrap_s, row.away_s)
    assert sum(parts) == row.login_s
    assert (row.idle_avg_s, row.talk_avg_s, row.wrap_avg_s) == (10.0, 60.0, 30.0)


def test_the_report_agrees_with_the_cores_metrics(story: Story) -> None:
    a_shift(story)
    with story.database.read() as session:
        moves = session.scalars(select(SeatMove).order_by(SeatMove.id)).all()
    known = metrics.day_metrics(moves, start=START, end=END, now=at(1000))
    (row,) = rows(story)
    assert row.talk_s == known.talk_s and row.wrap_s == known.wrap_s
    assert row.idle_s == known.seconds(SeatState.AVAILABLE) + known.seconds(SeatState.RESERVED)
    assert (row.login_s, row.calls) == (known.login.total_seconds(), known.calls)


def test_the_parts_of_a_period_add_up_to_it_wherever_it_is_cut(story: Story) -> None:
    a_shift(story)
    (whole,) = rows(story)
    for cut_s in (0.5, 10, 45, 70, 99.999999, 150, 220):
        cut = at(cut_s)
        halves = [row for part in ((START, cut), (cut, END)) for row in rows(story, *part)]
        both = total(halves)
        for name in ("login_s", "idle_s", "talk_s", "wrap_s", "away_s"):
            assert getattr(both, name) == pytest.approx(getattr(whole, name)), (cut_s, name)
        assert (both.calls, both.promises, both.codes) == (1, 1, {"contact": 1})


def test_a_shift_over_midnight_is_shared_between_its_days(story: Story) -> None:
    evening = (END - timedelta(minutes=30) - NOON).total_seconds()
    story.available("operator1", at(evening))
    story.write(story.seat("operator1", "offline", at(evening + 3600), from_state="available"))
    (before,) = rows(story)
    (after,) = rows(story, END, END + timedelta(days=1))
    assert (before.login_s, after.login_s) == (1800.0, 1800.0)
    assert rows(story, END + timedelta(days=1), END + timedelta(days=2)) == []


def test_whoever_is_still_there_is_counted_up_to_now(story: Story) -> None:
    story.available("operator1", at())
    with story.database.read() as session:
        (row,) = reporting.operators(session, START, END, now=at(90))
        assert reporting.operators(session, START, END, now=at(-90)) == []
    assert (row.login_s, row.idle_s) == (90.0, 90.0)


def test_team_and_campaign_narrow_the_rows(story: Story) -> None:
    a_shift(story)
    assert len(rows(story, teams={story.centre.team_id})) == 1
    assert rows(story, teams={story.centre.team_id + 1}) == []
    assert len(rows(story, campaign_id=story.centre.campaign_id)) == 1
    assert rows(story, campaign_id=story.centre.campaign_id + 1) == []


def test_the_funnel_follows_attempts_to_where_they_went(story: Story) -> None:
    a_shift(story)
    busy, never = story.lease(at(300)), story.lease(at(300))
    story.write(story.moved(busy, "leased", "ringing", at(301)))
    story.write(story.finished(busy, "busy", at(302)))
    story.write(story.finished(never, "not_placed", at(302), counts=False))
    with story.database.read() as session:
        steps = reporting.funnel(session, START, END)
        elsewhere = reporting.funnel(session, START, END, teams={story.centre.team_id + 1})
        tomorrow = reporting.funnel(session, END, END + timedelta(days=1))
    assert (steps.attempts, steps.answered, steps.bridged) == (2, 1, 1)
    assert steps.codes == {"contact": 1}
    assert elsewhere.attempts == tomorrow.attempts == 0


def test_promises_count_for_who_took_them_and_those_of_practice_for_nobody(story: Story) -> None:
    centre = RandomCentre(story, seed=3)
    centre.go_on(1200)
    *_, practice = centre.campaigns
    middle = centre.now - timedelta(days=7)
    with story.database.read() as session:
        every = [
            (promise, session.get_one(Call, promise.call_id).campaign_id)
            for promise in session.scalars(select(Promise))
        ]
        assert any(campaign == practice for _, campaign in every)
        for start, end in ((NOON - timedelta(days=90), middle), (middle, NOON)):
            for campaign_id in (None, *centre.campaigns):
                for person in (None, *centre.users):
                    expected = Counter(
                        promise.user_id
                        for promise, campaign in every
                        if start <= promise.made_at < end
                        and promise.state not in ("withdrawn", "replaced")
                        and campaign != practice
                        and campaign_id in (None, campaign)
                        and person in (None, promise.user_id)
                    )
                    asked = (session, start, end, campaign_id, person)
                    assert promises_of.made(*asked) == expected
