"""What costs are divided by, and who was at work: out of facts and out of rows the same."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent_desk.dialer.business_time import business_date
from agent_desk.services.reports import money
from agent_desk.services.reports.money import Question
from agent_desk.store.facts import achievements
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.reports.achievements import Scope
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER
from tests.agent_desk.store.facts.random_centre import RandomCentre
from tests.agent_desk.store.facts.test_figures import finish


@pytest.fixture
def centre(story: Story) -> RandomCentre:
    made = RandomCentre(story, 23)
    made.go_on(900)
    finish(made)
    return made


@pytest.fixture
def facts(centre: RandomCentre, tmp_path: Path) -> Facts:
    writer = FactWriter(
        tmp_path / "facts",
        database=centre.story.database,
        identity="one",
        sealer=SEALER,
        now=lambda: centre.now,
        portion=300,
    )
    writer.catch_up()
    return Facts(writer.directory, SEALER)


def questions(centre: RandomCentre, now: datetime) -> list[Question]:
    """Periods of every kind, of all, of a campaign, of a team and of nobody."""
    wish = random.Random(4)
    last = business_date(centre.now)
    team = centre.story.centre.team_id
    spans = [(last - timedelta(days=70), last + timedelta(days=2))]
    spans += [
        (first := last - timedelta(days=wish.randrange(40)), first + timedelta(days=length))
        for length in (0, 1, 9, 33)
    ]
    scopes = [Scope(), Scope(centre.campaigns[1]), Scope(None, {team}), Scope(None, {team + 1})]
    return [Question(*span, scope, now) for span in spans for scope in scopes]


def test_facts_say_what_the_rows_say(centre: RandomCentre, facts: Facts) -> None:
    calls = firsts = 0
    with centre.story.database.read() as session:
        for asked in questions(centre, facts.as_of):
            counted = money.came(session, asked)
            span = (asked.start, asked.end, asked.scope)
            told = achievements.came(facts, session, *span)
            assert (told.statuses, told.dials, told.first) == (
                counted.statuses,
                counted.dials,
                counted.first,
            ), asked
            for name in ("attempts", "answered", "bridged", "verified"):
                assert getattr(told.reached, name) == getattr(counted.reached, name), asked
            # A millisecond for each talk.
            short = counted.reached.talk - told.reached.talk
            assert timedelta(0) <= short <= timedelta(milliseconds=counted.reached.bridged), asked
            calls, firsts = calls + counted.reached.attempts, firsts + counted.first[1]
    assert calls > 200 and firsts > 5


def test_presence_is_what_the_moves_say(centre: RandomCentre, facts: Facts) -> None:
    found = 0
    with centre.story.database.read() as session:
        for asked in questions(centre, facts.as_of):
            counted = money._presences(session, asked, asked.scope)
            told = achievements.presences(facts, session, asked.start, asked.end, asked.scope)
            assert told == sorted(counted, key=lambda each: (each.user_id, each.began)), asked
            found += len(told)
    assert found > 50


def test_costs_out_of_facts_are_those_out_of_rows(centre: RandomCentre, facts: Facts) -> None:
    told_of: list[float] = []
    with centre.story.database.read() as session:
        for asked in questions(centre, facts.as_of):
            out_of = Question(asked.first, asked.last, asked.scope, asked.now, facts)
            rows, told = (money.measure(session, each) for each in (asked, out_of))
            assert (told.staff, told.achieved) == (rows.staff, rows.achieved)
            costs = [money.costs_of(session, each, told_of.append) for each in (rows, told)]
            assert costs[0] == costs[1]
