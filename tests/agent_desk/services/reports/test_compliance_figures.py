"""A50: what rules blocked, who set them aside, what was not said, what went against them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update

from agent_desk.dialer import events
from agent_desk.dialer.business_time import at as jst
from agent_desk.dialer.ids import CallId, UserId
from agent_desk.models.calls import Attempt, AttemptOutcome, Recording
from agent_desk.models.campaigns import Campaign
from agent_desk.models.results import Result
from agent_desk.services.reports.compliance_figures import (
    ComplianceFigures,
    RuleRow,
    StatementRow,
    figures,
)
from agent_desk.store.campaigns import scripts
from agent_desk.store.leasing import verdicts as kept_verdicts
from agent_desk.store.leasing.lease import LeasedRow
from agent_desk.store.leasing.verdicts import VerdictRow
from agent_desk.store.reports.identity_gate import GateCount
from agent_desk.store.rules import overrides
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import add_entries, at, small_centre

DAY = date(2026, 11, 24)
TEXT = """# 名乗り
[!] identification: 会社名と担当者名を名乗った
[!] recording_notice: 録音していることを伝えた
[ ] thanks: お礼を伝えた
"""


@pytest.fixture
def story(database: Database) -> Story:
    with database.write() as session:
        centre = small_centre(session, identity_needed=True)
        add_entries(session, centre.list_id, 8)
        scripts.add(
            session, centre.campaign_id, text=TEXT, lint=[], allowed="", by="admin1", at=at(-60)
        )
    return Story(database, centre)


def told(story: Story, day: date = DAY, *, now: datetime | None = None, **more):
    with story.database.read() as session:
        asked = {"teams": None, "now": now or at(86_400)} | more
        found: ComplianceFigures = figures(session, day, day, **asked)
    return found


def verdict(story: Story, entries: int, *rules: str, when: datetime, lifted: str = "") -> None:
    rows = [
        VerdictRow(n, n, n, bool(lifted), rules, (lifted,) if lifted else (), None)
        for n in range(1, entries + 1)
    ]
    with story.database.write() as session:
        campaign_id = story.centre.campaign_id
        kept_verdicts.keep(
            session, rows, at=when, actor="dialer", campaign_id=campaign_id, basis={}
        )


def identified(story: Story, row: LeasedRow, state: str, when: datetime) -> None:
    user = UserId(story.centre.users["operator1"])
    story.write(events.IdentityRecorded(CallId(row.call_id), user, state, "birth_date", when))


def talk(
    story: Story, start_s: float, *said: str, could_not: str = "", verified: bool = True
) -> LeasedRow:
    """A whole call of 60 s, with a result that says who was spoken to."""
    story.available("operator1", at(start_s))
    row = story.lease(at(start_s))
    story.bridge(row, "operator1", at(start_s))
    if verified:
        identified(story, row, "verified", at(start_s + 5))
    with story.database.write() as session:
        for statement in (*said, *([could_not] if could_not else [])):
            scripts.tick(
                session,
                row.call_id,
                user_id=story.centre.users["operator1"],
                version=1,
                audience="customer",
                statement=statement,
                ticked=statement != could_not,
                at=at(start_s + 6),
            )
    story.hang_up(row, "operator1", at(start_s + 60))
    story.save(row, "operator1", at(start_s + 70), counterpart="verified")
    story.write(story.seat("operator1", "offline", at(start_s + 71), from_state="available"))
    return row


def test_a50_a_clean_day_has_no_row_at_all(story: Story) -> None:
    talk(story, 0, "identification", "recording_notice")
    day = told(story)
    assert day.clean
    assert (day.rules, day.granted, day.statements, day.missing) == ((),) * 4
    assert (day.breaches, day.over_limit, day.verdicts, day.talks) == ((), (), 0, 1)
    assert day.gate == (GateCount("spring", 1, 0, 0),)


def test_a50_blocked_and_overridden_are_counted_by_rule(story: Story) -> None:
    verdict(story, 3, "R10", "R12", when=at(10))
    verdict(story, 2, "R12", when=at(20))
    verdict(story, 1, when=at(30), lifted="R10")
    verdict(story, 5, "R36", when=jst(DAY, 1440))  # tomorrow
    day = told(story)
    assert not day.clean
    assert day.rules == (
        RuleRow("R10", "spring", blocked=3, lifted=1),
        RuleRow("R12", "spring", blocked=5),
    )
    assert day.verdicts == 5
    assert told(story, DAY + timedelta(days=1)).rules == (RuleRow("R36", "spring", blocked=5),)


def test_a50_overrides_made_are_counted_by_rule_and_role(story: Story) -> None:
    for minutes in (0, 1, 1500):
        with story.database.write() as session:
            overrides.add(
                session,
                rule_id="R10",
                campaign_id=story.centre.campaign_id,
                role="manager",
                actor="manager1",
                reason="agreed",
                made_at=at(60 * minutes),
                until=at(86_400),
            )
    (granted,) = told(story).granted
    assert (granted.rule_id, granted.role, granted.count) == ("R10", "manager", 2)
    assert told(story, teams={story.centre.team_id}).granted == (granted,)
    assert told(story, teams={99}).granted == ()


def test_a50_statements_that_were_not_made_are_missing(story: Story) -> None:
    talk(story, 0, "identification", "recording_notice")
    without = talk(story, 100, "identification")
    could_not = talk(story, 200, "identification", could_not="recording_notice")
    nothing = talk(story, 300)
    talk(story, 400, verified=False)  # nobody who could be told anything
    day = told(story)
    named, notice = "会社名と担当者名を名乗った", "録音していることを伝えた"
    assert day.statements == (
        StatementRow("R31", "spring", named, needed=4, told=0, missing=1),
        StatementRow("R52", "spring", notice, needed=4, told=1, missing=2),
    )
    assert [row.made for row in day.statements] == [3, 1]
    assert day.talks == 4
    found = {(each.talk.call_id, each.rule_id, each.told) for each in day.missing}
    assert found == {
        (without.call_id, "R52", False),
        (could_not.call_id, "R52", True),
        (nothing.call_id, "R31", False),
        (nothing.call_id, "R52", False),
    }


def test_a_talk_is_held_against_the_script_of_its_time(story: Story) -> None:
    talk(story, 0)
    with story.database.write() as session:
        scripts.add(
            session,
            story.centre.campaign_id,
            text="# 名乗り\n[!] other: 別の説明をした\n",
            lint=[],
            allowed="",
            by="admin1",
            at=at(90),
        )
    talk(story, 100)
    assert [(row.rule_id, row.statement, row.needed) for row in told(story).statements] == [
        ("R31", "会社名と担当者名を名乗った", 1),
        ("R52", "録音していることを伝えた", 1),
        ("script", "別の説明をした", 1),
    ]


def test_the_gate_counts_answers_that_did_not_match(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at())
    story.bridge(row, "operator1", at())
    for second, state in ((1, "unknown"), (2, "unknown"), (3, "third_party")):
        identified(story, row, state, at(second))
    assert told(story).gate == (GateCount("spring", 3, 3, 1),)


def test_a50_an_abandoned_call_without_the_recording_is_a_breach(story: Story) -> None:
    def abandoned(second: float, *, prompt: bool) -> LeasedRow:
        row = story.lease(at(second))
        story.write(
            story.moved(row, "leased", "placed", at(second)),
            story.moved(row, "placed", "waiting", at(second), verdict="human"),
        )
        if prompt:
            story.write(
                events.CallPromptPlayed(CallId(row.call_id), "safe_harbour", at(second + 2))
            )
        facts = {"live_answer": True, "abandoned": True, "answered": True, "by": "desk"}
        story.write(story.finished(row, "abandoned", at(second + 9), **facts))
        return row

    abandoned(0, prompt=True)
    silent = abandoned(100, prompt=False)
    day = told(story)
    (breach,) = day.breaches
    assert (breach.rule_id, breach.what, breach.call_id) == ("R21", "no_message", silent.call_id)
    (window,) = day.over_limit  # two of two
    assert (window.live_24h, window.abandoned_24h) == (2, 2)


def broken_cap(story: Story) -> None:
    row = talk(story, 0, "identification", "recording_notice")
    with story.database.write() as session:
        session.execute(update(Attempt).where(Attempt.id == row.call_id).values(cap_today=0))


def outside_hours(story: Story) -> None:
    row = talk(story, 0, "identification", "recording_notice")
    with story.database.write() as session:
        late = jst(DAY, 21 * 60)
        session.execute(update(Attempt).where(Attempt.id == row.call_id).values(placed_at=late))


def strangers_promise(story: Story) -> None:
    row = talk(story, 0, verified=False)
    user, due = UserId(story.centre.users["operator1"]), date(2026, 11, 30)
    story.write(events.PromiseMade(CallId(row.call_id), row.customer_id, user, due, 5000, at(30)))


def no_counterpart(story: Story) -> None:
    talk(story, 0, "identification", "recording_notice")
    with story.database.write() as session:
        session.execute(update(Result).values(counterpart=None))


def no_recording(story: Story) -> None:
    talk(story, 0, "identification", "recording_notice")
    with story.database.write() as session:
        session.execute(delete(Recording))


@pytest.mark.parametrize(
    ("against", "rule_id", "what"),
    [
        (broken_cap, "R10", "beyond_cap"),
        (outside_hours, "R01", "outside_hours"),
        (strangers_promise, "R32", "unknown_promise"),
        (no_counterpart, "R50", "no_counterpart"),
        (no_recording, "R50", "not_recorded"),
    ],
)
def test_a50_what_went_against_a_rule_is_found(story: Story, against, rule_id, what) -> None:
    against(story)
    day = told(story)
    assert [(each.rule_id, each.what) for each in day.breaches] == [(rule_id, what)]
    assert not day.clean
    assert told(story, teams={99}).breaches == ()


@pytest.mark.parametrize(("consent", "found"), [(True, 0), (False, 1)])
def test_a_call_after_hours_the_person_agreed_to_is_none(
    story: Story, consent: bool, found: int
) -> None:
    outside_hours(story)
    with story.database.write() as session:
        customer_id = session.query(Attempt.customer_id).scalar()
        given = overrides.add_consent(
            session,
            customer_id=customer_id,
            kind="after_hours",
            evidence="call",
            actor="lead1",
            given_at=at(-9),
        )
        overrides.add(
            session,
            rule_id="R01",
            customer_id=customer_id,
            consent_id=given if consent else None,
            role="manager",
            actor="manager1",
            reason="agreed",
            made_at=at(-5),
            until=at(86_400),
        )
    assert len(told(story).breaches) == found


def test_three_of_a_hundred_are_within_the_limit(story: Story) -> None:
    row = talk(story, 0, "identification", "recording_notice")
    with story.database.write() as session:
        values = {"campaign_id": 1, "outcome": "human", "blame": "none", "by": "customer"}
        values |= {"counts": True, "answered": True, "live_answer": True, "cause": ""}
        told_of = session.get_one(Attempt, row.call_id)
        columns = {each.key: getattr(told_of, each.key) for each in Attempt.__table__.columns}
        for number in range(99):
            call_id = f"f{number:031d}"
            session.execute(insert(Attempt).values(**columns | {"id": call_id, "placed_at": None}))
            abandoned = number < 3
            outcome = values | {"attempt_id": call_id, "abandoned": abandoned, "at": at(61)}
            session.execute(insert(AttemptOutcome).values(**outcome))
    assert told(story).over_limit == ()
    with story.database.write() as session:
        session.execute(
            update(AttemptOutcome)
            .where(AttemptOutcome.attempt_id == row.call_id)
            .values(abandoned=True)
        )
    assert len(told(story).over_limit) == 1


def test_practice_and_other_teams_campaigns_are_left_out(story: Story) -> None:
    talk(story, 0)
    verdict(story, 3, "R10", when=at(10))
    assert told(story, teams={99}).clean
    assert not told(story, teams={story.centre.team_id}).clean
    assert told(story, campaign_id=99).clean
    with story.database.write() as session:
        session.execute(update(Campaign).values(training=True))
    day = told(story)
    assert day.clean and (day.talks, day.gate, day.verdicts) == (0, (), 0)
