"""`/admin/statuses`: add, change, order and retire buttons; what cannot be is said in words."""

from __future__ import annotations

from agent_desk.dialer.ids import CampaignId
from agent_desk.forms.statuses import code_for
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

VISIT = {
    "is_new": "1",
    "label_ja": "訪問希望",
    "label_en": "Wants a visit",
    "hotkey": "4",
    "colour": "#0f766e",
}


def path(desk: SmallDesk) -> str:
    return f"/admin/statuses/{desk.campaign_id}"


def codes(desk: SmallDesk) -> list[str]:
    rows = desk.desk.statuses.all(CampaignId(desk.campaign_id), teams=None)
    return [row.code for row in rows if not row.retired]


def add(desk: SmallDesk, **changed: str) -> Browser:
    browser = signed_in(desk, "lead1")
    assert browser.post(path(desk), {**VISIT, **changed}).status_code == 303
    return browser


def test_b13_a_status_is_added_with_a_code_made_of_its_words(small_desk: SmallDesk) -> None:
    page = add(small_desk).get("/admin/statuses").get_data(as_text=True)
    assert codes(small_desk)[-1] == "wants_a_visit"
    assert 'data-code="wants_a_visit"' in page
    assert "訪問希望" in page


def test_a_key_another_status_has_is_refused_and_what_was_typed_stays(
    small_desk: SmallDesk,
) -> None:
    browser = signed_in(small_desk, "lead1")
    answer = browser.post(path(small_desk), {**VISIT, "hotkey": "1"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "この数字キーは別のステータスが使っています" in text
    assert 'value="訪問希望"' in text
    assert "wants_a_visit" not in codes(small_desk)


def test_a_code_that_is_there_is_not_overwritten_by_a_new_one(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "lead1")
    answer = browser.post(path(small_desk), {**VISIT, "code": "contact"})
    assert (answer.status_code, "すでに使われています" in answer.get_data(as_text=True)) == (
        400,
        True,
    )


def test_the_order_changes_by_one_place_and_stops_at_the_ends(small_desk: SmallDesk) -> None:
    browser = add(small_desk)
    assert codes(small_desk) == ["contact", "valid", "payment_date", "wants_a_visit"]
    for action in ("up", "up", "up", "up", "down"):
        browser.post(f"{path(small_desk)}/wants_a_visit/{action}")
    assert codes(small_desk) == ["contact", "wants_a_visit", "valid", "payment_date"]
    assert browser.post(f"{path(small_desk)}/nothing/up").status_code == 404


def test_a_retired_status_is_listed_apart_and_can_be_used_again(small_desk: SmallDesk) -> None:
    browser = add(small_desk)
    browser.post(f"{path(small_desk)}/wants_a_visit/retire")
    page = browser.get("/admin/statuses").get_data(as_text=True)
    assert 'data-testid="status-retired" data-code="wants_a_visit"' in page
    browser.post(path(small_desk), {**VISIT, "is_new": "", "code": "wants_a_visit"})
    assert "wants_a_visit" in codes(small_desk)


def test_a_lead_changes_no_other_teams_statuses(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "lead2")
    assert browser.post(path(small_desk), VISIT).status_code == 403
    assert browser.get(f"/admin/statuses?campaign={small_desk.campaign_id}").status_code == 403
    assert browser.post(f"{path(small_desk)}/contact/down").status_code == 403


def test_the_form_of_one_that_is_there_shows_what_it_is(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "admin1")
    page = browser.get(f"/admin/statuses?campaign={small_desk.campaign_id}&edit=contact")
    text = page.get_data(as_text=True)
    assert 'name="code" value="contact"' in text
    assert 'name="is_new"' not in text


def test_words_without_letters_give_a_numbered_code() -> None:
    assert code_for("Second visit!", ["contact"]) == "second_visit"
    assert code_for("訪問", ["status"]) == "status_2"
    assert code_for("Contact", []) == "contact_2"
