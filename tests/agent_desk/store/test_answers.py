"""Live answers and abandoned ones over 24 hours and 30 days, exact at the windows' edges."""

from __future__ import annotations

from datetime import datetime, timedelta

from agent_desk.dialer.floor import Answers
from agent_desk.dialer.ids import CampaignId
from agent_desk.store.campaigns import campaigns
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON, add_entries, at

MICROSECOND = timedelta(microseconds=1)
DAY, MONTH = timedelta(hours=24), timedelta(days=30)


def answers(story: Story, now: datetime) -> Answers:
    with story.database.read() as session:
        return campaigns.answers(session, now)[CampaignId(story.centre.campaign_id)]


def end(story: Story, when: datetime, outcome: str, *, abandoned: bool = False) -> None:
    live = outcome in ("human", "abandoned", "seat_lost")
    story.write(
        story.finished(
            story.lease(at()), outcome, when, live_answer=live, abandoned=abandoned, answered=True
        )
    )


def test_what_is_exactly_as_old_as_the_window_has_left_it(story: Story) -> None:
    end(story, NOON, "abandoned", abandoned=True)
    assert answers(story, NOON) == Answers(1, 1, 1, 1)
    assert answers(story, NOON + DAY - MICROSECOND) == Answers(1, 1, 1, 1)
    assert answers(story, NOON + DAY) == Answers(0, 0, 1, 1)
    assert answers(story, NOON + MONTH - MICROSECOND) == Answers(0, 0, 1, 1)
    assert answers(story, NOON + MONTH) == Answers()


def test_a_clock_set_back_loses_no_answer(story: Story) -> None:
    end(story, NOON, "human")
    assert answers(story, NOON - timedelta(minutes=5)) == Answers(1, 0, 1, 0)


def test_only_live_answers_are_the_denominator_and_a_late_operator_is_in_both(
    story: Story,
) -> None:
    with story.database.write() as session:
        add_entries(session, story.centre.list_id, 9)
    for outcome in ("machine", "announcement", "silence", "tone", "busy", "no_answer"):
        end(story, NOON, outcome)
    assert answers(story, NOON) == Answers()
    end(story, NOON, "human")
    end(story, NOON, "human", abandoned=True)
    end(story, NOON, "seat_lost", abandoned=True)
    assert answers(story, NOON) == Answers(3, 2, 3, 2)


def test_a_campaign_nobody_answered_has_figures_too_and_a_restart_finds_them(
    story: Story,
) -> None:
    with story.database.write() as session:
        other = campaigns.add_campaign(
            session, at=NOON, name="autumn", kind="sales", product_id=story.centre.product_id
        )
    end(story, NOON, "abandoned", abandoned=True)
    with story.database.read() as session:
        found = campaigns.on_floor(session, NOON)
    assert found[CampaignId(story.centre.campaign_id)].answers == Answers(1, 1, 1, 1)
    assert found[CampaignId(other)].answers == Answers()
