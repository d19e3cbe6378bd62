"""Reports as people come for them: a month and its files, a line and its calls, a job, a question
kept for somebody else."""

from __future__ import annotations

import csv
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator
from sqlalchemy import update

from agent_desk.models.users import User
from agent_desk.services.reports.making import Asked, Cancelled, Ground, Made
from tests.agent_desk.services.reports.test_figures import worked
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.e2e.browser import Visit
from tests.e2e.small_product import open_page, served
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

BADGE = "0042"  # how this house names people: no spreadsheet may make 42 of it
KEPT = "今月の実績"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallDesk, Any]]:
    with served(tmp_path_factory.mktemp("reports")) as (desk, pages):
        with desk.desk.database.write() as session:
            session.execute(update(User).where(User.username == "operator1").values(name=BADGE))
        worked(Shift.begin(desk))
        yield desk, pages


def download(visit: Visit, button: Locator) -> bytes:
    with visit.page.expect_download() as told:
        button.click()
    return Path(told.value.path()).read_bytes()


def test_a_manager_asks_for_a_month_and_shares_the_question(
    house: tuple[SmallDesk, Any], visit: Callable[..., Any]
) -> None:
    desk, pages = house
    manager = open_page(desk, visit(pages, Visit), "manager1", "/reports")
    ask_for_a_month(manager)
    take_it_away(manager)
    see_it_on_paper(manager)
    from_two_axes_to_the_calls(manager)
    look_how_it_goes(manager)
    keep_the_question_for_leads(manager)

    lead = open_page(desk, visit(pages, Visit), "lead1", "/reports/saved")
    assert open_shared(lead) == ["operator1"]
    other = open_page(desk, visit(pages, Visit), "lead2", "/reports/saved")
    assert "operator1" not in open_shared(other), "another team's"

    operator = open_page(desk, visit(pages, Visit), "operator1", "/account")
    operator.by("own-report").click()
    operator.page.wait_for_url("**/reports/me")
    assert operator.by("own-figures").get_attribute("data-agent") == "operator1"
    assert operator.by("report-menu").get_by_role("link", name="オペレーター別").count() == 0


def ask_for_a_month(manager: Visit) -> None:
    manager.page.get_by_role("button", name="今月").click()
    manager.page.wait_for_url("**from=2026-11-01&to=2026-11-24*")
    row = manager.by("agent-row", agent="operator1")
    assert row.locator("[data-column=calls]").inner_text() == "1"
    assert manager.by("funnel-step", step="valid").get_attribute("data-count") == "1"
    widths = manager.page.locator(".funnel-bar").evaluate_all(
        "bars => bars.map(bar => Math.round(bar.getBoundingClientRect().width))"
    )
    assert len(widths) > 3 and len(set(widths)) == 1, "bars of one scale"


def take_it_away(manager: Visit) -> None:
    """As CSV for today's and older spreadsheets, and as a workbook."""
    data = download(manager, manager.by("export-csv"))
    assert data.startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8 by this"
    text = data.decode("utf-8-sig")
    assert BADGE in [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert download(manager, manager.by("export-cp932")).decode("cp932") == text
    with zipfile.ZipFile(io.BytesIO(download(manager, manager.by("export-xlsx")))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert f"<t>{BADGE}</t>" in sheet, "text in the workbook, and no number"


def see_it_on_paper(manager: Visit) -> None:
    manager.by("print-view").click()
    manager.page.wait_for_url("**/reports/operators/print*")
    assert manager.page.get_by_role("navigation").count() == 0
    assert manager.by("funnel-step", step="valid").is_visible()
    assert BADGE in manager.page.locator(".print-table").first.inner_text()
    manager.page.go_back()


def from_two_axes_to_the_calls(manager: Visit) -> None:
    address = "/reports/analysis?from=2026-11-01&to=2026-11-24"
    manager.page.goto(f"{manager.url}{address}")
    manager.page.select_option("#by-0", "hour")
    manager.page.select_option("#by-1", "operator")
    manager.by("analyse").click()
    manager.page.wait_for_url("**by=hour&by=operator*")
    line = manager.by("analysis-row").filter(has_text=BADGE)
    assert "12時" in line.inner_text()
    line.get_by_test_id("behind").click()
    manager.page.wait_for_url("**/reports/analysis/calls?*")
    assert manager.page.locator("[data-part=report] tbody tr").count() == 1


def look_how_it_goes(manager: Visit) -> None:
    """A figure over time; the table beside the picture has it in words."""
    manager.page.goto(f"{manager.url}/reports/trend?from=2026-11-18&to=2026-11-24")
    manager.page.select_option("#metric", "m_attempts")
    manager.by("trend-picture").locator("xpath=..").get_by_role("button", name="表示").click()
    manager.page.wait_for_url("**metric=m_attempts*")
    assert manager.by("trend-picture").locator("circle").count() == 7
    assert manager.by("trend-table").locator("tbody tr").count() == 7
    manager.page.goto(f"{manager.url}/reports/calls")
    assert manager.by("report-menu").locator("[aria-current=page]").inner_text() == "通話一覧"


def keep_the_question_for_leads(manager: Visit) -> None:
    manager.page.goto(f"{manager.url}/reports")
    manager.page.get_by_text("この条件に名前を付けて保存").click()
    manager.page.fill("#save-name", KEPT)
    manager.page.select_option("#save-period", "this_month")
    manager.by("save-report").click()
    row = manager.by("saved-row", name=KEPT)
    row.locator("summary").click()
    row.locator("select[name=role]").select_option("lead")
    row.get_by_test_id("apply-saved").click()
    until(lambda: row.locator("[data-part=shared]").inner_text() == "リーダー", what="it is shared")


def open_shared(lead: Visit) -> list[str | None]:
    """Whom the shared question shows to this lead."""
    lead.by("saved-row", name=KEPT).get_by_test_id("open-saved").click()
    lead.page.wait_for_url("**from=2026-11-01&to=2026-11-24*")
    rows = lead.by("agent-row").all()
    return [each.get_attribute("data-agent") for each in rows if "operator1" in each.inner_text()]


def test_a_long_report_shows_how_far_it_is_and_is_called_off(
    house: tuple[SmallDesk, Any], visit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, pages = house
    gone = threading.Event()

    def long(asked: Asked, ground: Ground) -> Made:
        try:
            while True:
                ground.tell(0.25, "report.total")
        except Cancelled:
            gone.set()
            raise

    maker = desk.report_maker()
    good = dict(maker.work.kinds)
    manager = open_page(desk, visit(pages, Visit), "manager1", "/reports/heat-map")
    monkeypatch.setattr(maker.work, "kinds", {**good, "heat_map": long})
    manager.page.get_by_text("時間のかかる場合はバックグラウンドで作成").click()
    manager.by("job-page").click()
    bar = manager.page.locator("[data-part=job-share]")
    until(lambda: bar.get_attribute("value") == "0.25", what="how far it is")
    manager.by("job-cancel").click()
    manager.page.locator("[data-testid=report-job][data-state=cancelled]").wait_for()
    assert gone.wait(20)
    monkeypatch.setattr(maker.work, "kinds", good)
    manager.by("report-retry").click()
    manager.by("report-menu").wait_for()
    manager.page.get_by_text("時間のかかる場合はバックグラウンドで作成").click()
    manager.by("job-xlsx").click()
    manager.wait_shown("job-file")
    assert download(manager, manager.by("job-file")).startswith(b"PK")
