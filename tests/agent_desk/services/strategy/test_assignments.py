"""A thousand customers assigned by the strategy table, and called by the real lease (A34)."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, literal, select, update

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.strategy import BUILT_IN, CLASSES, Strategy
from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.models.customers import Customer, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.services.dialing.judging import Judge
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.strategy.table import StrategyService
from agent_desk.store.leasing.candidates import next_due
from agent_desk.store.leasing.lease import Route, lease
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.store.desk_rows import NOON, SEALER, Centre, small_centre
from tests.fakes.clock import FakeClock

PEOPLE = 1000
MORNING = NOON - timedelta(hours=2)  # 10:00 in Japan
WEEK = timedelta(days=7)
DAYS = 5  # twice a day: more than any class may be called
AT_ONCE = 50
EDITED = [
    {"delinquency": "d1_30", "weekly_calls": 1, "ai_percent": 70},
    {"delinquency": "d31_90", "weekly_calls": 4, "ai_percent": 85},
    {"delinquency": "d91", "weekly_calls": 5, "ai_percent": 40},
]
ids = (f"{number:032x}" for number in itertools.count(34 * 10**6))


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Leases are the same on either database; a thousand customers take their time."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def seeded(session: Session) -> tuple[Centre, dict[int, str]]:
    """A campaign that leaves the AI its share, and a thousand people in classes drawn at random."""
    centre = small_centre(session, human_share_only=True, max_tries=50)
    draw = random.Random(34)
    classes = {number: draw.choice(CLASSES) for number in range(1, PEOPLE + 1)}
    stamps = {"created_at": NOON, "updated_at": NOON}
    who = {"name_sealed": SEALER.seal("山田 太郎"), "name_key": SEALER.name_key("山田 太郎")}
    session.execute(
        insert(Customer),
        [{"id": n, "delinquency": each, **who, **stamps} for n, each in classes.items()],
    )
    phone = {"position": 1, "kind": "mobile", "created_at": NOON}
    numbers = {n: f"+8190{10_000_000 + n}" for n in classes}
    session.execute(
        insert(Phone),
        [
            {
                "customer_id": n,
                "number_sealed": SEALER.seal(number),
                "number_key": SEALER.number_key(number),
                **phone,
            }
            for n, number in numbers.items()
        ],
    )
    entry = {"list_id": centre.list_id, "priority": 5, "next_at": MORNING, "created_at": NOON}
    session.execute(insert(ListEntry), [{"customer_id": n, **entry} for n in classes])
    return centre, classes


def called(session: Session, centre: Centre, now: datetime) -> list[int]:
    """Everybody the lease gives out at this instant, called, and not reached."""
    settings = rule_settings.settings(session, centre.campaign_id, now)
    found: list[int] = []
    while (due := next_due(session, centre.campaign_id)) is not None and due <= now:
        judge = Judge(settings, SEALER, now, practice=False)
        given = lease(
            session,
            settings,
            count=AT_ONCE,
            now=now,
            judge=judge,
            routes=[Route("trunk1", "gw1")] * AT_ONCE,
            new_call_id=lambda: next(ids),
            desk_epoch=1,
        )
        found += [row.customer_id for row in given.rows]
    rang_out(session, now)
    return found


def rang_out(session: Session, now: datetime) -> None:
    """Every open attempt ends without an answer; its entry may be called again at once."""
    ended = {
        "outcome": "no_answer",
        "blame": "customer",
        "by": "network",
        "counts": True,
        "answered": False,
        "live_answer": False,
        "abandoned": False,
        "cause": "",
    }
    values = [literal(each) for each in ended.values()]
    rows = select(Attempt.id, Attempt.campaign_id, Attempt.leased_at, *values).where(Attempt.open)
    names = ["attempt_id", "campaign_id", "at", *ended]
    session.execute(insert(AttemptOutcome).from_select(names, rows))
    session.execute(update(Attempt).where(Attempt.open).values(open=False, placed_at=now))
    leased = ListEntry.state == "leased"
    session.execute(update(ListEntry).where(leased).values(state="ready", next_at=now))


def most_in_a_week(days: list[date]) -> int:
    return max(sum(day <= each < day + WEEK for each in days) for day in days)


def test_a34_a_thousand_assignments_keep_the_ais_share_and_the_weekly_calls_in_one_run(
    database: Database,
) -> None:
    with database.write() as session:
        centre, classes = seeded(session)
        days_of = called_for_days(session, centre, MORNING)
    assert_kept(BUILT_IN, classes, days_of)


def test_a34_an_edited_version_keeps_its_own_shares_and_calls_from_the_next_lease_on(
    database: Database, clock: FakeClock
) -> None:
    with database.write() as session:
        centre, classes = seeded(session)
        called(session, centre, MORNING)
    service = StrategyService(database=database, commits=DirectDoor(database), clock=clock)
    edition = service.edit(base=0, classes=EDITED, payments=[], actor="compliance1")
    later = MORNING + timedelta(days=DAYS + 7)  # what was called before counts no more
    with database.write() as session:
        session.execute(update(ListEntry).values(next_at=later))
        days_of = called_for_days(session, centre, later)
    assert_kept(edition.strategy, classes, days_of)
    # The version before stays as it was, and comes back as the next one.
    assert [each.strategy.version for each in service.editions()] == [1, 0]
    assert service.editions()[1].strategy == BUILT_IN
    restored = service.restore(0, base=1, actor="compliance1").strategy
    assert (restored.version, restored.rows) == (2, BUILT_IN.rows)


def called_for_days(session: Session, centre: Centre, begin: datetime) -> dict[int, list[date]]:
    """On which days each customer was called, of as many as there are, twice a day."""
    days_of: dict[int, list[date]] = defaultdict(list)
    for day, hours in itertools.product(range(DAYS), (0, 5)):
        now = begin + timedelta(days=day, hours=hours)
        for customer_id in called(session, centre, now):
            days_of[customer_id].append(business_date(now))
    return days_of


def assert_kept(
    strategy: Strategy, classes: Mapping[int, str], days_of: Mapping[int, list[date]]
) -> None:
    """Each class has the shares of this version, and its people all the calls it allows."""
    for row in strategy.rows:
        theirs = [n for n, each in classes.items() if each == row.delinquency]
        people = [n for n in theirs if n in days_of]
        share = 100 * (len(theirs) - len(people)) / len(theirs)
        assert abs(share - row.ai_percent) <= 3, (row.delinquency, share)
        in_a_week = {most_in_a_week(days_of[n]) for n in people}
        assert in_a_week == {row.weekly_calls}, "never more, and no fewer for want of trying"
