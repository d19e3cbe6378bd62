"""Talks with recordings of a week that has ended, written as rows: no call is made for them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import at
from agent_desk.models.calls import Attempt, Call, Recording
from agent_desk.models.listening_audits import (
    ListeningAnswer,
    ListeningSample,
    ListeningScore,
    ListeningSetting,
    ListeningWeek,
)
from tests.agent_desk.store.desk_rows import NOON, SEALER

MONDAY = date(2026, 11, 16)  # of the week before the day tests are on
MORNING = 10 * 60


def add_talk(
    session: Session,
    call_id: str,
    operator_id: int,
    *,
    campaign_id: int = 1,
    customer_id: int | None = None,
    talked_at: datetime | None = None,
    recording: str | None = "verified",
) -> str:
    """One talk that is over; its id. `recording`: the state of it, None for no recording."""
    begun = talked_at or at(MONDAY, MORNING)
    ended = begun + timedelta(minutes=3)
    session.execute(
        insert(Attempt).values(
            id=call_id,
            campaign_id=campaign_id,
            customer_id=customer_id,
            inbound=True,
            number_today=0,
            cap_today=0,
            trunk_id="trunk1",
            gateway_id="gw1",
            desk_epoch=1,
            leased_at=begun,
            not_after=begun,
            open=False,
            counts=False,
        )
    )
    session.execute(
        insert(Call).values(
            id=call_id,
            campaign_id=campaign_id,
            customer_id=customer_id,
            seat_user_id=operator_id,
            state="ended",
            live=False,
            since=ended,
            leased_at=begun,
            answered_at=begun,
            bridged_at=begun,
            ended_at=ended,
        )
    )
    if recording is not None:
        session.execute(
            insert(Recording).values(
                call_id=call_id,
                path=f"{call_id}.rec",
                state=recording,
                started_at=begun,
                ended_at=ended,
                duration_ms=180_000,
            )
        )
    return call_id


def add_talks(session: Session, operator_id: int, count: int, *, prefix: str = "c") -> list[str]:
    """So many talks of one operator, a quarter of an hour apart from Monday morning on."""
    return [
        add_talk(
            session,
            f"{prefix}{operator_id}-{n}",
            operator_id,
            talked_at=at(MONDAY, MORNING + 15 * n),
        )
        for n in range(count)
    ]


def add_sheet(session: Session, call_id: str, listener_id: int, words: str) -> None:
    """A drawn week of one call with one sheet of one criterion, in somebody's words."""
    criterion = {"code": "manner", "label_ja": words, "label_en": words, "points": 10}
    session.add(
        ListeningSetting(
            version=1,
            per_operator=1,
            second_percent=0,
            criteria=[{**criterion, "knock_out": False}],
            by="system",
            at=NOON,
        )
    )
    week = ListeningWeek(
        monday=MONDAY,
        seed="5a" * 32,
        settings_version=1,
        operators=1,
        candidates=1,
        by="lead1",
        at=NOON,
    )
    session.add(week)
    session.flush()
    sample = ListeningSample(
        week_id=week.id, operator_id=1, place=1, call_id=call_id, drawn_hash="0" * 64
    )
    session.add(sample)
    session.flush()
    score = ListeningScore(
        sample_id=sample.id,
        position=1,
        listener_id=listener_id,
        permille=1000,
        remark_sealed=SEALER.seal(words),
        at=NOON,
    )
    session.add(score)
    session.flush()
    session.add(ListeningAnswer(score_id=score.id, criterion="manner", level="met"))
