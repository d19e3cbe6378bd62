"""Nothing is lost: whoever did not answer has a future time at which the rules allow a call (A10).

Random histories of one campaign day after day: entries are leased by the product's judge, end in
random outcomes, and after each step every entry that waits is looked at.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.best_hour import Count, slot_of
from agent_desk.dialer.business_time import JST
from agent_desk.models.campaigns import Campaign
from agent_desk.models.lists import ListEntry
from agent_desk.models.strategy import CampaignHour
from agent_desk.services.dialing.judging import Judge
from agent_desk.services.dialing.next_try import NextTry
from agent_desk.store.leasing.candidates import entry_row
from agent_desk.store.leasing.facts import load_facts
from agent_desk.store.leasing.lease import LeasedRow, Route, lease
from agent_desk.store.rows.journal import Journal
from agent_desk.store.rules import holds
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER, add_customer, add_entry, at, small_centre

# `make soak RULES=300` goes through fifteen.
HISTORIES = max(1, int(os.environ.get("RULES_EXAMPLES", "0")) // 20)
STEPS = 40
ids = (f"{number:032x}" for number in itertools.count(10**9))
# Outcomes of a call nobody talked on, and whether the telephone rang.
OUTCOMES = (
    ("no_answer", True),
    ("busy", True),
    ("no_answer", True),
    ("machine", True),
    ("silence", True),
    ("rejected", False),
    ("congestion", False),
    ("abandoned", True),
)


class Campaigning:
    """One campaign whose outcomes are written with rules and best hour at hand."""

    def __init__(self, database: Database, seed: int, **columns: object) -> None:
        self.database = database
        self.draw = random.Random(seed)
        self.journal = Journal(SEALER, NextTry(sealer=SEALER, practice=False))
        self.now = at()
        with database.write() as session:
            centre = small_centre(session, max_tries=1000, **columns)
            for number in range(6):
                customer_id = add_customer(session, f"+819012340{number:03}")
                add_entry(session, centre.list_id, customer_id)
        self.story = Story(database, centre)

    def judge(self, session: Session, now: datetime) -> Judge:
        settings = rule_settings.settings(session, self.story.centre.campaign_id, now)
        return Judge(settings, SEALER, now, practice=False)

    def lease(self) -> LeasedRow | None:
        with self.database.write() as session:
            judge = self.judge(session, self.now)
            found = lease(
                session,
                judge.settings,
                count=1,
                now=self.now,
                judge=self.judge(session, self.now),
                routes=[Route("trunk1", "gw1")],
                new_call_id=lambda: next(ids),
                desk_epoch=1,
            )
        return found.rows[0] if found.rows else None

    def end(self, row: LeasedRow, outcome: str, *, rang: bool = True) -> None:
        self.now += timedelta(seconds=self.draw.randrange(5, 40))
        event = self.story.finished(
            row,
            outcome,
            self.now,
            counts=rang,
            live_answer=outcome == "abandoned",
            abandoned=outcome == "abandoned",
            blame="customer",
        )
        with self.database.write() as session:
            self.journal.write_events(session, [event])

    def entries(self) -> Iterator[ListEntry]:
        with self.database.read() as session:
            yield from session.scalars(select(ListEntry))

    def allowed(self, entry: ListEntry) -> bool:
        """At its own time, as the lease would see it then."""
        with self.database.read() as session:
            found = entry_row(session, entry.id)
            assert found is not None
            campaign_id = self.story.centre.campaign_id
            facts = load_facts(session, campaign_id, [found], entry.next_at)
            ((candidate, ledger),) = facts
            return self.judge(session, entry.next_at)(candidate, ledger).allowed


@pytest.mark.parametrize("kind", ["collections", "sales"])
@pytest.mark.parametrize("seed", range(HISTORIES))
def test_a10_whoever_was_called_waits_for_a_time_the_rules_allow(
    database: Database, kind: str, seed: int
) -> None:
    campaigning = Campaigning(database, seed, kind=kind)
    for _ in range(STEPS):
        row = campaigning.lease()
        if row is not None:
            outcome, rang = campaigning.draw.choice(OUTCOMES)
            campaigning.end(row, outcome, rang=rang)
            (entry,) = [e for e in campaigning.entries() if e.id == row.list_entry_id]
            assert entry.state == "ready", outcome
            assert entry.next_at > campaigning.now
            assert campaigning.allowed(entry), (outcome, entry.next_at.astimezone(JST))
        waits = campaigning.draw.choice((60, 900, 4000, 40_000))
        campaigning.now += timedelta(seconds=campaigning.draw.randrange(1, waits))
    assert all(entry.state == "ready" for entry in campaigning.entries())


def test_of_the_hours_the_ladder_allows_the_one_answered_best_is_taken(
    database: Database,
) -> None:
    campaigning = Campaigning(database, 1, kind="sales")
    with database.write() as session:
        for weekday, hour in itertools.product(range(7), range(9, 20)):
            rate = 0.5 if hour == 17 else 0.05
            session.add(
                CampaignHour(
                    campaign_id=campaigning.story.centre.campaign_id,
                    weekday=weekday,
                    hour=hour,
                    tries=200.0,
                    answers=200 * rate,
                )
            )
    row = campaigning.lease()
    assert row is not None
    campaigning.end(row, "no_answer")
    (entry,) = [e for e in campaigning.entries() if e.id == row.list_entry_id]
    assert slot_of(entry.next_at) == (1, 17)  # due from 14:00 of this Tuesday on
    assert entry.own_next_at is None
    assert campaigning.allowed(entry)


def test_a_short_wait_is_meant_as_it_stands(database: Database) -> None:
    campaigning = Campaigning(database, 1, kind="sales")
    with database.write() as session:
        count = Count(100, 90)
        session.add(
            CampaignHour(
                campaign_id=campaigning.story.centre.campaign_id,
                weekday=1,
                hour=17,
                tries=count.tries,
                answers=count.answers,
            )
        )
    row = campaigning.lease()
    assert row is not None
    campaigning.end(row, "busy")
    (entry,) = [e for e in campaigning.entries() if e.id == row.list_entry_id]
    assert entry.next_at == campaigning.now + timedelta(minutes=15)


def test_what_the_rules_put_off_remembers_what_the_ladder_said(database: Database) -> None:
    campaigning = Campaigning(database, 1, kind="sales", window_end_minute=13 * 60)
    row = campaigning.lease()
    assert row is not None
    campaigning.end(row, "no_answer")
    (entry,) = [e for e in campaigning.entries() if e.id == row.list_entry_id]
    assert entry.next_at.astimezone(JST).strftime("%d %H:%M") >= "25 09:00"
    assert entry.own_next_at == campaigning.now + timedelta(hours=2)


def test_a_hold_without_an_end_puts_the_entry_off_and_loses_nothing(database: Database) -> None:
    campaigning = Campaigning(database, 1, kind="collections")
    row = campaigning.lease()
    assert row is not None
    until = datetime(9999, 12, 31, tzinfo=JST)
    with database.write() as session:
        columns = {"reason": "hospital", "until": until, "actor": "lead1"}
        holds.put(session, row.customer_id, now=campaigning.now, **columns)
    campaigning.end(row, "no_answer")
    (entry,) = [e for e in campaigning.entries() if e.id == row.list_entry_id]
    assert entry.state == "ready"
    assert entry.next_at > campaigning.now + timedelta(days=1)
    assert entry.own_next_at == campaigning.now + timedelta(hours=2)


def test_who_is_held_for_good_keeps_the_ladders_time_until_the_lease_closes_it(
    database: Database,
) -> None:
    campaigning = Campaigning(database, 1, kind="collections")
    row = campaigning.lease()
    assert row is not None
    with database.write() as session:
        columns = {"reason": "bankruptcy", "until": holds.FOR_GOOD, "actor": "lead1"}
        holds.put(session, row.customer_id, now=campaigning.now, **columns)
        session.execute(update(Campaign).values(max_tries=6))
    campaigning.end(row, "no_answer")
    (entry,) = [e for e in campaigning.entries() if e.id == row.list_entry_id]
    assert (entry.state, entry.next_at) == ("ready", campaigning.now + timedelta(hours=2))
