"""The demo's weeks before its first day: talks that can be drawn and heard, and sheets of some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from agent_desk.dialer.business_time import at, business_date
from agent_desk.models.calls import Recording
from agent_desk.models.satisfaction import CallScore, CustomerVoice
from agent_desk.services.demo.past_weeks import TALKS, Recordings, add_past_weeks
from agent_desk.services.demo.seed import CAMPAIGNS, seed_demo
from agent_desk.services.listening_audits.drawing import draw, seed_of
from agent_desk.services.running.business_start import next_business_start
from agent_desk.store import instants, schema
from agent_desk.store.campaigns import campaigns, first_steps
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.listening_audits import drawing, scores
from agent_desk.store.listening_audits.samples import Viewer
from agent_desk.store.people import accounts
from agent_desk.store.unit_of_work import Database
from softphone.audio.g711 import decode
from softphone.recording_file import Reader
from tests.agent_desk.store.desk_rows import SEALER

KEY = b"r" * 32
SEED_KEY = b"s" * 32
WEEK = timedelta(days=7)


@dataclass
class Demo:
    database: Database
    folder: Path
    now: datetime

    @property
    def last(self) -> date:
        """The Monday of the last week that is finished on the demo's first day."""
        first = business_date(next_business_start(self.now))
        return first - timedelta(days=first.weekday()) - WEEK


@pytest.fixture(
    scope="module",
    params=[
        datetime(2026, 11, 20, 3, 0, tzinfo=UTC),  # a Friday: the week is over when it begins
        datetime(2027, 1, 4, 3, 0, tzinfo=UTC),  # after the New Year's holidays
    ],
    ids=["friday", "new year"],
)
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("past")
    database = Database(f"sqlite:///{folder / 'desk.db'}")
    schema.upgrade(database)
    now = request.param
    assert seed_demo(database, SEALER, now=now, loopback=True)
    with database.write() as session:
        place = Recordings(folder, KEY)
        add_past_weeks(session, SEALER, place, seed_key=SEED_KEY, now=now)
    yield Demo(database, folder, now)
    database.close()


def operators(demo: Demo) -> list[int]:
    with demo.database.read() as session:
        return [each.id for each in accounts.all_accounts(session) if each.role == "operator"]


def test_the_data_hold_and_the_demo_begins_when_it_would(demo: Demo) -> None:
    with demo.database.read() as session:
        assert invariants.check(session) == []
        newest = instants.newest(session)
        assert "start" not in first_steps.done(session), "nobody was called by this desk yet"
    assert newest is not None
    start = next_business_start(demo.now)
    assert next_business_start(max(newest, demo.now)) == start
    assert newest < start


def test_the_last_week_waits_to_be_drawn(demo: Demo) -> None:
    between = at(demo.last, 0), at(demo.last + WEEK, 0)
    with demo.database.read() as session:
        assert not drawing.is_drawn(session, demo.last)
        found = {
            each: drawing.candidates(session, each, between=between) for each in operators(demo)
        }
    assert {len(calls) for calls in found.values()} == {TALKS}


def test_the_week_before_was_drawn_as_anybody_would_and_is_scored(demo: Demo) -> None:
    monday = demo.last - WEEK
    between = at(monday, 0), at(monday + WEEK, 0)
    with demo.database.read() as session:
        week = drawing.of_monday(session, monday)
        assert week is not None
        calls = {
            each: drawing.candidates(session, each, between=between) for each in operators(demo)
        }
        manager = Viewer(0, None)
        means = scores.by_operator(session, manager, since=monday, after=None, limit=50)
        pairs = scores.pairs(session, manager, since=monday)
        sheets = scores.sheets(session, manager, week.id, limit=100)
    assert week.seed == seed_of(SEED_KEY, monday)
    wanted = {call for found in calls.values() for call in draw(week.seed, found, 3)}
    assert {each.call_id for each in sheets} == wanted
    assert [mean.calls for mean in means] == [3] * 5
    assert len({mean.permille for mean in means}) > 1, "not everybody did the same"
    assert sum(Counter(pairs["manner"]).values()) == 3, "one in five is heard by two"


def test_every_file_opens_and_both_sides_are_heard(demo: Demo) -> None:
    with demo.database.read() as session:
        rows = session.execute(select(Recording.path, Recording.duration_ms)).all()
    assert len(rows) == 2 * 5 * TALKS
    for path, duration_ms in rows:
        data = (demo.folder / path).read_bytes()
        reader = Reader(lambda offset, length, data=data: data[offset : offset + length], [KEY])
        contents = reader.verify(len(data))
        assert not contents.truncated
        assert contents.octets // 16 == duration_ms
    halves = [np.split(np.frombuffer(reader.chunk(n), np.uint8), 2) for n in range(contents.chunks)]
    for side in (0, 1):
        heard = decode(b"".join(bytes(half[side]) for half in halves), "PCMU")
        assert np.abs(heard.astype(np.int32)).max() > 3000, "somebody speaks"


def test_customers_of_the_sales_campaign_gave_scores_and_some_said_why(demo: Demo) -> None:
    with demo.database.read() as session:
        rows = session.scalars(select(CallScore)).all()
        said = session.scalars(select(CustomerVoice)).all()
        sales = campaigns.by_name(session, CAMPAIGNS[0].name)
    assert sales is not None
    assert {row.campaign_id for row in rows} == {sales[0]}
    assert len(rows) == 2 * TALKS * 3, "two weeks of three operators"
    assert {row.state for row in rows} == {"answered", "silent"}
    assert said and {voice.call_id for voice in said} < {row.call_id for row in rows}
