"""The dialer's figures out of the facts are those the database counts over the rows."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.services.reports.dialer_figures import DialerFigures, figures
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER
from tests.agent_desk.store.facts.random_centre import RandomCentre
from tests.agent_desk.store.facts.test_figures import finish

AXES = (("day",), ("hour", "campaign"), ("trunk", "gateway"), ("campaign",), ("gateway", "day"))


@pytest.fixture
def centre(story: Story) -> RandomCentre:
    made = RandomCentre(story, 53)
    made.go_on(450)
    finish(made)
    wish = random.Random(4)
    with story.database.write() as session:
        for key in session.scalars(select(Attempt.id).order_by(Attempt.id)).all():
            which = Attempt.id == key
            line = {"trunk_id": wish.choice("ab"), "gateway_id": wish.choice(("gw1", "gw2"))}
            session.execute(update(Attempt).where(which).values(**line))
            codes = {"sip_code": wish.choice((486, 480, 200)), "q850": wish.choice((None, 16, 17))}
            outcome = AttemptOutcome.attempt_id == key
            session.execute(update(AttemptOutcome).where(outcome).values(**codes))
        heard = select(Call).where(Call.bridged_at.is_not(None)).order_by(Call.id)
        for call in session.scalars(heard).all():
            call.bridged_at = call.answered_at + timedelta(microseconds=wish.randrange(9_000_000))
            call.verdict = wish.choice(("human", "machine", None))
            after = timedelta(microseconds=wish.randrange(1, 4_000_000))
            call.offered_at = call.answered_at + after if wish.random() < 0.6 else None
            call.greeting_end_at = call.answered_at + after / 2 if wish.random() < 0.3 else None
    return made


def test_every_figure_is_what_the_rows_say(centre: RandomCentre, tmp_path: Path) -> None:
    writer = FactWriter(
        tmp_path / "facts",
        database=centre.story.database,
        identity="one",
        sealer=SEALER,
        now=lambda: centre.now,
        portion=60,
    )
    writer.catch_up()
    facts = Facts(writer.directory, SEALER)
    first, last = (centre.now - timedelta(days=34)).date(), centre.now.date()
    team = centre.story.centre.team_id
    seen: list[DialerFigures] = []
    with centre.story.database.read() as session:
        for axes in AXES:
            for days, more in (
                ((first, last), {"teams": None}),
                ((first, last), {"teams": {team}, "campaign_id": centre.campaigns[1]}),
                ((last - timedelta(days=9), last - timedelta(days=2)), {"teams": {team}}),
                ((last, last), {"teams": {team + 1}}),
            ):
                asked = {"now": centre.now, "axes": axes, **more}
                told = figures(session, *days, facts=facts, **asked)
                assert told == figures(session, *days, **asked), (axes, days, more)
                seen.append(told)
    assert any(len(each.rows) > 5 and each.total.since_greeting for each in seen)
    assert any(each.total.since_greeting != each.total.since_answer for each in seen)
    assert any(len(each.causes) > 8 and len(each.outcomes) > 2 for each in seen)
