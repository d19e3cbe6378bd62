"""What administrators do to lists: prospects made of valid calls, imports stopped or taken back,
lists weighed against each other and tried anew, filters over what has happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from agent_desk.models.lists import ListEntry
from tests.agent_desk.import_bench import run_worker
from tests.agent_desk.routes.admin.test_imports import FILE
from tests.agent_desk.services.lists.workbook_files import workbook
from tests.agent_desk.small_desk import BORN, Shift, SmallDesk
from tests.e2e.browser import Visit, until
from tests.e2e.small_product import open_page, served

pytestmark = [pytest.mark.browser]

CSV = {"mimeType": "text/csv"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallDesk, Any]]:
    """A valid call was made today."""
    with served(tmp_path_factory.mktemp("house"), kind="sales") as (desk, product):
        shift = Shift.begin(desk)
        call_id = shift.talk()
        shift.page.do("check_identity", call_id=call_id, answer=BORN)
        for status in ("contact", "valid"):
            shift.page.do("mark_status", call_id=call_id, code=status, on=True)
        shift.end(call_id)
        shift.page.do("save_result", call_id=call_id, note="")
        desk.settle()
        yield desk, product


@pytest.fixture
def admin(house: tuple[SmallDesk, Any], visit: Callable[..., Any]) -> Visit:
    return open_page(house[0], visit(house[1], Visit), "admin1", "/admin/lists")


def go(someone: Visit, path: str) -> None:
    someone.page.goto(f"{someone.url}{path}")


def test_b16_prospects_are_made_of_valid_calls_and_their_list_paused(
    admin: Visit, house: tuple[SmallDesk, Any]
) -> None:
    go(admin, "/admin/valid-calls")
    spring = admin.by("valid-call", campaign="1")
    until(lambda: "1" in spring.get_by_test_id("valid-count").inner_text(), what="counted")
    spring.get_by_test_id("make-prospects").click()
    admin.page.wait_for_url("**/admin/lists**")
    house[0].desk.lists.following.step()
    go(admin, "/admin/lists")
    assert admin.by("list-row").count() == 2
    row = admin.by("list-row", list="2")
    row.get_by_test_id("list-pause").click()
    row.get_by_test_id("list-paused").wait_for()
    row.get_by_test_id("list-pause").click()
    row.get_by_test_id("list-paused").wait_for(state="detached")


def test_an_import_is_mapped_saved_as_a_template_run_and_taken_back(
    admin: Visit, house: tuple[SmallDesk, Any]
) -> None:
    page, desk = admin.page, house[0]
    go(admin, "/admin/imports")
    page.set_input_files("input[type=file]", {**CSV, "name": "顧客.csv", "buffer": FILE})
    page.fill("#list", "十一月")
    page.locator("select[name=campaign]").select_option(label="spring")
    admin.by("import-start").click()
    page.wait_for_url("**/admin/imports/1")
    run_worker(desk)
    page.reload()
    admin.by("import-save-as").fill("月次")
    admin.by("import-columns").click()
    page.wait_for_load_state()
    run_worker(desk)
    page.reload()
    origin = admin.by("import-provenance")
    for name, value in (("source", "自社"), ("obtained_on", "2026-10-01"), ("basis", "契約")):
        origin.locator(f"input[name={name}]").fill(value)
    admin.by("import-run").click()
    page.wait_for_load_state()
    run_worker(desk)
    page.reload()
    assert page.locator('[data-count="added"]').inner_text() == "1"
    with page.expect_download() as download:
        admin.by("error-file").click()
    assert "佐藤" in Path(download.value.path()).read_text("cp932")
    admin.by("import-undo").click()
    until(lambda: desk.desk.imports.batch(1).state != "finished", what="it is being taken back")
    run_worker(desk)
    page.reload()
    admin.by("import-undone").wait_for()


def test_f36_a_workbook_made_to_hurt_is_refused_and_an_import_stopped_before_it_ran(
    admin: Visit, house: tuple[SmallDesk, Any]
) -> None:
    page, desk = admin.page, house[0]
    bomb = workbook(b"<worksheet><sheetData>" + b" " * 50_000_000)
    for name, data in (("顧客.xlsx", bomb), ("顧客.csv", FILE)):
        go(admin, "/admin/imports")
        page.set_input_files("input[type=file]", {**CSV, "name": name, "buffer": data})
        page.fill("#list", "十二月")
        page.locator("select[name=campaign]").select_option(label="spring")
        admin.by("import-start").click()
        admin.by("import").wait_for()
        run_worker(desk)
        page.reload()
        told = page.locator(".field-error")
        assert told.count() == (name == "顧客.xlsx")
    assert admin.by("import-state").inner_text()
    admin.by("import-columns").click()
    page.wait_for_load_state()
    run_worker(desk)
    page.reload()
    origin = admin.by("import-provenance")
    for name, value in (("source", "自社"), ("obtained_on", "2026-10-01"), ("basis", "契約")):
        origin.locator(f"input[name={name}]").fill(value)
    admin.by("import-run").click()
    admin.by("import-cancel").click()
    until(lambda: desk.desk.imports.recent()[0].state == "cancelled", what="it is stopped")
    run_worker(desk)
    page.reload()
    assert "中止" in admin.text("import-state")
    assert desk.desk.imports.recent()[0].rows_done == 0


def test_b16_a_list_is_weighed_and_those_who_used_up_their_tries_are_tried_anew(
    admin: Visit, house: tuple[SmallDesk, Any]
) -> None:
    page, desk = admin.page, house[0]
    with desk.desk.database.write() as session:
        closed = {"state": "closed", "closed_reason": "tries", "tries": 6}
        for entry, outcome in ((2, "no_answer"), (3, "no_answer"), (4, "busy")):
            mine = ListEntry.id == entry
            session.execute(update(ListEntry).where(mine).values(last_outcome=outcome, **closed))
    go(admin, "/admin/lists/1")
    page.fill("#list-priority", "3")
    page.fill("#list-mix", "40")
    admin.by("list-save").click()
    page.wait_for_load_state()
    go(admin, "/admin/lists")
    assert admin.by("list-row", list="1").locator("td.number").all_inner_texts()[:2] == ["3", "40"]
    go(admin, "/admin/lists/1")
    page.get_by_label("応答なし").check()
    page.locator('[data-testid="recycle-form"] button').click()
    assert "2" in admin.text("recycled")
    assert page.get_by_label("応答なし").count() == 0  # only who was busy is left


def test_b15_a_filter_over_what_has_happened_is_changed_taken_back_and_followed(
    admin: Visit, house: tuple[SmallDesk, Any]
) -> None:
    page = admin.page
    go(admin, "/admin/filters")
    admin.by("filter-add").click()
    page.locator('[data-part="field"]').select_option("contacted")
    admin.wait_text("filter-count", "1人")
    page.fill("#filter-name", "接触済み")
    admin.by("filter-save").click()
    page.wait_for_url("**/admin/filters/*")
    page.locator('[data-part="value"]').select_option("no")
    until(lambda: "1人" not in admin.text("filter-count"), what="counted anew")
    admin.by("filter-save").click()
    until(lambda: admin.by("filter-version").count() == 2, what="the change is a version")
    admin.by("filter-restore").click()
    until(lambda: admin.by("filter-version").count() == 3, what="what it said is the next one")
    assert page.locator('[data-part="value"]').input_value() == "yes"
    page.fill("#follow-list", "もう一度")
    admin.by("follow-make").click()
    page.wait_for_url("**/admin/lists")
    house[0].desk.lists.following.step()
    page.get_by_role("link", name="もう一度").click()
    assert admin.text("list-ready") == "1"
