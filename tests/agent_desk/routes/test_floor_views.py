"""A lead keeps layout, filters and order of the floor under a name, for themselves alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from agent_desk.services.seat.floor_views import LONGEST_NAME, LONGEST_TEXT, MOST, MOST_KEYS
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

BLOCK = re.compile(r'<script type="application/json" id="floor-views">(.*?)</script>', re.S)
FILTERS = {
    "team": 1,
    "campaign": None,
    "states": ["talking", "hold"],
    "marks": ["hand"],
    "text": "佐",
}
SORT = [{"by": "team", "down": False}, {"by": "code:contact", "down": True}]
VIEW = {"name": "朝礼", "opens": False, "layout": "table", "filters": FILTERS, "sort": SORT}


def send(browser: Browser, path: str, told: object) -> tuple[int, Any]:
    """As the page does: JSON, and all of one's views for an answer."""
    headers = {"Accept": "application/json", "X-CSRFToken": browser.token("/floor")}
    answer = browser.client.post(path, json=told, headers=headers)
    return answer.status_code, answer.get_json()


def names(views: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in views]


def opened_with(browser: Browser) -> list[dict[str, Any]]:
    """The views the page comes with."""
    found = BLOCK.search(browser.get("/floor").get_data(as_text=True))
    assert found is not None
    views: list[dict[str, Any]] = json.loads(found[1])
    return views


def kept(browser: Browser, **other: object) -> int:
    """Keep a view; its id."""
    status, views = send(browser, "/floor/views", {**VIEW, **other})
    assert status == 201, views
    [found] = [each["id"] for each in views if each["name"] == other.get("name", VIEW["name"])]
    return int(found)


def test_b11_a_view_is_kept_and_opened_with_the_page(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    view_id = kept(lead)
    _, [view] = send(lead, f"/floor/views/{view_id}", {**VIEW, "name": "夕礼", "layout": "plan"})
    told = {**VIEW, "id": view_id, "name": "夕礼", "layout": "plan"}
    told["filters"] = {**FILTERS, "states": ["hold", "talking"]}
    assert view == told
    assert opened_with(lead) == [view]
    assert send(lead, f"/floor/views/{view_id}/remove", {}) == (200, [])


def test_one_of_them_opens_and_the_last_said_counts(each_desk: SmallDesk) -> None:
    lead = signed_in(each_desk, "lead1")
    first = kept(lead, name="一", opens=True)
    kept(lead, name="二", opens=True)
    _, views = send(lead, f"/floor/views/{first}", {**VIEW, "name": "一"})
    assert [(each["name"], each["opens"]) for each in views] == [("一", False), ("二", True)]
    _, views = send(lead, f"/floor/views/{first}", {**VIEW, "name": "一", "opens": True})
    assert [(each["name"], each["opens"]) for each in views] == [("一", True), ("二", False)]


def test_f33_nobody_sees_or_touches_another_ones(small_desk: SmallDesk) -> None:
    owner = signed_in(small_desk, "lead1")
    view_id = kept(owner, opens=True)
    for username in ("lead2", "manager1", "admin1"):
        other = signed_in(small_desk, username)
        assert opened_with(other) == []
        for path in (f"/floor/views/{view_id}", f"/floor/views/{view_id}/remove"):
            status, problem = send(other, path, {**VIEW, "opens": True})
            assert (status, problem["error_id"]) == (404, "floor-view-unknown")
        kept(other, opens=True)  # the same name is somebody else's too
    _, views = send(owner, f"/floor/views/{view_id}", VIEW)
    assert names(views) == [VIEW["name"]]


def test_names_are_told_apart_and_views_are_few(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    first = kept(lead, name="0")
    for number in range(1, MOST):
        kept(lead, name=f"{number}")
    status, problem = send(lead, "/floor/views", {**VIEW, "name": "もう1つ"})
    assert (status, problem["error_id"]) == (409, "floor-view-many")
    status, problem = send(lead, f"/floor/views/{first}", {**VIEW, "name": " 1 "})
    assert (status, problem["error_id"]) == (409, "floor-view-exists")
    status, views = send(lead, f"/floor/views/{first}", {**VIEW, "name": "0"})
    assert (status, len(views)) == (200, MOST)


@pytest.mark.parametrize("name", ["", "  ", "\n", "長" * (LONGEST_NAME + 1)])
def test_a_name_is_needed(small_desk: SmallDesk, name: str) -> None:
    status, problem = send(signed_in(small_desk, "lead1"), "/floor/views", {**VIEW, "name": name})
    assert (status, problem["error_id"]) == (400, "floor-view-name")


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {**VIEW, "name": 1},
        {**VIEW, "opens": "yes"},
        {**VIEW, "layout": "list"},
        {**VIEW, "filters": None},
        {**VIEW, "filters": {**FILTERS, "team": "1"}},
        {**VIEW, "filters": {**FILTERS, "campaign": True}},
        {**VIEW, "filters": {**FILTERS, "states": ["offline"]}},
        {**VIEW, "filters": {**FILTERS, "states": "talking"}},
        {**VIEW, "filters": {**FILTERS, "marks": [{}]}},
        {**VIEW, "filters": {**FILTERS, "text": "あ" * (LONGEST_TEXT + 1)}},
        {**VIEW, "filters": {**FILTERS, "text": "\0"}},
        {**VIEW, "sort": None},
        {**VIEW, "sort": ["team"]},
        {**VIEW, "sort": [{"by": "team; drop"}]},
        {**VIEW, "sort": [{"by": "team"}, {"by": "team", "down": True}]},
        {**VIEW, "sort": [{"by": "team", "down": 1}]},
        {**VIEW, "sort": [{"by": f"code:{number}"} for number in range(MOST_KEYS + 1)]},
    ],
)
def test_what_no_page_of_ours_sends_is_refused(small_desk: SmallDesk, told: object) -> None:
    lead = signed_in(small_desk, "lead1")
    status, problem = send(lead, "/floor/views", told)
    assert (status, problem["error_id"]) == (400, "bad-payload")
    assert lead.get("/floor").status_code == 200
