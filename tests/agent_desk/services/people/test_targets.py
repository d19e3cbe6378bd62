"""Daily targets: a person's own, else the team's, each from its day on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.targets import (
    DailyTarget,
    TargetService,
    target_of,
    targets_of_all,
)
from tests.agent_desk.small_desk import SmallDesk

DAY = timedelta(days=1)


@pytest.fixture
def targets(small_desk: SmallDesk) -> TargetService:
    desk = small_desk.desk
    return TargetService(database=desk.database, commits=desk.commits, clock=desk.clock)


def _everybody(desk: SmallDesk) -> list[int]:
    return sorted(desk.people.users.values())


def first_team(desk: SmallDesk) -> int:
    return next(iter(desk.person("lead1").teams or ()))


def test_a_persons_own_target_goes_before_the_teams(
    small_desk: SmallDesk, targets: TargetService
) -> None:
    today, user = targets.today(), small_desk.people.users["operator1"]
    team = ("team", first_team(small_desk))
    targets.set(team, {"calls": 80}, valid_from=today, teams=None, actor="admin1")
    with small_desk.desk.database.read() as session:
        assert target_of(session, user, today) == DailyTarget(80, None, None, None)
        assert target_of(session, user, today - DAY) is None
        assert target_of(session, small_desk.people.users["operator3"], today) is None

    targets.set(("user", user), {"contacts": 9}, valid_from=today, teams=None, actor="admin1")
    targets.set(("user", user), {}, valid_from=today + DAY, teams=None, actor="admin1")
    with small_desk.desk.database.read() as session:
        assert target_of(session, user, today) == DailyTarget(None, 9, None, None)
        later = target_of(session, user, today + DAY)
        assert later == DailyTarget(80, None, None, None), "the own one has ended"
        for day in (today - DAY, today, today + DAY):
            one_by_one = {each: target_of(session, each, day) for each in _everybody(small_desk)}
            asked_at_once = targets_of_all(session, day)
            assert asked_at_once == {each: it for each, it in one_by_one.items() if it is not None}
        actions = list(session.scalars(select(AuditRow.subject).where(AuditRow.actor == "admin1")))
    assert actions.count(f"user:{user}") == 2
    assert [(line.whose, line.begun) for line in targets.listed(None)] == [
        ("first", True),
        ("operator1", False),
        ("operator1", True),
    ]


def test_a_lead_sets_targets_for_the_own_teams_only(
    small_desk: SmallDesk, targets: TargetService
) -> None:
    teams, today = small_desk.person("lead2").teams, targets.today()
    with pytest.raises(ServiceError, match="not-in-scope"):
        targets.set(
            ("user", small_desk.people.users["operator1"]),
            {"calls": 1},
            valid_from=today,
            teams=teams,
            actor="lead2",
        )
    assert targets.listed(teams) == []


def test_numbers_and_days_that_make_no_sense_are_refused(
    small_desk: SmallDesk, targets: TargetService
) -> None:
    whose = ("team", first_team(small_desk))
    with pytest.raises(ServiceError, match="target-unusable"):
        targets.set(whose, {"calls": 10_000}, valid_from=targets.today(), teams=None, actor="a")
    with pytest.raises(ServiceError, match="day-is-over"):
        targets.set(whose, {"calls": 1}, valid_from=targets.today() - DAY, teams=None, actor="a")
