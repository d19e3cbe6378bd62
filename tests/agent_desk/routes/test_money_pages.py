"""The pages on which wages, contracts and plans are typed; and who may open them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

RATES = {
    "version": "0",
    "from_on": "2026-11-01",
    "wage_yen": "1500",
    "evening_percent": "10",
    "night_percent": "25",
    "holiday_percent": "35",
    "weekday-5": "1",
    "weekday-6": "1",
    "national": "1",
    "monthly_yen": "60000",
}
CONTRACT = {
    "version": "0",
    "name": "OSORA 本社",
    "begun_on": "2026-07-01",
    "term_months": "12",
    "setup_yen": "50000",
    "monthly_yen": "22000",
    "early_percent": "50",
}
PLAN = {
    "name": "導入計画",
    "kind-0": "investment",
    "name-0": "導入",
    "yen-0": "3,500,000",
    "source-0": "typed",
    "kind-1": "benefit",
    "name-1": "人件費",
    "yen-1": "53000000",
    "from_year-1": "1",
    "step_yen-1": "5000000",
    "source-1": "typed",
    "kind-2": "benefit",
    "name-2": "",
    "yen-2": "",
    "source-2": "typed",
}


@pytest.fixture
def manager(small_desk: SmallDesk) -> Browser:
    return signed_in(small_desk, "manager1")


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def value(page: str, name: str) -> str:
    """What stands in a field."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def test_rates_are_typed_kept_and_shown_with_who_made_them(manager: Browser) -> None:
    page = manager.get("/reports/costs/rates").get_data(as_text=True)
    assert (value(page, "night_percent"), value(page, "holiday_percent")) == ("25", "35")
    answer = manager.post("/reports/costs/rates", RATES)
    assert (answer.status_code, answer.location) == (303, "/reports/costs/rates?saved=rates")
    page = manager.get(answer.location).get_data(as_text=True)
    assert "費用の前提を保存しました。" in page
    assert (value(page, "wage_yen"), value(page, "version")) == ("1500", "1")
    shown = text(manager.get("/reports/costs/rates"))
    assert "1 2026/11/01 1,500 円 10 % 25 % 35 % 土 日 祝日 60,000 円 manager1" in shown


def test_a_number_out_of_range_is_told_beside_its_field_with_what_was_typed(
    manager: Browser,
) -> None:
    for field, wrong in (("wage_yen", "100001"), ("night_percent", "x"), ("from_on", "soon")):
        answer = manager.post("/reports/costs/rates", {**RATES, field: wrong})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 400
        assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page), field
        assert value(page, "monthly_yen") == "60000"
        assert 'data-testid="rates-version"' not in page


def test_an_older_page_overwrites_nothing(manager: Browser) -> None:
    assert manager.post("/reports/costs/rates", RATES).status_code == 303
    answer = manager.post("/reports/costs/rates", {**RATES, "wage_yen": "9"})
    assert answer.status_code == 409
    assert "ほかの人が先に変更しました" in text(answer)


def test_b46_a_contract_is_typed_changed_and_ended(manager: Browser) -> None:
    assert manager.post("/reports/costs/contracts", CONTRACT).status_code == 303
    shown = text(manager.get("/reports/costs/rates"))
    # Today is 24 November 2026: the months from July to November have begun, seven are left.
    assert "OSORA 本社 2026/07/01 2027/07/01 50,000 円 22,000 円 7 77,000 円" in shown
    page = manager.get("/reports/costs/rates?contract=OSORA 本社").get_data(as_text=True)
    form = page[page.index('id="contract-form"') :]
    assert (value(form, "version"), value(form, "term_months")) == ("1", "12")
    ended = {**CONTRACT, "version": "1", "retire": "1"}
    assert manager.post("/reports/costs/contracts", ended).status_code == 303
    assert 'data-testid="contract"' not in manager.get("/reports/costs/rates").get_data(
        as_text=True
    )


def test_a_contract_that_is_refused_keeps_what_was_typed(manager: Browser) -> None:
    answer = manager.post("/reports/costs/contracts", {**CONTRACT, "term_months": "999"})
    page = answer.get_data(as_text=True)
    form = page[page.index('id="contract-form"') :]
    assert answer.status_code == 400
    assert (value(form, "name"), value(form, "setup_yen")) == ("OSORA 本社", "50000")
    assert "aria-invalid" not in page[: page.index('id="contract-form"')]


def test_a53_a_plan_is_typed_line_by_line_and_changed(manager: Browser) -> None:
    answer = manager.post("/reports/roi/plans", PLAN)
    assert answer.status_code == 303
    [plan_id] = re.findall(r"/reports/roi\?plan=(\d+)", answer.location)
    page = manager.get(f"/reports/roi/plans?plan={plan_id}").get_data(as_text=True)
    assert (value(page, "yen-0"), value(page, "step_yen-1")) == ("3500000", "5000000")
    assert "name-4" in page and "name-5" not in page, "three lines to spare"
    changed = {**PLAN, "plan": plan_id, "version": "1", "yen-0": "4000000"}
    assert manager.post("/reports/roi/plans", changed).status_code == 303
    page = manager.get(f"/reports/roi/plans?plan={plan_id}").get_data(as_text=True)
    assert (value(page, "yen-0"), value(page, "version")) == ("4000000", "2")
    assert manager.post("/reports/roi/plans", changed).status_code == 409
    ended = {**changed, "version": "2", "retire": "1"}
    assert manager.post("/reports/roi/plans", ended).status_code == 303
    assert manager.get(f"/reports/roi/plans?plan={plan_id}").status_code == 404


def test_a_plan_that_is_refused_keeps_what_was_typed(manager: Browser) -> None:
    for field, wrong in (("yen-0", "many"), ("from_year-1", "9"), ("name-1", "x" * 61)):
        answer = manager.post("/reports/roi/plans", {**PLAN, field: wrong})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 400
        assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page), field
        assert value(page, "yen-1") == "53000000"
    assert 'data-testid="plan"' not in manager.get("/reports/roi/plans").get_data(as_text=True)


def test_measured_items_ask_for_their_periods(manager: Browser) -> None:
    fed = {**PLAN, "source-1": "labour_saved"}
    assert manager.post("/reports/roi/plans", fed).status_code == 400
    days = {"before_from": "2026-09-01", "before_to": "2026-09-30"}
    days |= {"after_from": "2026-10-01", "after_to": "2026-10-31"}
    assert manager.post("/reports/roi/plans", {**fed, **days}).status_code == 303


def test_an_auditor_reads_what_is_typed_and_types_nothing(small_desk: SmallDesk) -> None:
    auditor = signed_in(small_desk, "auditor1")
    page = auditor.get("/reports/costs/rates").get_data(as_text=True)
    assert "変更できるのはマネージャーと管理者です。" in page
    assert "save-rates" not in page and "contract-form" not in page
    assert "plan-form" not in auditor.get("/reports/roi/plans").get_data(as_text=True)
    assert auditor.post("/reports/costs/rates", RATES).status_code == 403


def test_the_menu_has_costs_for_those_who_may_see_wages(small_desk: SmallDesk) -> None:
    for username, sees in (("manager1", True), ("lead1", False), ("compliance1", False)):
        browser = signed_in(small_desk, username)
        reversed_days = "/reports/what-if?from=2026-11-02&to=2026-11-01"  # a page, and no figures
        page = browser.get(reversed_days).get_data(as_text=True)
        assert ('href="/reports/costs"' in page) is sees, username
        for path in ("/reports/costs", "/reports/costs/rates", "/reports/roi/plans"):
            if not sees:
                assert browser.get(path).status_code == 403
