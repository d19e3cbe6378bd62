"""`/api/v1` of the calling rules, and the command line's door to the same requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from agent_desk.models.audit import AuditRow
from agent_desk.models.campaigns import CampaignTeam
from agent_desk.models.rules import CampaignRule
from agent_desk.routes.openapi_rules import POSTS
from agent_desk.services.rules.requests import REQUESTS
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.routes.test_internal import post
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.store.desk_rows import NOON

TOMORROW = (NOON + timedelta(days=1)).isoformat()


def send(browser: Browser, name: str, **told: Any) -> TestResponse:
    return browser.client.post(
        f"/api/v1/{name}", json=told, headers={"X-CSRFToken": browser.token("/login")}
    )


def error(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error_id"]


def test_every_request_has_a_route_of_its_own_that_is_described(small_desk: SmallDesk) -> None:
    assert set(REQUESTS) | {"hand-calls"} == set(POSTS)


def test_a_lead_holds_and_releases_and_sees_it(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    made = send(lead, "holds", customer="#1", reason="hospital", until="2026-12-01")
    assert made.status_code == 201
    area = send(lead, "area-holds", kind="city", value="札幌市", reason="大雪", until=TOMORROW)
    shown = lead.client.get("/api/v1/holds").get_json()
    [hold] = shown["holds"]
    assert (hold["customer_id"], hold["until"]) == (1, "2026-12-01T15:00:00+00:00")
    assert [each["value"] for each in shown["area_holds"]] == ["札幌市"]
    assert send(lead, "holds/release", id=hold["id"]).status_code == 201
    assert error(send(lead, "holds/release", id=hold["id"])) == (404, "hold-unknown")
    assert send(lead, "area-holds/release", id=area.get_json()["id"]).status_code == 201
    assert lead.client.get("/api/v1/holds").get_json() == {"holds": [], "area_holds": []}


def test_overrides_and_payments_are_for_the_roles_that_answer_for_them(
    small_desk: SmallDesk,
) -> None:
    lead, manager = signed_in(small_desk, "lead1"), signed_in(small_desk, "manager1")
    told = {"rule": "R10", "subject": "campaign", "whom": "spring", "reason": "x"}
    assert error(send(lead, "overrides", until=TOMORROW, **told)) == (403, "role-too-low")
    assert send(manager, "overrides", until=TOMORROW, **told).status_code == 201
    [line] = manager.client.get("/api/v1/overrides").get_json()["overrides"]
    assert (line["rule_id"], line["actor"]) == ("R10", "manager1")
    assert send(lead, "overrides/lift", id=line["id"]).status_code == 201
    paid = {"customer": "#1", "amount_yen": 1, "paid_on": "2026-11-24", "source": "bank"}
    assert send(lead, "payments", payment_id="1", **paid).status_code == 403
    assert error(send(manager, "payments", payment_id="1", **paid)) == (400, "debt-unknown")


def test_what_stands_is_shown_to_the_teams_it_concerns(small_desk: SmallDesk) -> None:
    manager = signed_in(small_desk, "manager1")
    send(manager, "holds", customer="#1", reason="hospital", until="2026-12-01")
    send(manager, "area-holds", kind="city", value="札幌市", reason="大雪", until=TOMORROW)
    for subject, whom in (("campaign", "spring"), ("customer", "#1")):
        told = {"rule": "R10", "subject": subject, "whom": whom, "reason": "x"}
        assert send(manager, "overrides", until=TOMORROW, **told).status_code == 201
    for name, count in (("lead1", 1), ("lead2", 0), ("manager1", 1)):
        browser = signed_in(small_desk, name).client
        shown = browser.get("/api/v1/holds").get_json()
        assert (len(shown["holds"]), len(shown["area_holds"])) == (count, 1), name
        assert len(browser.get("/api/v1/overrides").get_json()["overrides"]) == 2 * count, name


def test_a_managers_limits_are_within_bounds_and_in_the_audit(small_desk: SmallDesk) -> None:
    manager = signed_in(small_desk, "manager1")
    for values in ({"total_cap": 7}, {"spacing_minutes": 14}, {"reg_f": 1}, {}):
        assert error(send(manager, "campaign-rules", campaign="spring", **values)) == (
            400,
            "bad-payload",
        )
    for values in ({"total_cap": 2, "closed_on_holidays": True}, {"total_cap": None}):
        assert send(manager, "campaign-rules", campaign="spring", **values).status_code == 201
    with small_desk.desk.database.read() as session:
        [row] = session.scalars(select(CampaignRule))
        assert (row.total_cap, row.closed_on_holidays) == (None, True)
        noted = session.scalars(select(AuditRow).where(AuditRow.action == "campaign.rules"))
        assert len(noted.all()) == 2


def test_a_list_is_previewed_within_scope(small_desk: SmallDesk) -> None:
    path = f"/api/v1/lists/{small_desk.people.centre.list_id}/preview"
    shown = signed_in(small_desk, "lead1").client.get(path).get_json()
    assert (shown["examined"], shown["callable_now"], shown["more"]) == (6, 6, False)
    assert len(shown["callable_entries"]) == 6
    assert error(signed_in(small_desk, "lead2").client.get(path)) == (404, "list-unknown")


def test_an_operator_dials_by_hand_and_a_lead_for_their_seats(shift: Shift) -> None:
    desk = shift.desk
    told = {"customer": "#2"}
    operator, other = signed_in(desk, "operator1"), signed_in(desk, "lead2")
    assert error(send(operator, "hand-calls", **told))[1] in ("illegal-move", "not-available")
    assert error(send(other, "hand-calls", seat="operator1", **told)) == (403, "not-in-scope")
    assert error(send(operator, "hand-calls", customer="#99"))[1] == "customer-unknown"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("holds", {"customer": 1, "reason": "hospital"}),
        ("holds", {"customer": "#1", "reason": "tired", "until": TOMORROW}),
        ("holds", {"customer": "#1", "reason": "hospital", "until": "soon"}),
        ("contact-wishes", {"customer": "#1", "weekdays": "mon"}),
        ("vips", {"customer": "#1", "on": 1}),
        ("consents", {"customer": "#1", "kind": "?", "evidence": "x"}),
    ],
)
def test_what_does_not_fit_is_refused(
    small_desk: SmallDesk, name: str, told: dict[str, Any]
) -> None:
    answer = post(small_desk, f"/internal/rules/{name}", told)
    assert (answer.status_code, answer.get_json()["error"]["id"]) == (400, "bad-payload")


def test_the_command_line_asks_the_running_desk(small_desk: SmallDesk) -> None:
    told = {"customer": "#1", "product": "card", "reason": "不要"}
    assert post(small_desk, "/internal/rules/refusals", told).status_code == 201
    vip = {"customer": "#1", "on": True}
    assert post(small_desk, "/internal/rules/vips", vip).status_code == 201
    wish = {"customer": "#1", "from_minute": 600, "until_minute": 660, "weekdays": [0, 1]}
    assert post(small_desk, "/internal/rules/contact-wishes", wish).status_code == 201
    assert post(small_desk, "/internal/rules/nothing", {}).status_code == 404


def test_a_lead_of_another_team_knows_neither_the_customer_nor_the_hold(
    small_desk: SmallDesk,
) -> None:
    lead, manager = signed_in(small_desk, "lead1"), signed_in(small_desk, "manager1")
    told = {"customer": "#1", "reason": "hospital", "until": "2026-12-01"}
    hold_id = send(lead, "holds", **told).get_json()["id"]
    assert lead.client.get("/api/v1/reviews").get_json() == {"reviews": []}
    with small_desk.desk.database.write() as session:
        session.execute(delete(CampaignTeam))
    assert error(send(lead, "holds", **told)) == (400, "customer-unknown")
    assert error(send(lead, "vips", customer="#1", on=True)) == (400, "customer-unknown")
    assert error(send(lead, "holds/release", id=hold_id)) == (404, "hold-unknown")
    assert send(manager, "holds/release", id=hold_id).status_code == 201
