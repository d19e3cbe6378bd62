"""Calls against a rule are those a loop over the rows finds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.business_time import business_date
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.store.reports import breaches, statements
from agent_desk.store.reports.dialing import Period
from agent_desk.store.unit_of_work import Session
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.facts.random_centre import RandomCentre
from tests.agent_desk.store.facts.test_figures import finish

CAP = 2


@pytest.fixture
def centre(story: Story) -> RandomCentre:
    """Calls so close that caps are passed; some talks that are to be recorded."""
    made = RandomCentre(story, 17)
    wish = random.Random(17)
    with story.database.write() as session:
        session.execute(
            update(Campaign).where(Campaign.id == made.campaigns[0]).values(identity_needed=True)
        )
    made.go_on(900)
    finish(made)
    with story.database.write() as session:
        begun = session.scalars(select(Attempt).order_by(Attempt.leased_at)).all()
        at = made.now - timedelta(days=8)
        for attempt in begun:
            # Some are of one instant.
            at += timedelta(minutes=wish.choice((0, 40, 40, 90)))
            attempt.counts, attempt.cap_today = wish.random() < 0.9, CAP
            attempt.leased_at = at
            call = session.get_one(Call, attempt.id)
            call.leased_at, call.record = at, wish.random() < 0.5
            session.get_one(AttemptOutcome, attempt.id).at = at + timedelta(minutes=1)
    return made


def beyond_cap(session: Session, attempt: Attempt, call: Call) -> bool:
    before = session.scalars(
        select(Attempt).where(
            Attempt.customer_id == attempt.customer_id,
            Attempt.counts,
            Attempt.inbound.is_(False),
            Attempt.leased_at <= attempt.leased_at,
        )
    )
    day = business_date(attempt.leased_at)
    number = sum(business_date(each.leased_at) == day for each in before)
    return attempt.counts and not attempt.inbound and number > CAP


def no_message(session: Session, attempt: Attempt, call: Call) -> bool:
    outcome = session.get_one(AttemptOutcome, attempt.id)
    return outcome.abandoned and call.bridged_at is None and not attempt.inbound


def unknown_promise(session: Session, attempt: Attempt, call: Call) -> bool:
    asked = session.get_one(Campaign, attempt.campaign_id).identity_needed
    theirs = session.scalars(select(Promise.state).where(Promise.call_id == call.id))
    standing = {*theirs} - {"withdrawn", "replaced"}
    return asked and call.identity != "verified" and bool(standing)


def no_counterpart(session: Session, attempt: Attempt, call: Call) -> bool:
    every = session.scalars(
        select(Result).where(Result.call_id == call.id).order_by(Result.version)
    ).all()
    if call.bridged_at is None or not every:
        return False
    collections = session.get_one(Campaign, attempt.campaign_id).kind == "collections"
    return collections and not (every[-1].recorded and every[-1].counterpart)


def not_recorded(session: Session, attempt: Attempt, call: Call) -> bool:
    return call.record and call.bridged_at is not None  # nothing was recorded at all


BY_HAND: dict[str, Callable[[Session, Attempt, Call], bool]] = {
    "beyond_cap": beyond_cap,
    "no_message": no_message,
    "unknown_promise": unknown_promise,
    "no_counterpart": no_counterpart,
    "not_recorded": not_recorded,
}


def calls_of(session: Session, centre: RandomCentre, period: Period) -> list[tuple[Attempt, Call]]:
    """Every call of the period, oldest first, practice left out."""
    query = (
        select(Attempt, Call)
        .join(Call, Call.id == Attempt.id)
        .where(
            Attempt.leased_at >= period.start,
            Attempt.leased_at < period.end,
            Attempt.campaign_id != centre.campaigns[2],
        )
        .order_by(Attempt.leased_at, Attempt.id)
    )
    return [
        (attempt, call)
        for attempt, call in session.execute(query)
        if period.campaign_id in (None, attempt.campaign_id)
    ]


def test_every_question_finds_what_a_loop_finds(centre: RandomCentre) -> None:
    with centre.story.database.write() as session:
        for number, result in enumerate(session.scalars(select(Result).order_by(Result.id))):
            result.counterpart = None if number % 3 == 0 else "customer"
    last = centre.now + timedelta(days=60)
    middle = centre.now - timedelta(days=2, hours=5)
    found: Counter[str] = Counter()
    with centre.story.database.read() as session:
        for start, end in ((centre.now - timedelta(days=60), last), (middle, last)):
            for campaign_id in (None, centre.campaigns[0]):
                period = Period(start, end, None, campaign_id)
                calls = calls_of(session, centre, period)
                for (_, what), question in breaches.QUESTIONS.items():
                    if what not in BY_HAND:
                        continue
                    expected = [each[0].id for each in calls if BY_HAND[what](session, *each)]
                    told = session.execute(question(period, last + timedelta(days=1))).all()
                    assert [row[0] for row in told] == expected, what
                    found[what] += len(expected)
    assert all(found[what] > 2 for what in BY_HAND)


def test_talks_about_the_matter_are_those_a_loop_finds(centre: RandomCentre) -> None:
    period = Period(centre.now - timedelta(days=60), centre.now + timedelta(days=60))
    with centre.story.database.read() as session:
        expected = []
        for attempt, call in calls_of(session, centre, period):
            on = session.scalars(
                select(StatusMark.id).where(
                    StatusMark.call_id == call.id, StatusMark.current, StatusMark.marked
                )
            ).all()
            asked = session.get_one(Campaign, attempt.campaign_id).identity_needed
            about = call.identity == "verified" if asked else bool(on)
            if call.bridged_at is not None and about:
                expected.append(call.id)
        told = statements.talks(session, period)
        assert [talk.call_id for talk in told] == expected
        assert len(expected) > 20 and not any(talk.vip for talk in told)
