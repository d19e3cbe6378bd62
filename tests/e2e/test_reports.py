"""Reports as people come for them: a month and its files, a line and its calls, a job, a question
kept for somebody else, and a month that is closed."""

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
from sqlalchemy import select, update

from agent_desk.models.results import Result
from agent_desk.models.users import User
from agent_desk.services.reports.making import Asked, Cancelled, Ground, Made
from tests.agent_desk.services.reports.test_closed_months import correct, december, leave
from tests.agent_desk.services.reports.test_figures import worked
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.e2e.browser import Visit
from tests.e2e.small_product import open_page, served
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

BADGE = "0042"  # how this house names people: no spreadsheet may make 42 of it
KEPT = "今月の実績"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallDesk, Any, Shift]]:
    with served(tmp_path_factory.mktemp("reports")) as (desk, pages):
        with desk.desk.database.write() as session:
            session.execute(update(User).where(User.username == "operator1").values(name=BADGE))
        shift = Shift.begin(desk)
        worked(shift)
        yield desk, pages, shift


def download(visit: Visit, button: Locator) -> bytes:
    with visit.page.expect_download() as told:
        button.click()
    return Path(told.value.path()).read_bytes()


def test_a_manager_asks_for_a_month_and_shares_the_question(
    house: tuple[SmallDesk, Any, Shift], visit: Callable[..., Any]
) -> None:
    desk, pages, _ = house
    manager = open_page(desk, visit(pages, Visit), "manager1", "/reports")
    ask_for_a_month(manager)
    take_it_away(manager)
    see_it_on_paper(manager)
    from_two_axes_to_the_calls(manager)
    look_how_it_goes(manager)
    keep_the_question_for_leads(manager)
    have_it_sent(manager)

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


def have_it_sent(manager: Visit) -> None:
    """On a schedule; a day of the month is asked for only where there is one."""
    manager.page.goto(f"{manager.url}/reports/saved")
    manager.by("send-saved").first.click()
    day = manager.page.locator("#schedule-day_of_month")
    day.wait_for(state="hidden")
    manager.page.select_option("#schedule-often", "monthly")
    day.wait_for(state="visible")
    day.fill("31")
    manager.by("save-schedule").click()
    row = manager.by("schedule-row", state="active")
    row.wait_for()
    assert "毎月 31日 08:00" in row.inner_text()
    manager.by("open-schedule").click()
    remove = manager.by("remove-schedule")
    assert not remove.is_visible(), "folded until somebody wants it"
    manager.page.locator(".remove-schedule summary").click()
    remove.click()
    manager.by("schedules-empty").wait_for()


def open_shared(lead: Visit) -> list[str | None]:
    """Whom the shared question shows to this lead."""
    lead.by("saved-row", name=KEPT).get_by_test_id("open-saved").click()
    lead.page.wait_for_url("**from=2026-11-01&to=2026-11-24*")
    rows = lead.by("agent-row").all()
    return [each.get_attribute("data-agent") for each in rows if "operator1" in each.inner_text()]


def test_a_long_report_shows_how_far_it_is_and_is_called_off(
    house: tuple[SmallDesk, Any, Shift], visit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, pages, _ = house
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


def test_a_manager_closes_a_month_and_its_figures_stay(
    house: tuple[SmallDesk, Any, Shift], visit: Callable[..., Any]
) -> None:
    desk, pages, shift = house
    with desk.desk.database.read() as session:
        call_id = session.scalars(select(Result.call_id)).one()
    leave(shift)
    december(shift, 9 * 3600)
    manager = open_page(desk, visit(pages, Visit), "manager1", "/reports/months")
    close_november(manager)
    assert valid_calls(manager, "closed", version="1") == "1"
    assert manager.by("no-restatement").is_visible()

    correct(shift, call_id, "contact")
    assert valid_calls(manager, "closed", version="1") == "1", "what was told stays"
    moved = manager.by("restated").filter(has_text="operator1").filter(has_text="valid")
    told = [moved.locator(f"[data-part={part}]").inner_text() for part in ("closed", "now")]
    assert told == ["1", "0"]
    manager.by("closing-switch").click()
    manager.page.wait_for_url("**figures=now*")
    assert manager.by("closing").get_attribute("data-shown") == "now"
    assert manager.by("agent-row", agent="operator1").locator(VALID).inner_text() == "0"

    find_the_closed_figures_from_another_report(manager)
    restate(manager, "録音で確認した訂正を反映")
    assert valid_calls(manager, "closed", version="2") == "0"
    assert manager.by("no-restatement").is_visible()
    manager.page.locator(".closing-history summary").click()
    versions = manager.by("closing-history").locator("li")
    assert [each.get_attribute("data-version") for each in versions.all()] == ["2", "1"]
    assert "録音で確認した訂正を反映" in versions.first.inner_text()


NOVEMBER = "from=2026-11-01&to=2026-11-30"
VALID = "[data-column=valid]"


def close_november(manager: Visit) -> None:
    manager.page.select_option("#close-month", "2026-11")
    manager.by("close-month").click()
    row = manager.page.locator("[data-part=report] tbody tr")
    until(lambda: "2026-11" in row.first.inner_text(), what="the month is closed")
    assert "manager1" in row.first.inner_text()
    assert manager.page.locator("#close-month option[value='2026-11']").count() == 0


def valid_calls(manager: Visit, shown: str, *, version: str) -> str:
    """What the month's page says, and of which version."""
    manager.page.goto(f"{manager.url}/reports?{NOVEMBER}")
    closing = manager.by("closing", month="2026-11", version=version)
    assert closing.get_attribute("data-shown") == shown
    return manager.by("agent-row", agent="operator1").locator(VALID).inner_text()


def find_the_closed_figures_from_another_report(manager: Visit) -> None:
    manager.page.goto(f"{manager.url}/reports/heat-map?{NOVEMBER}&metric=m_attempts")
    note = manager.by("closed-within")
    assert "現在の数値" in note.inner_text()
    note.get_by_test_id("to-closed").click()
    manager.page.wait_for_url(f"**/reports?{NOVEMBER}")
    assert manager.by("closing").get_attribute("data-shown") == "closed"


def restate(manager: Visit, reason: str) -> None:
    manager.page.goto(f"{manager.url}/reports/months")
    manager.page.select_option("#restate-of", "2026-11.1")
    manager.page.fill("#restate-reason", reason)
    manager.by("restate-month").click()
    rows = manager.page.locator("[data-part=report] tbody tr")
    until(lambda: rows.count() == 2, what="another version, and the first one still there")
    assert reason in rows.first.inner_text()
