"""What administrators do to lists: prospects made of valid calls, and an import taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent_desk.import_bench import run_worker
from tests.agent_desk.routes.admin.test_imports import FILE
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
        shift.page.do("mark_status", call_id=call_id, code="valid", on=True)
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
