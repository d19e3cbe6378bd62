"""The dialer's figures, computed by hand on a day of a few attempts."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update

from agent_desk.dialer.business_time import at as jst
from agent_desk.models.campaigns import Campaign
from agent_desk.services.reports.dialer_figures import DialerFigures, figures
from agent_desk.services.reports.percentiles import nearest_rank, p50_p95_max
from agent_desk.store.reports.dialing import CauseCount, DialingCount
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import add_entries, at, small_centre

DAY = date(2026, 11, 24)


@pytest.fixture
def story(database: Database) -> Story:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 40, next_s=-60 * 86_400)
    return Story(database, centre)


def told(story: Story, first: date = DAY, last: date | None = None, **more) -> DialerFigures:
    asked = {"teams": None, "now": at(86_400 * 40)} | more
    with story.database.read() as session:
        return figures(session, first, last or first, **asked)


def ended(story: Story, outcome: str, when: datetime, **more: object) -> str:
    """An attempt that was placed, rang and ended without an answer."""
    row = story.lease(when)
    story.write(story.moved(row, "leased", "ringing", when))
    told = story.finished(row, outcome, when, blame="customer", **more)
    story.write(told)
    return row.call_id


def talked(story: Story, when: datetime, waited_s: float, *, greeting_s: float = 0.4) -> str:
    """Answered by a person who greets us, and bridged `waited_s` after the answer."""
    row, answered = story.lease(when), when
    story.write(
        story.moved(row, "leased", "placed", when),
        story.moved(row, "placed", "screening", answered),
        story.moved(
            row,
            "screening",
            "waiting",
            answered + timedelta(seconds=greeting_s),
            verdict="human",
            greeting_end_ms=int(greeting_s * 1000),
        ),
        story.moved(row, "waiting", "bridged", answered + timedelta(seconds=waited_s)),
    )
    story.write(story.finished(row, "human", when + timedelta(seconds=60)))
    return row.call_id


def abandoned(story: Story, when: datetime) -> str:
    row = story.lease(when)
    story.write(
        story.moved(row, "leased", "placed", when),
        story.moved(row, "placed", "waiting", when, verdict="human", greeting_end_ms=400),
    )
    late = when + timedelta(seconds=3)
    facts = {"live_answer": True, "abandoned": True, "answered": True, "blame": "us"}
    story.write(story.finished(row, "abandoned", late, by="desk", **facts))
    return row.call_id


def test_one_day_counted_by_hand(story: Story) -> None:
    for number, waited in enumerate((0.5, 0.7, 0.9, 1.9)):
        talked(story, at(number * 100), waited)
    abandoned(story, at(500))
    ended(story, "busy", at(600), sip_code=486, q850=17)
    ended(story, "no_answer", at(700), sip_code=487)
    never = story.lease(at(800))
    story.write(story.finished(never, "not_placed", at(800), counts=False, blame="us"))
    day = told(story)
    counts = DialingCount(attempts=7, answered=5, live=5, bridged=4, abandoned=1)
    (row,) = day.rows
    assert (row.key, row.counts, day.total.counts) == ((DAY,), counts, counts)
    assert (row.counts.answered_share, row.counts.abandoned_share) == (5 / 7, 0.2)
    # Of four waits the median is the second, the 95th percentile the fourth.
    assert row.since_answer == (0.7, 1.9, 1.9)
    assert row.since_greeting == pytest.approx((0.3, 1.5, 1.5))
    assert [(each.outcome, each.by_blame) for each in day.outcomes] == [
        ("human", {"none": 4}),
        ("abandoned", {"us": 1}),
        ("busy", {"customer": 1}),
        ("no_answer", {"customer": 1}),
        ("not_placed", {"us": 1}),
    ]
    assert day.blames == ("customer", "none", "us")
    assert set(day.causes) == {
        CauseCount("busy", 486, 17, 1),
        CauseCount("no_answer", 487, None, 1),
    }


def test_r20_is_counted_over_24_hours_and_30_days_to_the_end_of_the_period(story: Story) -> None:
    for day in (40, 20, 2, 1):
        abandoned(story, jst(DAY, 720) - timedelta(days=day))
    for minute in range(3):
        talked(story, jst(DAY, 720 + minute), 1.0)
    abandoned(story, jst(DAY, 800))
    (window,) = told(story).windows
    assert (window.live_24h, window.abandoned_24h) == (4, 1)  # of this day alone
    assert (window.live_30d, window.abandoned_30d) == (7, 4)  # not the one of forty days ago
    (window,) = told(story, now=jst(DAY, 721)).windows  # a day that is not over: up to now
    assert (window.live_24h, window.abandoned_24h) == (1, 0)
    yesterday = told(story, DAY - timedelta(days=1)).windows[0]
    assert (yesterday.live_24h, yesterday.live_30d) == (1, 3)


def test_machines_and_calls_that_came_in_are_not_in_the_denominator(story: Story) -> None:
    row = story.lease(at(10))
    story.write(
        story.moved(row, "leased", "placed", at(10)),
        story.moved(row, "placed", "screening", at(10)),
        story.finished(row, "machine", at(20), answered=True, blame="customer"),
    )
    day = told(story)
    assert (day.total.counts.answered, day.total.counts.live) == (1, 0)
    assert (day.total.counts.abandoned_share, day.windows) == (None, ())


def test_midnight_parts_the_days_and_hours_are_japanese(story: Story) -> None:
    midnight = jst(DAY + timedelta(days=1), 0)
    ended(story, "busy", midnight - timedelta(seconds=1), sip_code=486)
    ended(story, "busy", midnight, sip_code=486)
    both = told(story, DAY, DAY + timedelta(days=1), axes=("day", "hour"))
    assert [row.key for row in both.rows] == [
        (DAY, 23),
        (DAY + timedelta(days=1), 0),
    ]
    assert told(story).total.counts.attempts == 1


def test_two_axes_and_the_places_a_call_went_through(story: Story) -> None:
    ended(story, "busy", at(1), sip_code=486)
    ended(story, "busy", at(3601), sip_code=486)
    rows = told(story, axes=("campaign", "hour")).rows
    assert [(row.key, row.counts.attempts) for row in rows] == [
        (("spring", 12), 1),
        (("spring", 13), 1),
    ]
    (row,) = told(story, axes=("trunk", "gateway")).rows
    assert (row.key, row.counts.attempts) == (("trunk1", "gw1"), 2)


def test_scope_campaign_and_practice_narrow_what_is_counted(story: Story) -> None:
    talked(story, at(1), 0.5)
    others = {story.centre.team_id + 1}
    for nothing in (told(story, teams=others), told(story, campaign_id=99)):
        assert (nothing.rows, nothing.outcomes, nothing.causes, nothing.windows) == ((),) * 4
        assert nothing.total.since_answer is None
    assert told(story, teams={story.centre.team_id}).total.counts.bridged == 1
    with story.database.write() as session:
        session.execute(update(Campaign).values(training=True))
    assert told(story).rows == ()


@pytest.mark.parametrize(
    ("percent", "value"), [(1, 15.0), (5, 15.0), (30, 20.0), (40, 20.0), (50, 35.0), (100, 50.0)]
)
def test_percentiles_are_values_that_were_measured(percent: int, value: float) -> None:
    assert nearest_rank([15.0, 20.0, 35.0, 40.0, 50.0], percent) == value


def test_of_one_value_every_percentile_is_that_value_and_of_none_there_is_none() -> None:
    assert p50_p95_max([3.0]) == (3.0, 3.0, 3.0)
    assert p50_p95_max([]) is None
    assert p50_p95_max([float(n) for n in range(100, 0, -1)]) == (50.0, 95.0, 100.0)
