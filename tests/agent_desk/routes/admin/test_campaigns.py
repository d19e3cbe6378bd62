"""`/admin/campaigns`: a new campaign by its purpose, drafts, versions, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.campaign_versions import CampaignVersion
from agent_desk.services.campaigns.purposes import PURPOSES
from agent_desk.services.campaigns.settings import PAGES
from agent_desk.store.campaigns import versions
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

NAME = "秋のご案内"


def found(desk: SmallDesk, purpose: str = "sales", **changed: Any) -> tuple[Browser, str]:
    """A new campaign, unpublished: who made it, and where its pages are."""
    browser = signed_in(desk, "admin1")
    team = desk.people.centre.team_id
    form = {"purpose": purpose, "name": NAME, "product": "line", "teams": team, **changed}
    answer = browser.post("/admin/campaigns/new", form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return browser, answer.headers["Location"].removesuffix("/basics")


def text(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def basics(desk: SmallDesk, **changed: Any) -> dict[str, Any]:
    """The first page, filled in."""
    return {
        "name": NAME,
        "teams": desk.people.centre.team_id,
        "mode": "progressive",
        "scheduled": "1",
        "start_minute": "10:00",
        "end_minute": "17:00",
        "weekdays": ["0", "2"],
        "caller_id": "0312345678\n0312345679",
        "daily_cap": "2",
        "recording": "1",
        **changed,
    }


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_first_page_has_twelve_fields_at_most_and_the_advice_of_the_purpose(
    small_desk: SmallDesk, purpose: str
) -> None:
    browser, path = found(small_desk, purpose)
    page = text(browser, f"{path}/basics")
    assert 0 < len(re.findall('data-testid="wizard-field"', page)) <= 12
    start = PURPOSES[purpose].settings["start_minute"] // 60
    assert f'name="start_minute" type="time" value="{start:02d}:00"' in page
    for later in (*list(PAGES)[1:], "review"):
        text(browser, f"{path}/{later}")


def test_a_campaign_is_set_up_published_and_started_in_that_order(small_desk: SmallDesk) -> None:
    browser, path = found(small_desk)
    campaign_id = int(path.rsplit("/", 1)[1])
    started = {"running": "running", "actor": "admin1", "teams": None}
    with pytest.raises(Exception, match="campaign-unpublished"):
        small_desk.desk.campaigns.set_running(campaign_id, **started)  # type: ignore[arg-type]
    assert browser.post(f"{path}/basics", basics(small_desk)).status_code == 303
    review = text(browser, f"{path}/review")
    assert 'data-testid="changes"' in review
    assert browser.post(f"{path}/publish", {"based_on": "0"}).status_code == 303
    review = text(browser, f"{path}/review")
    assert 'data-testid="version-row" data-version="1"' in review
    assert 'data-testid="changes"' not in review
    small_desk.desk.campaigns.set_running(campaign_id, **started)  # type: ignore[arg-type]
    small_desk.settle()
    assert small_desk.desk.commits.floor.campaigns[campaign_id].running == "running"  # type: ignore[index]
    page = text(browser, "/admin/campaigns")
    assert NAME in page
    assert "第1版" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"start_minute": "07:30"}, "8:00 より前には架電できません"),
        ({"end_minute": "21:30"}, "21:00 より後には架電できません"),
        ({"daily_cap": "4"}, "1〜3 の範囲にしてください"),
        ({"daily_cap": "many"}, "入力を確認してください"),
        ({"weekdays": []}, "曜日を一つ以上"),
        ({"start_minute": ""}, "時刻を入力してください"),
        ({"caller_id": "<script>"}, "折り返し電話ができる番号"),
        ({"name": " "}, "名称は1〜60文字"),
        ({"end_minute": "09:00"}, "終了は開始より後"),
    ],
)
def test_what_the_rules_forbid_is_refused_in_words_and_nothing_is_kept(
    small_desk: SmallDesk, changed: dict[str, Any], sentence: str
) -> None:
    browser, path = found(small_desk)
    answer = browser.post(f"{path}/basics", basics(small_desk, **changed))
    assert (answer.status_code, sentence in answer.get_data(as_text=True)) == (400, True)
    assert 'data-testid="changes"' not in text(browser, f"{path}/review")


def test_leads_prepare_their_own_campaigns_and_an_administrator_publishes(
    small_desk: SmallDesk,
) -> None:
    path = f"/admin/campaigns/{small_desk.campaign_id}"
    lead, other = signed_in(small_desk, "lead1"), signed_in(small_desk, "lead2")
    form = basics(small_desk, name="spring")
    assert lead.post(f"{path}/basics", form).status_code == 303
    assert lead.post(f"{path}/publish", {"based_on": "0"}).status_code == 403
    for step in ("basics", "review"):
        assert other.get(f"{path}/{step}").status_code == 403
    assert other.post(f"{path}/basics", form).status_code == 403
    assert other.post(f"{path}/discard").status_code == 403
    assert "spring" not in text(other, "/admin/campaigns")
    assert lead.get("/admin/campaigns/new").status_code == 403
    admin = signed_in(small_desk, "admin1")
    assert admin.post(f"{path}/publish", {"based_on": "0"}).status_code == 303


def test_versions_are_compared_and_gone_back_to(small_desk: SmallDesk) -> None:
    path = f"/admin/campaigns/{small_desk.campaign_id}"
    browser = signed_in(small_desk, "admin1")
    for version, cap in enumerate(("1", "3")):
        form = basics(small_desk, name="spring", daily_cap=cap, scheduled="")
        browser.post(f"{path}/basics", form)
        based_on = 0 if not version else 2
        assert browser.post(f"{path}/publish", {"based_on": based_on}).status_code == 303
    compared = text(browser, f"{path}/review?older=2&newer=3")
    table = compared[compared.index('data-testid="compared"') :]
    row = table[table.index('data-field="daily_cap"') :]
    assert "<td>1</td><td>3</td>" in row[: row.index("</tr>")]
    assert browser.post(f"{path}/versions/2/restore").status_code == 303
    with small_desk.desk.database.read() as session:
        newest = versions.all_of(session, small_desk.campaign_id)[0]
        assert versions.current(session, small_desk.campaign_id)["daily_cap"] == 1
    assert (newest.version, newest.rolled_back_to, newest.by) == (4, 2, "admin1")


def test_a_version_from_before_a_setting_was_one_says_nothing_of_it(
    small_desk: SmallDesk,
) -> None:
    path = f"/admin/campaigns/{small_desk.campaign_id}"
    browser = signed_in(small_desk, "admin1")
    browser.post(f"{path}/basics", basics(small_desk, name="spring", daily_cap="1"))
    assert browser.post(f"{path}/publish", {"based_on": 0}).status_code == 303
    with small_desk.desk.database.write() as session:
        first = session.scalars(select(CampaignVersion).order_by(CampaignVersion.id)).first()
        assert first is not None
        kept = ("daily_cap", "caller_id")
        first.settings = {name: first.settings[name] for name in kept}
    compared = text(browser, f"{path}/review?older=1&newer=2")
    table = compared[compared.index('data-testid="compared"') :]
    fields = re.findall('data-field="([a-z_]+)"', table[: table.index("</table>")])
    assert fields == ["caller_id", "daily_cap"]
    assert browser.post(f"{path}/versions/1/restore").status_code == 303


def test_a_draft_based_on_an_older_version_is_not_published(small_desk: SmallDesk) -> None:
    path = f"/admin/campaigns/{small_desk.campaign_id}"
    browser = signed_in(small_desk, "admin1")
    browser.post(f"{path}/basics", basics(small_desk, name="spring"))
    browser.post(f"{path}/publish", {"based_on": "0"})
    answer = browser.post(f"{path}/publish", {"based_on": "0"})
    assert (answer.status_code, "先に公開しました" in answer.get_data(as_text=True)) == (409, True)
