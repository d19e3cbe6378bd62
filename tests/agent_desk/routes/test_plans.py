"""The strategy table over the API and the command line's door, and a campaign's own plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.results import Callback
from agent_desk.services.strategy.calling_plan import CallingPlanService
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.routes.test_internal import post
from tests.agent_desk.small_desk import Shift, SmallDesk

CLASSES = [
    {"delinquency": "d1_30", "weekly_calls": 1, "ai_percent": 90},
    {"delinquency": "d31_90", "weekly_calls": 4, "ai_percent": 50},
    {"delinquency": "d91", "weekly_calls": 10, "ai_percent": 0},
]
TABLE = {"base": 0, "classes": CLASSES, "payments": [{"on_time": 3, "fewer": 1}]}


def plans(desk: SmallDesk) -> CallingPlanService:
    wired = desk.desk
    return CallingPlanService(database=wired.database, commits=wired.commits, clock=wired.clock)


def actions(desk: SmallDesk) -> list[str]:
    with desk.desk.database.read() as session:
        query = select(AuditRow.action).where(AuditRow.action.like("campaign.%"))
        return list(session.scalars(query.order_by(AuditRow.id)))


def test_an_administrator_edits_the_table_and_others_read_it(small_desk: SmallDesk) -> None:
    admin, lead = signed_in(small_desk, "admin1"), signed_in(small_desk, "lead1")
    headers = {"X-CSRFToken": admin.token("/floor")}
    made = admin.client.post("/api/v1/strategy", json=TABLE, headers=headers)
    assert made.status_code == 201
    assert made.get_json()["version"] == 1
    shown = lead.get("/api/v1/strategy").get_json()
    assert (shown["made_by"], shown["classes"][1]["weekly_calls"]) == ("admin1", 4)
    versions = lead.get("/api/v1/strategy/versions").get_json()["versions"]
    assert [each["version"] for each in versions] == [1, 0]
    stale = admin.client.post("/api/v1/strategy", json=TABLE, headers=headers)
    assert (stale.status_code, stale.get_json()["error_id"]) == (409, "strategy-changed")
    headers = {"X-CSRFToken": lead.token("/floor")}
    assert lead.client.post("/api/v1/strategy", json=TABLE, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "told", [None, [], {"base": True}, {**TABLE, "classes": 3}, {**TABLE, "payments": [3]}]
)
def test_what_is_no_table_is_refused(small_desk: SmallDesk, told: Any) -> None:
    assert post(small_desk, "/internal/strategy", told).status_code == 400
    assert small_desk.desk.strategy.current().strategy.version == 0


def test_the_command_lines_door_changes_table_and_plan(small_desk: SmallDesk) -> None:
    assert post(small_desk, "/internal/strategy", TABLE).status_code == 201
    retry = {"busy": [10], "status:contact": ["next_day"]}
    told = {"campaign": "spring", "retry": retry}
    assert post(small_desk, "/internal/retries", told).status_code == 200
    told = {"campaign": "spring", "usernames": ["operator1"]}
    assert post(small_desk, "/internal/vip-operators", told).status_code == 200
    told = {"campaign": "spring", "on": True}
    assert post(small_desk, "/internal/human-share", told).status_code == 200
    assert plans(small_desk).show("spring") == {
        "retry": retry,
        "vip_operators": ["operator1"],
        "human_share_only": True,
    }
    assert actions(small_desk) == [
        "campaign.retry",
        "campaign.vip_operators",
        "campaign.human_share_only",
    ]


@pytest.mark.parametrize(
    ("path", "told", "error_id"),
    [
        ("retries", {"campaign": "spring", "retry": {"none_such": [1]}}, "bad-ladder"),
        ("retries", {"campaign": "none", "retry": {}}, "not-in-scope"),
        ("vip-operators", {"campaign": "spring", "usernames": ["lead1"]}, "user-unknown"),
        ("human-share", {"campaign": "spring", "on": "yes"}, "bad-payload"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    small_desk: SmallDesk, path: str, told: dict[str, Any], error_id: str
) -> None:
    answer = post(small_desk, f"/internal/{path}", told)
    assert answer.get_json()["error"]["id"] == error_id
    assert actions(small_desk) == []


def test_an_operator_sets_a_callback_on_the_page(each_shift: Shift) -> None:
    shift = each_shift
    call_id = shift.talk()
    due_at = shift.desk.clock.now() + timedelta(days=1)
    shift.page.do("set_callback", call_id=call_id, due_at=due_at.isoformat(), own=True)
    with shift.desk.desk.database.read() as session:
        (owed,) = session.scalars(select(Callback))
    assert (owed.cause, owed.state, owed.due_at) == ("asked", "open", due_at)
    assert owed.user_id == shift.desk.seat().user_id
    shift.page.do("set_callback", call_id=call_id, due_at=None, own=False)
    with shift.desk.desk.database.read() as session:
        assert list(session.scalars(select(Callback.state))) == ["cancelled"]


@pytest.mark.parametrize(
    ("due_at", "error_id"),
    [
        ("2020-01-01T10:00:00+09:00", "callback-time"),
        ("2099-01-01T10:00:00+09:00", "callback-time"),
        ("2026-11-30T10:00:00", "bad-payload"),
        ("tomorrow", "bad-payload"),
    ],
)
def test_a_callback_has_a_time_within_reach(shift: Shift, due_at: str, error_id: str) -> None:
    call_id = shift.talk()
    asked = {"call_id": call_id, "due_at": due_at, "own": False}
    assert shift.page.refused("set_callback", **asked) == error_id
