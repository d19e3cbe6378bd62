"""B19: campaigns start and end by themselves, to the second, and only when they are planned to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent_desk.dialer.business_time import at
from agent_desk.dialer.ids import CampaignId
from agent_desk.routine import SCHEDULES_S
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.schedules import (
    Edge,
    Schedules,
    last_edge,
    next_start,
    works_on,
)
from agent_desk.services.rules.calendar import closed_days
from agent_desk.store.campaigns.schedules import ScheduleRow
from tests.agent_desk.small_desk import SmallDesk

ADMIN = Actor("admin1", "admin")
MONDAY = date(2026, 11, 30)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def planned(**changed: Any) -> ScheduleRow:
    """Weekdays, 10:00 to 17:00."""
    values: dict[str, Any] = {
        "campaign_id": 1,
        "weekdays": frozenset(range(5)),
        "start_minute": 600,
        "end_minute": 1020,
        "first_on": None,
        "last_on": None,
        "seen_to": LONG_AGO,
        "closed_on_holidays": True,
    }
    return ScheduleRow(**{**values, **changed})


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (MONDAY, True),
        (date(2026, 11, 28), False),  # Saturday
        (date(2026, 11, 23), False),  # 勤労感謝の日, a Monday
        (date(2026, 12, 4), True),
        (date(2026, 12, 5), False),
    ],
)
def test_b19_it_starts_on_its_weekdays_and_not_on_holidays(day: date, works: bool) -> None:
    assert works_on(planned(), day) is works
    anyway = planned(closed_on_holidays=False)
    assert works_on(anyway, day) is (works or day in closed_days(day.year))


def test_the_first_and_the_last_day_are_included_and_nothing_beyond() -> None:
    row = planned(first_on=MONDAY, last_on=MONDAY + timedelta(days=1))
    days = [MONDAY + timedelta(days=n) for n in range(-1, 3)]
    assert [works_on(row, day) for day in days] == [False, True, True, False]
    assert next_start(row, at(MONDAY, 0)) == at(MONDAY, 600)
    assert next_start(row, at(MONDAY + timedelta(days=1), 600)) is None


def test_the_newest_edge_counts() -> None:
    row = planned()
    assert last_edge(row, at(MONDAY, 600)) == Edge(at(MONDAY, 600), True)
    assert last_edge(row, at(MONDAY, 600) - SECOND) == Edge(at(date(2026, 11, 27), 1020), False)
    assert last_edge(row, at(MONDAY, 1020)) == Edge(at(MONDAY, 1020), False)


def test_a_start_is_looked_for_more_often_than_each_second() -> None:
    assert SCHEDULES_S < 1.0


class Planned:
    """A desk with one campaign planned for 10:00 to 17:00, and a clock to move."""

    def __init__(self, desk: SmallDesk) -> None:
        self.desk = desk
        self.schedules = self.seer()
        self.day = MONDAY
        self.wait_until(at(MONDAY, 590))
        desk.desk.campaigns.set_running(self.id, "stopped", actor="lead1", teams=None)
        editing = desk.desk.setup.editing
        wanted = {"scheduled": True, "start_minute": 600, "end_minute": 1020}
        wanted |= {"weekdays": [0, 1, 2, 3, 4]}
        assert not editing.save(int(self.id), wanted, actor=ADMIN, teams=None)
        editing.publish(int(self.id), based_on=0, actor=ADMIN, teams=None)

    def wait_until(self, instant: datetime) -> None:
        clock = self.desk.clock
        clock.advance((instant - clock.now()).total_seconds())

    @property
    def id(self) -> CampaignId:
        return CampaignId(self.desk.campaign_id)

    def seer(self) -> Schedules:
        wired = self.desk.desk
        return Schedules(database=wired.database, commits=wired.commits, clock=wired.clock)

    def at(self, minute: float, days: int = 0) -> str:
        """How the campaign is run when it has become that late."""
        whole = at(self.day + timedelta(days=days), 0) + timedelta(minutes=minute)
        self.wait_until(whole)
        self.schedules.step()
        self.desk.settle()
        return self.running

    @property
    def running(self) -> str:
        return self.desk.desk.commits.floor.campaigns[self.id].running


@pytest.fixture
def plan(sqlite_url: str, tmp_path: Path) -> Iterator[Planned]:
    desk = SmallDesk(sqlite_url, tmp_path)
    yield Planned(desk)
    desk.stop()


def test_b19_it_starts_at_its_time_and_stops_at_its_end(plan: Planned) -> None:
    assert plan.at(600 - 1 / 60) == "stopped"
    assert plan.at(600) == "running"
    assert plan.at(1020 - 1 / 60) == "running"
    assert plan.at(1020) == "stopped"
    assert plan.desk.desk.commits.floor.campaigns[plan.id].running_by == "schedule"


def test_b19_stopped_by_hand_it_stays_so_until_its_next_planned_start(plan: Planned) -> None:
    plan.at(600)
    plan.desk.desk.campaigns.set_running(plan.id, "stopped", actor="lead1", teams=None)
    assert plan.at(700) == "stopped"
    plan.schedules = plan.seer()
    assert plan.at(701) == "stopped", "after a restart too"
    assert plan.at(600, days=1) == "running"


def test_b19_a_desk_that_was_down_at_the_start_makes_up_for_it(plan: Planned) -> None:
    plan.schedules = plan.seer()
    assert plan.at(720) == "running"
    plan.schedules = plan.seer()
    assert plan.at(590, days=1) == "stopped", "and at the end"


def test_a_campaign_that_is_published_while_it_would_run_waits_for_its_next_start(
    plan: Planned,
) -> None:
    plan.at(600)
    plan.at(1020)
    editing = plan.desk.desk.setup.editing
    plan.wait_until(at(MONDAY + timedelta(days=1), 660))
    editing.save(int(plan.id), {"daily_cap": 1}, actor=ADMIN, teams=None)
    editing.publish(int(plan.id), based_on=2, actor=ADMIN, teams=None)
    assert plan.at(670, days=1) == "stopped"
    assert plan.at(600, days=2) == "running"


def test_the_law_is_not_overridden_by_a_schedule(plan: Planned) -> None:
    editing = plan.desk.desk.setup.editing
    (wrong,) = editing.save(int(plan.id), {"start_minute": 450}, actor=ADMIN, teams=None)
    assert (wrong.field, wrong.reason) == ("start_minute", "too_early")
