"""Editing the strategy table: versions, who and when, and what the rules make of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from agent_desk.dialer.strategy import BUILT_IN, ClassRow, PaymentRule, Strategy
from agent_desk.models.audit import AuditRow
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.strategy.table import StrategyService
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.strategy import table as strategy_rows
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import small_centre
from tests.fakes.clock import FakeClock

CLASSES = [
    {"delinquency": "d1_30", "weekly_calls": 1, "ai_percent": 90},
    {"delinquency": "d31_90", "weekly_calls": 4, "ai_percent": 50},
    {"delinquency": "d91", "weekly_calls": 10, "ai_percent": 0},
]


@pytest.fixture
def service(database: Database, clock: FakeClock) -> StrategyService:
    return StrategyService(database=database, commits=DirectDoor(database), clock=clock)


def test_a32_a34_a_change_is_the_next_version_and_leaves_the_others_as_they_were(
    service: StrategyService, database: Database, clock: FakeClock
) -> None:
    assert service.current().strategy == BUILT_IN
    made = service.edit(
        base=0, classes=CLASSES, payments=[{"on_time": 3, "fewer": 2}], actor="admin1"
    )
    service.edit(base=1, classes=CLASSES, payments=[], actor="admin1")
    assert [edition.strategy.version for edition in service.editions()] == [2, 1, 0]
    again = service.editions()[1]
    assert (again.strategy, again.made_by, again.made_at) == (
        made.strategy,
        "admin1",
        clock.now(),
    )
    assert again.strategy.payment_rules == (PaymentRule(3, 2),)
    with database.read() as session:
        trail = session.execute(select(AuditRow.actor, AuditRow.action, AuditRow.subject)).all()
    assert [tuple(row) for row in trail] == [
        ("admin1", "strategy.changed", "strategy:1"),
        ("admin1", "strategy.changed", "strategy:2"),
    ]


def test_a34_the_weekly_caps_of_the_newest_version_are_the_rules(
    service: StrategyService, database: Database, clock: FakeClock
) -> None:
    with database.write() as session:
        campaign_id = small_centre(session).campaign_id
    service.edit(base=0, classes=CLASSES, payments=[], actor="admin1")
    with database.read() as session:
        found = rule_settings.settings(session, campaign_id, clock.now())
    assert dict(found.weekly_calls) == {"d1_30": 1, "d31_90": 4, "d91": 10}


def test_who_read_an_older_version_must_read_the_newer_first(service: StrategyService) -> None:
    service.edit(base=0, classes=CLASSES, payments=[], actor="admin1")
    with pytest.raises(ServiceError) as refused:
        service.edit(base=0, classes=CLASSES, payments=[], actor="lead1")
    assert refused.value.error_id == "strategy-changed"
    assert service.current().made_by == "admin1"


def test_a_table_that_makes_no_sense_changes_nothing(service: StrategyService) -> None:
    with pytest.raises(ServiceError) as refused:
        service.edit(base=0, classes=CLASSES[:2], payments=[], actor="admin1")
    assert refused.value.error_id == "bad-strategy"
    assert service.current().strategy == BUILT_IN


def test_a_version_is_written_once(database: Database, clock: FakeClock) -> None:
    one = Strategy(1, BUILT_IN.rows)
    other = Strategy(1, tuple(ClassRow(row.delinquency, 0, 0) for row in BUILT_IN.rows))
    with database.write() as session:
        strategy_rows.add(session, one, by="admin1", at=clock.now())
    with pytest.raises(IntegrityError), database.write() as session:
        strategy_rows.add(session, other, by="admin2", at=clock.now())
    with database.read() as session:
        assert strategy_rows.current(session) == one
