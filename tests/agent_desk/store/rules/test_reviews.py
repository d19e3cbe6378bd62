"""Who hung up without a word, twice, is on the leads' list until somebody has looked (R38)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import Campaign
from agent_desk.store.rules import overrides, reviews
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import add_entries, at, small_centre

LATER = at(3600)


@pytest.fixture
def sales(database: Database) -> Story:
    """A small centre that sells, with three customers on its list."""
    with database.write() as session:
        centre = small_centre(session, kind="sales")
        add_entries(session, centre.list_id, 3)
    return Story(database, centre)


def hang_ups(story: Story, *outcomes: str, whose: int = 1, days_ago: int = 0) -> None:
    """So many ended attempts, all on one customer."""
    for number, outcome in enumerate(outcomes):
        row = story.lease(at(number * 60))
        story.write(story.moved(row, "leased", "ringing", at(number * 60 + 1)))
        story.write(story.finished(row, outcome, at(number * 60 + 5), answered=True))
        with story.database.write() as session:
            moved = {"customer_id": whose, "leased_at": at(number * 60) - timedelta(days=days_ago)}
            session.execute(update(Attempt).where(Attempt.id == row.call_id).values(**moved))


def listed(story: Story, *, teams: frozenset[int] | None = None) -> list[tuple[int, int]]:
    with story.database.read() as session:
        found = reviews.waiting(session, LATER, teams=teams, limit=10)
    return [(row.customer_id, row.times) for row in found]


def test_twice_is_listed_once_is_not(sales: Story) -> None:
    hang_ups(sales, "hung_up_at_once", "no_answer")
    assert listed(sales) == []
    hang_ups(sales, "hung_up_at_once")
    assert listed(sales) == [(1, 2)]


def test_what_is_older_than_thirty_days_and_debts_are_not_listed(sales: Story) -> None:
    hang_ups(sales, "hung_up_at_once", "hung_up_at_once", days_ago=31)
    assert listed(sales) == []
    hang_ups(sales, "hung_up_at_once")
    with sales.database.write() as session:
        session.execute(update(Attempt).values(leased_at=at()))
    assert listed(sales) == [(1, 3)]
    with sales.database.write() as session:
        session.execute(update(Campaign).values(kind="collections"))
    assert listed(sales) == []


def test_a_lead_who_has_looked_takes_it_off_the_list(sales: Story) -> None:
    hang_ups(sales, "hung_up_at_once", "hung_up_at_once")
    with sales.database.write() as session:
        overrides.add(
            session,
            customer_id=1,
            rule_id="R38-REVIEW",
            role="lead",
            actor="lead1",
            reason="a wrong number",
            manual_only=False,
            made_at=at(200),
            until=LATER + timedelta(days=30),
        )
    assert listed(sales) == []


def test_a_lead_sees_the_customers_of_the_own_teams(sales: Story) -> None:
    hang_ups(sales, "hung_up_at_once", "hung_up_at_once")
    assert listed(sales, teams=frozenset({sales.centre.team_id})) == [(1, 2)]
    assert listed(sales, teams=frozenset({sales.centre.team_id + 1})) == []
