"""The wizard's later pages: limits within the law, what is said, and numbers by area."""

from __future__ import annotations

from typing import Any

import pytest

from agent_desk.dialer.ids import CampaignId
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.settings import PAGES, fields_of
from agent_desk.services.campaigns.shown_numbers import ShownBy, faults, shown_by
from agent_desk.services.dialing.judging import rules_of
from agent_desk.store.campaigns import scripts, statuses, versions
from agent_desk.store.rules import settings as rule_settings
from config_trunks import Trunk
from tests.agent_desk.routes.admin.test_campaigns import found, text
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

LIMITS = {
    "window_start_minute": "09:00",
    "window_end_minute": "20:00",
    "min_gap_minutes": "120",
    "max_tries": "6",
}
TALK = {"identity_factors": ["birth_date", "phone_last4"], "identity_tries": "3"}
DEBTS = {"spacing_minutes": "240", "weekly_cap": "2", "reg_f": "1"}
ASKING = {"total_cap": "2", "total_days": "60", "weekly_cap": "3"}


def posted(browser: Browser, path: str, page: str, **form: Any) -> tuple[int, str]:
    answer = browser.post(f"{path}/{page}", form)
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize(("purpose", "wanted"), [("collections", DEBTS), ("sales", ASKING)])
def test_what_a_page_sets_is_what_the_rules_judge_by(
    small_desk: SmallDesk, purpose: str, wanted: dict[str, str]
) -> None:
    browser, path = found(small_desk, purpose)
    page = text(browser, f"{path}/limits")
    assert [name for name in (*DEBTS, *ASKING) if f'data-field="{name}"' not in page] == [
        name for name in (*DEBTS, *ASKING) if name not in wanted
    ], "what does not speak for this kind of campaign is not asked"
    assert posted(browser, path, "limits", **LIMITS, **wanted)[0] == 303
    assert browser.post(f"{path}/publish", {"based_on": "0"}).status_code == 303
    with small_desk.desk.database.read() as session:
        now = small_desk.clock.now()
        settings = rule_settings.settings(session, int(path.rsplit("/", 1)[1]), now)
    rules = rules_of(settings, practice=True, now=now)
    judged = {
        "spacing_minutes": int(rules.spacing.total_seconds() // 60),
        "weekly_cap": rules.weekly_cap,
        "total_cap": rules.total_cap,
        "total_days": rules.total_days,
        "reg_f": int(rules.reg_f),
    }
    assert {name: str(judged[name]) for name in wanted} == wanted
    assert 'data-version="1"' in text(browser, f"{path}/review"), "versioned"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"spacing_minutes": "10"}, "spacing_minutes"),
        ({"weekly_cap": "22"}, "weekly_cap"),
        ({"weekly_cap": "0"}, "weekly_cap"),
        ({"min_gap_minutes": "2"}, "min_gap_minutes"),
        ({"window_start_minute": "07:59"}, "window_start_minute"),
        ({"window_end_minute": "21:01"}, "window_end_minute"),
        ({"weekly_cap": "two"}, "weekly_cap"),
    ],
)
def test_nothing_is_widened_beyond_the_law(
    small_desk: SmallDesk, changed: dict[str, str], field: str
) -> None:
    browser, path = found(small_desk, "collections")
    status, page = posted(browser, path, "limits", **{**LIMITS, **changed})
    assert (status, f'data-testid="fault" data-field="{field}"' in page) == (400, True)
    assert 'data-testid="changes"' not in text(browser, f"{path}/review")


def test_an_empty_limit_is_as_usual(small_desk: SmallDesk) -> None:
    browser, path = found(small_desk, "collections")
    posted(browser, path, "limits", **LIMITS, **DEBTS)
    assert posted(browser, path, "limits", **LIMITS, spacing_minutes="", weekly_cap="")[0] == 303
    assert 'data-field="spacing_minutes"' not in text(browser, f"{path}/review")


def test_script_and_statuses_of_another_campaign_are_taken_over_when_published(
    small_desk: SmallDesk,
) -> None:
    browser, path = found(small_desk, "collections")
    mine, source = int(path.rsplit("/", 1)[1]), small_desk.campaign_id
    told = "お世話になっております。[[確認]]"
    with small_desk.desk.database.write() as session:
        for audience in ("customer", "third_party"):
            scripts.add(
                session,
                source,
                text=told,
                lint=[],
                allowed="",
                by="lead1",
                at=small_desk.clock.now(),
                audience=audience,  # type: ignore[arg-type]
            )
        columns = {"label_ja": "相談", "label_en": "Advice", "colour": "#123456", "position": 9}
        statuses.put(session, source, "advice", {**columns, "needs_identity": False})
    small_desk.desk.book.reload()
    page = text(browser, f"{path}/talk")
    assert "「spring」から写す" in page
    taken = dict.fromkeys(versions.TAKEN_OVER, str(source))
    assert posted(browser, path, "talk", **TALK, promise_max_days="31", **taken)[0] == 303
    assert "「spring」から写す" in text(browser, f"{path}/review")
    assert browser.post(f"{path}/publish", {"based_on": "0"}).status_code == 303
    facts = small_desk.desk.book.get(CampaignId(mine))
    assert (facts.script, facts.third_party_script) == (told, told)
    assert "advice" in {each.code for each in facts.statuses}
    assert facts.identity_factors == ("birth_date", "phone_last4")
    with small_desk.desk.database.read() as session:
        assert scripts.newest(session, mine) == 2, "after the standard flow"
        assert versions.current(session, mine)["script_of"] is None
        theirs = {each.code for each in statuses.of_campaign(session, source) if not each.retired}
        kept = {each.code for each in statuses.of_campaign(session, mine) if not each.retired}
    assert kept == theirs


