"""`/api/v1`: data and problems, described as they are."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from agent_desk.routes.openapi import SCHEMAS, document
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.making import Asked
from agent_desk.services.reports.requests import Answer
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import Shift, SmallDesk

FILE = "氏名,電話番号\n山田 太郎,090-0000-0001\n".encode()


def routes(desk: SmallDesk) -> set[tuple[str, str]]:
    """(method, path as OpenAPI writes it) of everything under /api."""
    return {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in desk.app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_description_is_of_what_there_is(small_desk: SmallDesk) -> None:
    described = Browser(small_desk).get("/api/v1/openapi.json").get_json()
    assert described == document()
    assert described["openapi"].startswith("3.1")
    paths = {(method, path) for path, of in described["paths"].items() for method in of}
    assert paths == routes(small_desk)


def test_every_schema_that_is_named_is_there_and_used() -> None:
    named = set(re.findall(r"#/components/schemas/(\w+)", str(document())))
    assert named == set(document()["components"]["schemas"])


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/campaigns", "/api/v1/reports/operators"])
@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json", ""])
def test_the_signed_out_get_a_problem_and_never_a_page(
    small_desk: SmallDesk, path: str, accept: str
) -> None:
    answer = small_desk.client().get(path, headers={"Accept": accept})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert set(answer.get_json()) == set(SCHEMAS["Problem"]["required"])


def matches(value: dict[str, Any], schema: str) -> bool:
    return set(value) == set(SCHEMAS[schema]["required"])


def test_me_campaigns_and_lists(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    me = lead.get("/api/v1/me").get_json()
    assert matches(me, "Me")
    assert (me["username"], me["role"]) == ("lead1", "lead")
    (campaign,) = lead.get("/api/v1/campaigns").get_json()["campaigns"]
    assert matches(campaign, "Campaign")
    assert (campaign["name"], campaign["running"]) == ("spring", "running")
    (row,) = lead.get("/api/v1/lists").get_json()["lists"]
    assert matches(row, "List")
    assert row["ready"] == 6
    every = signed_in(small_desk, "manager1").get("/api/v1/campaigns").get_json()["campaigns"]
    assert [line["name"] for line in every] == ["spring", "autumn"]


def post_import(browser: Browser, campaign_id: int, **changed: Any) -> Any:
    form = {
        "file": (io.BytesIO(FILE), "a.csv"),
        "list": "api list",
        "campaign": str(campaign_id),
        "source": "crm",
        "basis": "contract",
        **changed,
    }
    return browser.client.post(
        "/api/v1/imports", data=form, headers={"X-CSRFToken": browser.token()}
    )


def test_an_import_is_queued_and_can_be_followed(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    answer = post_import(lead, small_desk.campaign_id)
    assert answer.status_code == 201
    assert matches(answer.get_json(), "Import")
    followed = lead.get(answer.headers["Location"])
    assert followed.get_json() == answer.get_json()
    assert followed.get_json()["state"] == "queued"
    assert signed_in(small_desk, "lead2").get(answer.headers["Location"]).status_code == 404


def test_an_import_that_lacks_something_is_a_problem(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    answer = post_import(lead, small_desk.campaign_id, basis="")
    assert answer.status_code == 400
    assert answer.get_json()["error_id"] == "bad-payload"
    assert answer.get_json()["details"] == {"reason": "basis-needed"}
    without = lead.client.post("/api/v1/imports", data={})
    assert (without.status_code, without.get_json()["error_id"]) == (400, "csrf")


def test_figures_of_operators(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.desk.clock.advance(60)
    shift.end(call_id)
    lead = signed_in(shift.desk, "lead1")
    answer = lead.get("/api/v1/reports/operators?from=2026-11-24&to=2026-11-24").get_json()
    rows = {row["username"]: row for row in answer["operators"]}
    assert matches(rows["operator1"], "Operator")
    assert rows["operator1"]["talk_s"] == 60.0
    assert rows["operator1"]["codes"] == {"contact": 1}
    assert all(matches(step, "FunnelStep") for step in answer["funnel"])
    assert answer["as_of"].endswith("Z")
    assert answer["closed"] is None
    assert (answer["from"], answer["to"]) == ("2026-11-24", "2026-11-24")


def test_figures_are_made_beside_the_desk_and_a_problem_says_that_nobody_makes_them(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = signed_in(small_desk, "lead1")
    asked: list[tuple[Asked, str]] = []

    def away(question: Asked, form: str, **_: object) -> Answer:
        asked.append((question, form))
        raise ServiceError("report-away")

    monkeypatch.setattr(small_desk.desk.reports.requests, "ask", away)
    answer = lead.get("/api/v1/reports/operators?from=2026-11-24&to=2026-11-24")
    assert (answer.status_code, answer.get_json()["error_id"]) == (503, "report-away")
    ((question, form),) = asked
    assert (question.kind, form) == ("operators", "data")
    assert question.teams == small_desk.person("lead1").teams
    assert question.user_id is None


@pytest.mark.parametrize(
    "query",
    ["", "?from=2026-11-24", "?from=x&to=y", "?from=2026-11-25&to=2026-11-24"]
    + ["?from=2024-01-01&to=2026-01-01", "?from=2026-11-24&to=2026-11-24&campaign=999"],
)
def test_a_period_that_is_none_is_a_problem(small_desk: SmallDesk, query: str) -> None:
    answer = signed_in(small_desk, "lead1").get(f"/api/v1/reports/operators{query}")
    assert answer.status_code == 400
    assert answer.get_json()["error_id"] == "bad-payload"
