"""What is counted for the reports on money, on a small known day of each kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import update

from agent_desk.dialer import events
from agent_desk.dialer.business_time import at as jst
from agent_desk.dialer.ids import CallId, UserId
from agent_desk.models.campaigns import Campaign
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Promise
from agent_desk.store.reports import achievements, presence, recoveries
from agent_desk.store.reports.achievements import Scope
from agent_desk.store.rules import payments
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON, at
from tests.agent_desk.store.reports.debt_rows import customers, overdue, owe, pay

DAY = date(2026, 11, 24)
START, END = jst(DAY, 0), jst(DAY, 24 * 60)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
ALL = Scope()


def elsewhere(story: Story) -> tuple[Scope, ...]:
    """Questions to which the answer is nothing."""
    return Scope(campaign_id=story.centre.campaign_id + 1), Scope(teams=[story.centre.team_id + 1])


def practise(story: Story) -> None:
    """From now on the campaign is one of practice."""
    with story.database.write() as session:
        session.execute(update(Campaign).values(training=True))


def talk(story: Story, begun: float, *codes: str) -> str:
    """A call of a minute, ten seconds of wrap-up, with these buttons pressed; its id."""
    row = story.lease(at(begun))
    story.bridge(row, "operator1", at(begun))
    for code in codes:
        story.mark(row, "operator1", code, at(begun + 5))
    story.hang_up(row, "operator1", at(begun + 60))
    story.save(row, "operator1", at(begun + 70))
    return row.call_id


def test_a02_accounts_yen_and_payments_of_a_month(story: Story) -> None:
    october = jst(date(2026, 10, 1), 600)
    with story.database.write() as session:
        ids = customers(session, story.centre)
        debts = [owe(session, story.centre, each, 10_000, since=october) for each in ids[:4]]
        pay(session, debts[0], 10_000, date(2026, 11, 10), at=NOON)
        pay(session, debts[1], 4_000, date(2026, 10, 20), at=NOON)  # before the month
        pay(session, debts[1], 1_000, date(2026, 11, 20), at=NOON)
        pay(session, debts[2], 12_000, date(2026, 12, 3), at=NOON)  # after it, and too much
        taken_back = pay(session, debts[3], 9_000, date(2026, 11, 15), at=NOON)
        payments.take_back(session, taken_back, at=NOON)
        late = jst(date(2026, 12, 1), 0)
        owe(session, story.centre, ids[4], 77_000, since=late)
    with story.database.read() as session:
        owing = recoveries.owing(session, FIRST, LAST, ALL)
        paid = recoveries.paid_since(session, FIRST, LAST, ALL)
    # Of the second 5,000 are left, of the fourth all; the first and the third owe nothing.
    assert (owing.accounts, owing.owed_yen) == (2, 15_000)
    assert [(each.counted, each.paid) for each in paid] == [
        (False, ((date(2026, 11, 10), 10_000),)),
        (True, ((date(2026, 11, 20), 1_000),)),
        (False, ((date(2026, 12, 3), 10_000),)),
    ]
    assert {each.assigned_on for each in paid} == {date(2026, 10, 1)}


def test_a02_another_campaign_another_team_and_practice_have_no_accounts(story: Story) -> None:
    with story.database.write() as session:
        debt = owe(session, story.centre, customers(session, story.centre)[0], 500, since=NOON)
        pay(session, debt, 100, date(2026, 11, 25), at=NOON)
    with story.database.read() as session:
        assert recoveries.owing(session, FIRST, LAST, ALL).accounts == 1
        assert len(recoveries.paid_since(session, FIRST, LAST, ALL)) == 1
    practised = (*elsewhere(story), ALL)
    for scope in practised:
        if scope is ALL:
            practise(story)
        with story.database.read() as session:
            assert recoveries.owing(session, FIRST, LAST, scope).accounts == 0
            assert recoveries.paid_since(session, FIRST, LAST, scope) == []


def test_a02_a_customer_who_is_not_overdue_any_more_is_cured(story: Story) -> None:
    october = jst(date(2026, 10, 1), 600)
    with story.database.write() as session:
        first, second, third, fourth = customers(session, story.centre)[:4]
        for each in (first, second, third, fourth):
            owe(session, story.centre, each, 1_000, since=october)
        overdue(session, first, "d1_30", date(2026, 10, 5))
        overdue(session, first, None, date(2026, 11, 12))
        overdue(session, second, "d1_30", date(2026, 10, 5))
        overdue(session, second, "d31_90", date(2026, 11, 5))
        overdue(session, second, None, date(2026, 12, 5))  # too late for November
        overdue(session, third, "d91", date(2026, 11, 1))  # not at the start
        overdue(session, third, None, date(2026, 11, 3))
        overdue(session, fourth, "d1_30", date(2026, 9, 5))
        overdue(session, fourth, None, date(2026, 10, 5))
    with story.database.read() as session:
        assert recoveries.cured(session, FIRST, LAST, ALL) == (2, 1)
        for scope in elsewhere(story):
            assert recoveries.cured(session, FIRST, LAST, scope) == (0, 0)


def test_a03_only_the_first_attempt_of_each_entry_counts(story: Story) -> None:
    story.available("operator1", at())
    talk(story, 10, "contact")
    talk(story, 100)
    again = story.lease(at(200))  # of a third entry: nobody answers …
    story.write(story.moved(again, "leased", "placed", at(200)))
    story.write(story.finished(again, "no_answer", at(220)))
    with story.database.read() as session:
        assert recoveries.first_attempts(session, DAY, DAY, ALL) == (3, 1)
        yesterday = DAY - timedelta(days=1)
        assert recoveries.first_attempts(session, yesterday, yesterday, ALL) == (0, 0)
    retry(story, again.list_entry_id)  # … and the second attempt is a contact
    with story.database.read() as session:
        assert recoveries.first_attempts(session, DAY, DAY, ALL) == (3, 1)
        for scope in elsewhere(story):
            assert recoveries.first_attempts(session, DAY, DAY, scope) == (0, 0)


def retry(story: Story, entry_id: int) -> None:
    """The entry comes first, is called again that day, and is reached."""
    with story.database.write() as session:
        mine = update(ListEntry).where(ListEntry.id == entry_id)
        session.execute(mine.values(state="ready", priority=0, next_at=at(300)))
    row = story.lease(at(5_000))
    assert row.list_entry_id == entry_id
    story.bridge(row, "operator1", at(5_000))
    story.mark(row, "operator1", "contact", at(5_005))


def test_a06_presence_is_what_the_log_of_moves_says(story: Story) -> None:
    story.available("operator1", at())
    story.available("operator2", at(600))
    story.write(story.seat("operator1", "away", at(700), from_state="available", reason="break"))
    story.write(story.seat("operator1", "offline", at(1_000), from_state="away"))
    story.available("operator1", at(1_200))
    ids = story.centre.users
    with story.database.read() as session:
        found = presence.presences(session, START, END, now=at(3_600))
        cut = presence.presences(session, at(500), at(1_100), now=at(3_600))
    assert [(each.user_id, each.began, each.ended) for each in found] == [
        (ids["operator1"], at(), at(1_000)),
        (ids["operator1"], at(1_200), at(3_600)),
        (ids["operator2"], at(600), at(3_600)),
    ]
    assert [(each.user_id, each.began, each.ended) for each in cut] == [
        (ids["operator1"], at(500), at(1_000)),
        (ids["operator2"], at(600), at(1_100)),
    ]


def test_a06_other_teams_other_campaigns_and_practice_are_not_there(story: Story) -> None:
    story.available("operator1", at())
    story.write(
        replace(
            story.seat("operator1", "available", at(100), from_state="available"),
            campaign_id=None,
        )
    )
    with story.database.read() as session:
        of_campaign = presence.presences(
            session, START, END, now=at(500), campaign_id=story.centre.campaign_id
        )
        theirs = presence.presences(
            session, START, END, now=at(500), teams=[story.centre.team_id + 1]
        )
    assert [(each.began, each.ended) for each in of_campaign] == [(at(), at(100))]
    assert theirs == []
    practise(story)
    with story.database.read() as session:
        left = presence.presences(session, START, END, now=at(500))
    assert [(each.began, each.ended) for each in left] == [(at(100), at(500))]


def test_a08_attempts_placed_are_counted_by_japanese_day(story: Story) -> None:
    for seconds in (0, 60, 12 * 3_600 - 1):
        row = story.lease(at(seconds))
        story.write(story.moved(row, "leased", "placed", at(seconds)))
        story.write(story.finished(row, "no_answer", at(seconds + 20)))
    story.lease(at(120))  # leased, never placed
    midnight = story.lease(at(12 * 3_600))
    story.write(story.moved(midnight, "leased", "placed", at(12 * 3_600)))
    with story.database.read() as session:
        found = achievements.by_day(session, START, END + timedelta(days=1), ALL)
        none = achievements.by_day(session, START, END, elsewhere(story)[0])
    assert found == {DAY: 3, DAY + timedelta(days=1): 1}
    assert none == {}


def test_a05_what_the_costs_are_divided_by(story: Story) -> None:
    story.available("operator1", at())
    call_id = talk(story, 10, "contact", "valid")
    talk(story, 100, "contact")
    user_id = UserId(story.centre.users["operator1"])
    row_of = events.PromiseMade(CallId(call_id), None, user_id, LAST, 5_000, at(130))  # type: ignore[arg-type]
    with story.database.read() as session:
        customer_id = customers(session, story.centre)[0]
    story.write(replace(row_of, customer_id=customer_id))
    with story.database.read() as session:
        found = achievements.reached(session, START, END, ALL)
        codes = achievements.with_status(session, START, END, ALL)
        promised = achievements.promises(session, START, END, ALL)
        other = achievements.promises(session, START, END, elsewhere(story)[0])
    assert (found.attempts, found.answered, found.bridged, found.verified) == (2, 2, 2, 0)
    assert found.talk == timedelta(seconds=120)
    assert codes == {"contact": 2, "valid": 1}
    assert (promised.made, promised.kept, promised.broken) == (1, 0, 0)
    assert (other.made, other.kept) == (0, 0)
    with story.database.write() as session:
        session.execute(update(Promise).values(state="kept", ended_at=at(86_400 * 3)))
    with story.database.read() as session:
        promised = achievements.promises(session, START, END, ALL)
        later = achievements.promises(session, END, at(86_400 * 9), ALL)
    assert (promised.made, promised.kept) == (1, 0)
    assert (later.made, later.kept) == (0, 1)
