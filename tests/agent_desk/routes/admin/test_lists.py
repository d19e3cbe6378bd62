"""The pages of lists, filters and valid calls: whose they are, and what they change."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.services.actor import Actor
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import SmallDesk

EVERYBODY = {"all": []}


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined, no-any-return]


def test_a_lead_ranks_pauses_and_resumes_the_own_lists_and_no_others(small_desk: SmallDesk) -> None:
    lead, other = signed_in(small_desk, "lead1"), signed_in(small_desk, "lead2")
    page = text(lead.get("/admin/lists"))
    assert "spring list" in page
    assert "spring list" not in text(other.get("/admin/lists"))
    assert lead.post("/admin/lists/1", {"priority": "2", "mix": "70"}).status_code == 303
    assert lead.post("/admin/lists/1/pause").status_code == 303
    settings = small_desk.desk.lists.steering
    (mine,) = settings.settings(actor=Actor("x", "admin")).values()
    assert (mine.priority, mine.mix, mine.paused) == (2, 70, True)
    assert "list-paused" in text(lead.get("/admin/lists"))
    assert lead.post("/admin/lists/1/resume").status_code == 303
    assert lead.post("/admin/lists/1", {"priority": "10"}).status_code == 400
    for path in ("/admin/lists/1/pause", "/admin/lists/1/recycle", "/admin/lists/1"):
        assert other.post(path, {"priority": "1"}).status_code == 404
    assert other.get("/admin/lists/1").status_code == 404


def test_a_filters_history_tells_who_changed_what_and_an_older_version_can_be_restored(
    small_desk: SmallDesk,
) -> None:
    lead, admin = signed_in(small_desk, "lead1"), signed_in(small_desk, "admin1")
    first = {"all": [{"field": "attempts", "op": "at_least", "value": 3}]}
    second = {"any": [*first["all"], {"field": "contacted", "op": "is", "value": False}]}
    lead.post("/admin/filters", {"name": "tried", "definition": json.dumps(first)})
    admin.post("/admin/filters", {"name": "tried", "definition": json.dumps(second)})
    page = text(lead.get("/admin/filters/1"))
    assert page.count('data-testid="filter-version"') == 2
    for words in ("接触済み：いいえ", "どれかに当てはまる", "発信回数：3 以上"):
        assert f"追加</strong> {words}</li>" in page
    assert "削除</strong> <del>すべてに当てはまる</del>" in page
    assert page.count('data-testid="filter-restore"') == 1, "of the older one"
    assert lead.post("/admin/filters/1/restore", {"version": "1"}).status_code == 303
    service = small_desk.desk.lists.filters
    row = service.one(1, actor=Actor("x", "admin"))
    assert (row.version, row.definition, row.actor) == (3, first, "lead1")
    with small_desk.desk.database.read() as session:
        kept = session.scalars(select(AuditRow.details).where(AuditRow.action == "filter.saved"))
        assert list(kept)[-1] == {"version": 3, "restored": 1}
    for unknown in ("0", "9", "x"):
        assert lead.post("/admin/filters/1/restore", {"version": unknown}).status_code == 404
    other = signed_in(small_desk, "lead2")
    assert other.post("/admin/filters/1/restore", {"version": "1"}).status_code == 404


def test_a_long_history_is_shown_by_parts(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    for count in range(1, 24):
        said = {"all": [{"field": "attempts", "op": "at_least", "value": count}]}
        admin.post("/admin/filters", {"name": "tried", "definition": json.dumps(said)})
    newest = text(admin.get("/admin/filters/1"))
    assert newest.count('data-testid="filter-version"') == 20
    assert "/admin/filters/1?before=4" in newest
    older = text(admin.get("/admin/filters/1?before=4"))
    assert older.count('data-testid="filter-version"') == 3
    assert "filter-older" not in older


def test_a_paused_list_is_not_called(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    admin.post("/admin/lists/1/pause")
    small_desk.desk.book.refresh_counts()
    assert {facts.dialable for facts in small_desk.desk.book.all().values()} == {0}
    admin.post("/admin/lists/1/resume")
    small_desk.desk.book.refresh_counts()
    assert {facts.dialable for facts in small_desk.desk.book.all().values()} == {0, 6}


def test_a_filter_is_counted_saved_and_made_a_list(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    headers = {"X-CSRFToken": lead.token("/admin/filters"), "Accept": "application/json"}
    counted = lead.client.post("/admin/filters/count", json=EVERYBODY, headers=headers)
    assert counted.get_json() == {"customers": 6, "exact": True}
    refused = lead.client.post("/admin/filters/count", json={"x": 1}, headers=headers)
    assert (refused.status_code, refused.get_json()["error_id"]) == (400, "filter-unusable")

    form = {"name": "everybody", "definition": json.dumps(EVERYBODY)}
    assert lead.post("/admin/filters", form).location == "/admin/filters/1"
    assert "everybody" in text(lead.get("/admin/filters/1"))
    assert signed_in(small_desk, "lead2").get("/admin/filters/1").status_code == 404
    made = lead.post("/admin/filters/1/list", {"list": "follows", "campaign": "1"})
    assert made.status_code == 303
    again = lead.post("/admin/filters/1/list", {"list": "follows", "campaign": "1"})
    assert again.status_code == 409
    small_desk.desk.lists.following.step()
    assert "follows" in text(lead.get("/admin/lists"))
    assert lead.post("/admin/filters", {"name": "x", "definition": "{"}).status_code == 400


def test_what_a_valid_call_is_is_changed_within_the_own_teams(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    assert "valid-call" in text(lead.get("/admin/valid-calls"))
    changed = lead.post("/admin/valid-calls/1", {"statuses": "contact", "talk_s": "30"})
    assert changed.status_code == 303
    assert lead.post("/admin/valid-calls/1", {"statuses": "nothing"}).status_code == 400
    assert lead.post("/admin/valid-calls/1/prospects").status_code == 303
    other = signed_in(small_desk, "lead2")
    assert other.post("/admin/valid-calls/1", {"statuses": "contact"}).status_code == 403
    assert other.post("/admin/valid-calls/1/prospects").status_code == 403


@pytest.mark.parametrize("username", ["lead1", "manager1"])
def test_a_customer_is_searched_for_in_the_body_and_opened(
    small_desk: SmallDesk, username: str
) -> None:
    browser = signed_in(small_desk, username)
    assert browser.get("/admin/customers").status_code == 200
    assert browser.post("/admin/customers", {}).status_code == 400
    record = browser.get("/admin/customers/1")
    assert record.status_code == 200
    assert "山田 太郎" in text(record)
    assert signed_in(small_desk, "lead2").get("/admin/customers/1").status_code == 400
    exported = browser.post("/admin/customers/1/export")
    assert exported.status_code == (403 if username == "lead1" else 200)


def test_erasing_wants_the_id_typed(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    assert admin.post("/admin/customers/1/erase", {"confirm": "2"}).status_code == 400
    assert admin.post("/admin/customers/1/erase", {"confirm": "1"}).status_code == 303
    assert "erased-at" in text(admin.get("/admin/customers/1"))
    assert admin.post("/admin/customers/1/erase", {"confirm": "1"}).status_code == 409
