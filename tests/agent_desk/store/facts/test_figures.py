"""Facts say what the rows say, however and whenever they were made of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from agent_desk.dialer.business_time import JST
from agent_desk.store.facts import figures
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.lists import valid_calls
from agent_desk.store.lists.valid_calls import Definition
from agent_desk.store.reports import figures as reporting
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER
from tests.agent_desk.store.facts.random_centre import RandomCentre

SEEDS = range(2)


@pytest.fixture
def make(story: Story, tmp_path: Path) -> Callable[..., FactWriter]:
    def made(name: str, now: Callable[[], datetime], **more: int) -> FactWriter:
        return FactWriter(
            tmp_path / name, database=story.database, identity="one", sealer=SEALER, now=now, **more
        )

    return made


def periods(centre: RandomCentre, wish: random.Random) -> list[tuple[datetime, datetime]]:
    """Days, months and anything between: Japanese midnights, as reports ask."""
    last = centre.now.astimezone(JST).replace(hour=0, minute=0, second=0, microsecond=0)
    found = [(last - timedelta(days=60), last + timedelta(days=1))]
    for _ in range(2):
        first = last - timedelta(days=wish.randrange(0, 50))
        found.append((first, first + timedelta(days=wish.randrange(1, 40))))
    found.append((datetime(2026, 11, 1, tzinfo=JST), datetime(2026, 12, 1, tzinfo=JST)))
    return found


def agree(centre: RandomCentre, facts: Facts, wish: random.Random) -> None:
    """Every figure of some periods, out of facts and out of rows."""
    now = facts.as_of
    team = centre.story.centre.team_id
    with centre.story.database.read() as session:
        for start, end in periods(centre, wish):
            for more in (
                {},
                {"campaign_id": centre.campaigns[1]},
                {"teams": {wish.choice((team, team + 1))}},
            ):
                asked = (session, start, end)
                told = figures.operators(facts, *asked, now=now, **more)
                assert told == reporting.operators(*asked, now=now, **more), (start, end, more)
                told_steps = figures.funnel(facts, *asked, **more)
                assert told_steps == reporting.funnel(*asked, **more), (start, end, more)


def finish(centre: RandomCentre) -> None:
    """Reports are of calls that are over."""
    with centre.story.database.write() as session:
        while centre.live:
            centre.end(session)


@pytest.mark.parametrize("seed", SEEDS)
def test_facts_kept_from_pass_to_pass_say_what_the_rows_say(
    story: Story, make: Callable[..., FactWriter], seed: int
) -> None:
    centre = RandomCentre(story, seed)
    wish = random.Random(seed)
    writer = make("facts", lambda: centre.now, portion=40)
    for _ in range(10):
        centre.go_on(wish.randrange(1, 80))
        if wish.random() < 0.8:
            writer.one_pass()
    finish(centre)
    writer.catch_up()
    agree(centre, Facts(writer.directory, SEALER), wish)


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_facts_made_anew_are_the_same(
    story: Story, make: Callable[..., FactWriter], seed: int
) -> None:
    centre = RandomCentre(story, seed)
    centre.go_on(350)
    finish(centre)
    writer = make("facts", lambda: centre.now, portion=25)
    writer.catch_up()
    agree(centre, Facts(writer.directory, SEALER), random.Random(seed))


def test_a_definition_of_valid_calls_counts_at_once_also_for_days_past(
    story: Story, make: Callable[..., FactWriter]
) -> None:
    centre = RandomCentre(story, 7)
    centre.go_on(400)
    finish(centre)
    writer = make("facts", lambda: centre.now)
    writer.catch_up()
    facts = Facts(writer.directory, SEALER)
    for since, said in (
        (None, Definition(("contact", "valid"), 0, False)),
        (date(2026, 11, 5), Definition(("contact",), 1800, False)),
        (date(2026, 11, 12), Definition(("contact", "payment_date"), 0, True)),
    ):
        with story.database.write() as session:
            change = {"since": since, "actor": "lead1", "at": centre.now}
            valid_calls.change(session, centre.campaigns[0], said, **change)
        agree(centre, facts, random.Random(3))


def test_a_reader_follows_what_is_committed_and_sees_nothing_else(
    story: Story, make: Callable[..., FactWriter]
) -> None:
    centre = RandomCentre(story, 11)
    centre.go_on(200)
    writer = make("facts", lambda: centre.now, portion=50)
    writer.catch_up()
    facts = Facts(writer.directory, SEALER)
    for _ in range(5):
        centre.go_on(50)
        writer.catch_up()
    finish(centre)
    writer.catch_up()
    facts.follow()
    assert facts.as_of == centre.now
    agree(centre, facts, random.Random(5))