def test_nothing_is_taken_over_from_another_kind_or_another_team(small_desk: SmallDesk) -> None:
    browser, path = found(small_desk, "sales")
    page = posted(browser, path, "talk", **TALK, script_of=str(small_desk.campaign_id))
    assert page[0] == 400
    editing = small_desk.desk.setup.editing
    campaign_id = int(path.rsplit("/", 1)[1])
    admin = Actor("admin1", "admin")
    editing.save(campaign_id, {"statuses_of": small_desk.campaign_id}, actor=admin, teams=None)
    assert browser.post(f"{path}/publish", {"based_on": "0"}).status_code == 403


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"identity_factors": []}, "1〜3個選んでください"),
        ({"identity_factors": ["shoe_size"]}, "1〜3個選んでください"),
        ({"identity_tries": "9"}, "1〜5 の範囲"),
        ({"promise_max_days": "400"}, "1〜92 の範囲"),
    ],
)
def test_collections_ask_who_it_is(
    small_desk: SmallDesk, changed: dict[str, Any], sentence: str
) -> None:
    browser, path = found(small_desk, "collections")
    assert 'data-field="identity_needed"' not in text(browser, f"{path}/talk")
    form = {**TALK, "promise_max_days": "31", **changed}
    status, page = posted(browser, path, "talk", **form)
    assert (status, sentence in page) == (400, True)


def test_numbers_by_area_are_kept_and_compared(small_desk: SmallDesk) -> None:
    browser, path = found(small_desk)
    form = {
        "ratio": "1.0",
        "abandon_target": "1",
        "ring_limit_s": "25",
        "screening": "strict",
        "local_caller_ids": "大阪府　06-1234-0000\n\n03=0312340000",
    }
    assert posted(browser, path, "dialing", **form)[0] == 303
    assert "大阪府 06-1234-0000、03 0312340000" in text(browser, f"{path}/review")
    wrong = posted(browser, path, "dialing", **{**form, "local_caller_ids": "大坂 0612340000"})
    assert (wrong[0], "都道府県名か市外局番（0から）で入力してください：大坂" in wrong[1]) == (
        400,
        True,
    )


TOKYO = "0312345678"
OURS = ShownBy(allowed=frozenset({"+81312345678"}))


@pytest.mark.parametrize(
    ("pool", "by_area", "known", "reasons"),
    [
        (TOKYO, [["東京都", TOKYO]], OURS, []),
        ("", [], OURS, []),
        ("0612345678", [["06", "0612345678"]], OURS, ["not_ours", "not_ours"]),
        ("110", [], ShownBy(), ["numbers"]),  # who sees it cannot call it back
        ("1840312345678", [], ShownBy(), ["numbers"]),
        ("0990123456", [], ShownBy(), ["numbers"]),
        ("", [], ShownBy(nameless=True), ["withheld"]),
        (TOKYO, [], ShownBy(nameless=True), []),
        (TOKYO, [], ShownBy(withholds=True), ["withheld_by_trunk"]),
        ("", [["06", TOKYO], ["０６", TOKYO]], ShownBy(), ["area_twice"]),
        ("", [["どこか", TOKYO]], ShownBy(), ["area"]),
        ("", [["06", ""]], ShownBy(), ["numbers"]),
    ],
)
def test_r30_a_number_nobody_could_call_back_is_refused(
    pool: str, by_area: list[list[str]], known: ShownBy, reasons: list[str]
) -> None:
    assert [fault.reason for fault in faults(pool, by_area, shown_by=known)] == reasons


def test_what_trunks_show_together() -> None:
    free = Trunk(trunk_id="a", host="h", caller_id=TOKYO)
    bound = Trunk(trunk_id="b", host="h", caller_ids=(TOKYO,))
    assert shown_by([bound]) == OURS
    assert shown_by([free, bound]) == ShownBy()
    assert shown_by([Trunk(trunk_id="c", host="h")]).nameless
    assert shown_by([Trunk(trunk_id="d", host="h", privacy="id")]).withholds


def test_every_field_of_a_kind_stands_on_one_page() -> None:
    for kind in ("collections", "sales", "survey", "dormant"):
        names = [name for page in PAGES for name in fields_of(page, kind)]
        assert len(names) == len(set(names))
        assert len(fields_of("basics", kind)) <= 12


def test_leads_of_other_teams_see_no_page(small_desk: SmallDesk) -> None:
    other = signed_in(small_desk, "lead2")
    for page in PAGES:
        assert other.get(f"/admin/campaigns/{small_desk.campaign_id}/{page}").status_code == 403
