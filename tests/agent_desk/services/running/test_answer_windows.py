"""Counting the windows from kept hours says what counting every row says, at any instant."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, insert

from agent_desk.dialer.ids import CampaignId
from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.services.running.answer_windows import DAY, MONTH, TICK, AnswerWindows
from agent_desk.store.campaigns import campaigns
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import NOON, small_centre


def answered(database: Database, campaign_id: int, *instants: datetime, abandoned: bool) -> None:
    with database.write() as session:
        for number, at in enumerate(instants):
            call_id = f"{at.timestamp():.6f}-{abandoned:d}{number}"[-32:]
            session.execute(
                insert(Attempt).values(
                    id=call_id,
                    campaign_id=campaign_id,
                    number_today=1,
                    cap_today=2,
                    trunk_id="trunk1",
                    gateway_id="gw1",
                    desk_epoch=1,
                    leased_at=at,
                    not_after=at,
                    open=False,
                )
            )
            session.execute(
                insert(AttemptOutcome).values(
                    attempt_id=call_id,
                    campaign_id=campaign_id,
                    outcome="human",
                    blame="none",
                    by="customer",
                    counts=True,
                    answered=True,
                    live_answer=True,
                    abandoned=abandoned,
                    cause="",
                    at=at,
                )
            )


@pytest.fixture
def campaign_id(database: Database) -> int:
    with database.write() as session:
        return small_centre(session).campaign_id


def test_at_every_instant_both_ways_of_counting_agree(database: Database, campaign_id: int) -> None:
    draw = random.Random(4)
    old = [NOON - timedelta(seconds=draw.uniform(0, 31 * 86400)) for _ in range(150)]
    edges = [NOON - DAY, NOON - MONTH, NOON - DAY + TICK, NOON - MONTH + TICK, NOON]
    on_the_hour = [NOON - timedelta(hours=n) for n in (1, 2, 3, 4, 25, 719, 720, 721)]
    answered(database, campaign_id, *old, *edges, *on_the_hour, abandoned=False)
    windows = AnswerWindows(database)
    now = NOON
    for _ in range(40):
        lost = now - timedelta(seconds=draw.uniform(0, 600))
        answered(database, campaign_id, lost, abandoned=True)
        with database.read() as session:
            assert windows.count(now) == campaigns.answers(session, now), now
        now += timedelta(seconds=draw.choice((1, 60, 3600, 5 * 3600, 26 * 3600, -900)))


def test_a_month_is_read_once(database: Database, campaign_id: int) -> None:
    answered(database, campaign_id, NOON - timedelta(days=9), abandoned=False)
    windows = AnswerWindows(database)
    assert windows.count(NOON)[CampaignId(campaign_id)].live_30d == 1
    asked: list[object] = []

    def note(*told: object) -> None:
        asked.append(told[2])

    with database.read() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    windows.count(NOON + timedelta(seconds=60))
    event.remove(engine, "before_cursor_execute", note)
    ranges = [each for each in asked if "attempt_outcomes" in str(each)]
    assert len(ranges) == 3, "the newest hours, and the rest of the hour of each edge"
