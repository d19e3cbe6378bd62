"""The office's pages as leads and administrators use them: records, promises, orders, prices,
recorded messages, hours and targets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.agent_desk.routes.admin.test_messages import TEXT, sound
from tests.agent_desk.routes.admin.test_records import DUE, owed, promised
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.e2e.browser import Visit, until
from tests.e2e.small_product import open_page, served

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallDesk, Any]]:
    """A promise was made on a call today, and a callback is owed."""
    with served(tmp_path_factory.mktemp("office"), kind="sales") as (desk, product):
        shift = Shift.begin(desk)
        promised(shift)
        owed(shift)
        yield desk, product


@pytest.fixture
def sign_in(
    office: tuple[SmallDesk, Any], visit: Callable[..., Any]
) -> Callable[[str, str], Visit]:
    """Somebody with one of the pages open."""

    def opened(username: str, path: str) -> Visit:
        return open_page(office[0], visit(office[1], Visit), username, path)

    return opened


def go(someone: Visit, path: str) -> None:
    someone.page.goto(f"{someone.url}{path}")


def test_a_promise_is_found_by_its_standing_and_the_ledger_exported(
    sign_in: Callable[[str, str], Visit],
) -> None:
    lead = sign_in("lead1", "/admin/promises")
    row = lead.by("promise-row", standing="open")
    assert DUE.replace("-", "/") in row.inner_text() and "5,000" in row.inner_text()
    lead.by("standing").select_option("kept")
    lead.page.keyboard.press("Tab")
    lead.page.get_by_role("button", name="表示", exact=True).click()
    lead.page.wait_for_url("**standing=kept*")
    assert row.count() == 0
    assert "該当する約束はありません" in lead.page.inner_text("main")
    go(lead, "/admin/promises")
    with lead.page.expect_download() as download:
        lead.by("export-promises").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert rows[1][:2] == [DUE, "5000"]


def test_a_callback_is_handed_to_another_operator_and_then_cancelled(
    sign_in: Callable[[str, str], Visit],
) -> None:
    lead = sign_in("lead1", "/admin/callbacks")
    row = lead.by("callback-row")
    assert "誰でも" in row.locator("td").nth(3).inner_text()
    row.get_by_label("担当").select_option(label="operator2")
    lead.by("reassign").click()
    lead.page.wait_for_load_state()
    assert row.locator("td").nth(3).inner_text() == "operator2"
    lead.by("cancel-callback").click()
    assert row.count() == 1, "no callback ends without a reason"
    row.get_by_placeholder("理由").fill("ご本人から不要と連絡")
    lead.by("cancel-callback").click()
    row.wait_for(state="detached")


def test_fields_of_the_record_are_added_ordered_and_removed(
    sign_in: Callable[[str, str], Visit],
) -> None:
    lead = sign_in("lead1", "/admin/record-fields")
    rows = lead.by("field-row")
    names = rows.locator("strong").all_inner_texts
    for number, (name, required) in enumerate((("職業", True), ("年収", False)), start=1):
        lead.by("field-name").fill(name)
        lead.by("field-required").set_checked(required)
        lead.by("field-add").click()
        rows.nth(number - 1).wait_for()
    rows.nth(1).get_by_role("button", name="年収").first.click()
    until(lambda: names() == ["年収", "職業"], what="moved up")
    rows.first.get_by_role("combobox").select_option("locked")
    rows.first.get_by_role("checkbox").check()
    lead.expect_problem("400")
    rows.first.get_by_role("button").first.click()
    lead.by("refusal").wait_for()
    go(lead, "/admin/record-fields")
    rows.first.get_by_role("button").last.click()
    until(lambda: names() == ["職業"], what="removed")


def test_a_message_is_brought_by_one_and_approved_by_another(
    sign_in: Callable[[str, str], Visit],
) -> None:
    lead = sign_in("lead1", "/admin/messages")
    wav = {"name": "message.wav", "mimeType": "audio/wav", "buffer": sound()}
    lead.page.set_input_files("#message-file", wav)
    lead.page.fill("#message-text", "カードのお支払いの件です。")
    lead.expect_problem("400")
    lead.by("message-bring").click()
    lead.page.locator("#field-fault, [data-testid=refusal]").first.wait_for()
    lead.page.set_input_files("#message-file", wav)
    for name, value in (("text", TEXT), ("name", "佐藤"), ("number", "03-1234-5678")):
        lead.page.fill(f"#message-{name}", value)
    lead.by("message-bring").click()
    lead.by("message-file").wait_for()
    assert lead.by("message-approve").count() == 0, "not by who has brought it"

    admin = sign_in("admin1", "/admin/messages")
    admin.by("message-play").evaluate("sound => sound.play()")
    until(lambda: admin.by("message-play").evaluate("it => it.currentTime") > 0, what="a sound")
    admin.by("message-approve").click()
    admin.by("message-used-machine").wait_for()
    assert "admin1 が承認" in admin.text("message-used-machine")


def test_an_order_waits_for_its_documents_and_is_withdrawn_in_time(
    sign_in: Callable[[str, str], Visit], office: tuple[SmallDesk, Any]
) -> None:
    today = office[0].clock.now() + timedelta(hours=9)
    lead = sign_in("lead1", "/admin/orders")
    lead.page.fill("#order-customer", "#1")
    lead.by("order-enter").click()
    row = lead.by("order-row")
    row.wait_for()
    row.get_by_label("法定書面の受領日").fill(f"{today:%Y-%m-%d}")
    row.get_by_placeholder("書面").fill("S-1")
    lead.by("order-documents").click()
    lead.page.wait_for_load_state()
    assert f"{today + timedelta(days=7):%Y/%m/%d}" in lead.text("order-until")
    row.get_by_text("申出を登録").click()
    row.get_by_label("申出の発信日").fill(f"{today:%Y-%m-%d}")
    lead.by("order-cancel").click()
    lead.by("order-row", standing="cancelled").wait_for()


def test_b44_a_tariff_is_set_up_chosen_for_a_campaign_and_billed(
    sign_in: Callable[[str, str], Visit],
) -> None:
    admin = sign_in("admin1", "/admin/tariffs")
    page = admin.page
    page.fill("#tariff-name", "秒課金")
    page.select_option("#tariff-billed_by", "terminal")
    numbers = {"basic_yen": 3000, "seat_yen": 1000, "fixed_yen": 8, "fixed_unit_s": 180}
    for name, value in {**numbers, "mobile_yen": 16, "mobile_unit_s": 20, "included_s": 0}.items():
        page.fill(f"#tariff-{name}", str(value))
    admin.by("tariff-add").click()
    page.goto(f"{admin.url}/admin/tariffs")
    assert "180" in admin.by("tariff-row").inner_text()
    campaign = admin.by("tariff-campaign").filter(has_text="spring")
    campaign.get_by_role("combobox").select_option(label="秒課金")
    campaign.get_by_role("button").click()
    page.wait_for_load_state()
    assert "spring" in admin.by("tariff-row").inner_text()
    admin.by("tariff-row").get_by_role("link").click()
    page.fill("#bill-terminal", "4")
    admin.by("bill-form").get_by_role("button").click()
    page.wait_for_url("**terminal=4*")
    assert "7,000" in admin.text("bill-total")


def test_a_week_is_rostered_a_time_corrected_and_approved_and_a_target_set(
    sign_in: Callable[[str, str], Visit], office: tuple[SmallDesk, Any]
) -> None:
    lead = sign_in("lead1", "/admin/shifts")
    page = lead.page
    lead.by("roster-row", user="operator1").get_by_role("link").click()
    page.locator("[name=tue-start]").fill("9:00")
    page.locator("[name=tue-end]").fill("18:00")
    page.locator("[name=tue-break]").fill("60")
    lead.by("week-save").click()
    page.wait_for_load_state()
    page.fill("#c-day", f"{office[0].clock.now():%Y-%m-%d}")
    page.fill("#c-minutes", "-15")
    page.fill("#c-reason", "打刻の誤り")
    lead.by("correction-ask").click()
    page.wait_for_load_state()
    go(lead, "/admin/shifts")
    assert "9:00–18:00" in lead.by("roster-row", user="operator1").inner_text()
    assert "-15" in lead.by("correction-row").inner_text()

    admin = sign_in("admin1", "/admin/shifts")
    admin.by("correction-approve").click()
    admin.page.locator(".chip-good").wait_for()
    go(lead, "/admin/targets")
    page.locator("[id^=target-]").nth(1).fill("40")
    lead.by("target-set").click()
    lead.by("target-row").wait_for()
    assert "40" in lead.by("target-row").inner_text()
