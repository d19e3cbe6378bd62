"""Campaigns as administrators set them up, beside an operator whose page is open all the while."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browser import Desk, Visit, until
from tests.e2e.test_comfort import serious
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TALKS = Listed("案内 一", "09003009440")  # hums until we hang up
OWN_NUMBER = "090-0300-9441"
STATUS = {"label_ja": "受付突破", "label_en": "Past reception", "hotkey": "7"}
CAMPAIGN = "冬の光回線のご案内"
FILLED = {
    "dialing": {"地域ごとの発信者番号": "大阪府 06-1234-5678"},
    "limits": {"一人1週間の架電上限": "3"},
}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("campaigns"))
    # A browser's start beside everything else may starve the gateway; that is not tested here.
    product._extra["GATEWAY_LAG_LIMIT_MS"] = "2000"
    product.replace_lists(SALES, [TALKS])
    product.set_campaign(SALES, mode="progressive", screening="off")
    try:
        product.start_all(reports=True)
        yield product
    finally:
        product.stop_all()


def test_b12_b13_a_new_status_is_button_step_and_column_on_pages_that_are_open(
    product: Product, visit: Callable[..., Any]
) -> None:
    operator: Desk = visit(product, Desk)
    operator.sign_in("operator1")
    operator.go_available()
    operator.take_call(TALKS.name)
    assert operator.by("status-gatekeeper").count() == 0

    admin: Visit = visit(product, Visit)
    admin.sign_in("admin1")
    add_status(admin)
    operator.wait_shown("status-gatekeeper")
    operator.page.keyboard.press("7")
    operator.wait_pressed("status-gatekeeper", True)
    operator.by("status-contact").click()
    operator.finish_call(away=True)

    admin.page.goto(f"{product.url}/reports")
    step = admin.by("funnel-step", step="gatekeeper")
    assert "受付突破" in step.inner_text()
    assert step.get_attribute("data-count") == "1"
    steps = [each.get_attribute("data-step") for each in admin.by("funnel-step").all()]
    assert steps.index("gatekeeper") == 3, "before the contact, where it was moved to"
    with admin.page.expect_download() as download:
        admin.by("export-csv").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert [row[header.index("受付突破")] for row in rows if row[0] == "operator1"] == ["1"]

    set_up(admin)
    try_out(admin, operator)  # what is tried is the draft
    admin.by("campaign-publish").click()
    until(admin.by("version-row", version="1").is_visible, what="the first version")


def add_status(admin: Visit) -> None:
    """By the form, and moved to the first place."""
    admin.page.goto(f"{admin.url}/admin/statuses")
    admin.page.locator("#status-campaign").select_option(label=SALES)
    admin.page.get_by_role("button", name="開く").click()
    admin.page.wait_for_url("**/admin/statuses?campaign=*")
    for name, value in STATUS.items():
        field = admin.page.locator(f"#{name}")
        field.select_option(value) if name == "hotkey" else field.fill(value)
    admin.page.locator("#code").fill("gatekeeper")
    shown = admin.page.locator('[data-part="status-preview"]')
    assert shown.inner_text().split() == ["受付突破", "7"]
    assert serious(admin) == []
    admin.by("status-save").click()
    row = admin.by("status-row", code="gatekeeper")
    until(row.is_visible, what="the new status in the table")
    for place in range(admin.by("status-row").count() - 1, 0, -1):
        row.get_by_test_id("status-up").click()
        above = admin.by("status-row").nth(place - 1)
        until(lambda: above.get_attribute("data-code") == "gatekeeper", what="one place up")  # noqa: B023


def set_up(admin: Visit) -> None:
    """From a purpose to a draft that can be published, over the wizard's pages."""
    admin.page.goto(f"{admin.url}/admin/campaigns")
    admin.by("campaign-new").click()
    admin.by("purpose", purpose="sales").click()
    admin.page.get_by_label("名称").fill(CAMPAIGN)
    admin.page.get_by_label("商材").fill("光回線")
    admin.page.get_by_label("営業チーム").check()
    admin.by("campaign-found").click()
    assert admin.by("wizard-field").count() <= 12
    admin.page.get_by_label("開始時刻").fill("07:00")
    admin.by("campaign-save").click()
    assert "8:00 より前には架電できません" in admin.by("fault", field="start_minute").inner_text()
    admin.expect_problem("400")
    assert serious(admin) == []
    admin.page.get_by_label("開始時刻").fill("10:30")
    for page in ("dialing", "limits", "talk", "after_call", "review"):
        admin.by("campaign-save").click()
        admin.page.wait_for_url(f"**/{page}")
        for label, value in FILLED.get(page, {}).items():
            admin.page.get_by_label(label).fill(value)
    changes = admin.by("changes").inner_text()
    assert "大阪府 06-1234-5678" in changes and "一人1週間の架電上限" in changes


def try_out(admin: Visit, operator: Desk) -> None:
    """The operator's seat is shown the administrator's telephone, and calls it."""
    operator.go_available()
    admin.page.reload()
    admin.page.get_by_label("ご自分の電話番号").fill(OWN_NUMBER)
    assert serious(admin) == []
    admin.by("trial-place").click()
    admin.wait_shown("trial-placed")
    until(lambda: "試験通話" in operator.text("customer-name"), what="the trial on the desk")
    operator.by("place-call").click()
    operator.take_call("試験通話")
    operator.finish_call(away=True)
