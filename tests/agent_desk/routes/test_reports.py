"""`/reports`: made beside the desk, within scope, as page, paper and file; never a hang."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.report_runs import ReportRun
from agent_desk.models.users import User
from agent_desk.routes.reports.frame import GROUPS, page_named
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import work
from agent_desk.services.reports.making import Asked, Cancelled, Ground, Made
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.services.reports.test_figures import worked
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.waiting import until

DAY = "from=2026-11-24&to=2026-11-24"
FAULT = re.compile(r'data-testid="report-fault" data-error="([^"]+)"')
USERS = {
    "operator": "operator1",
    "lead": "lead1",
    "manager": "manager1",
    "compliance": "compliance1",
    "auditor": "auditor1",
    "admin": "admin1",
}
MADE_BESIDE = [page.id for pages in GROUPS.values() for page in pages if page.kind]


def text(browser: Browser, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


# --- whom one sees --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", USERS)
def test_b30_each_role_has_its_pages_and_files_and_no_others(
    small_desk: SmallDesk, role: str
) -> None:
    browser = signed_in(small_desk, USERS[role])
    for page_id in ("operators", "me", "runs"):
        page = page_named(page_id)
        may = role in page.roles
        files = (f"{page.files}{end}" for end in (".csv", ".xlsx", "/print") if page.files)
        for path in (page.path, *files):
            assert (browser.get(path).status_code == 200) is may, path
            assert (browser.get(path).status_code == 403) is not may, path
        if page.files:
            begun = browser.post(f"{page.files}/job").status_code
            assert begun == (303 if may else 403)


def test_b30_an_operator_sees_the_own_figures_and_nobody_elses(shift: Shift) -> None:
    worked(shift)
    other = shift.desk.page("operator2")
    other.do("go_away", reason="break")
    own = signed_in(shift.desk, "operator1")
    page = text(own, f"/reports/me?{DAY}")
    assert 'data-testid="own-figures" data-agent="operator1"' in page
    assert re.search(r'data-column="calls">.*?<dd>1</dd>', page, re.DOTALL)
    assert "operator2" not in page
    rows = list(csv.reader(io.StringIO(text(own, f"/reports/me.csv?{DAY}"))))
    assert [row[0] for row in rows[1:]] == ["operator1"]
    asking_for_another = text(own, f"/reports/me?{DAY}&user_id=1&username=operator2&teams=1")
    assert "operator2" not in asking_for_another.split('data-part="report"')[1]
    assert (
        "operator1"
        not in text(signed_in(shift.desk, "operator3"), f"/reports/me?{DAY}").split(
            'data-part="report"'
        )[1]
    )


def test_a_lead_sees_the_own_teams_in_every_form(shift: Shift) -> None:
    worked(shift)
    theirs, others = signed_in(shift.desk, "lead1"), signed_in(shift.desk, "lead2")
    for path in ("/reports", "/reports/operators.csv", "/reports/operators/print"):
        assert "operator1" in text(theirs, f"{path}?{DAY}"), path
        assert "operator1" not in text(others, f"{path}?{DAY}"), path
    assert "operator1" not in " ".join(cells(others.get(f"/reports/operators.xlsx?{DAY}").data))


def test_a_campaign_of_other_teams_cannot_be_asked_for(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    other = small_desk.people.other_campaign_id
    assert lead.get(f"/reports?{DAY}&campaign={other}").status_code == 400
    requests = small_desk.desk.reports.requests
    asked = Asked(
        kind="operators",
        params={"from": "2026-11-24", "to": "2026-11-24", "campaign": str(other)},
        teams=frozenset({small_desk.people.centre.team_id}),
        user_id=None,
        username="lead1",
        locale="ja",
        now=small_desk.clock.now(),
    )
    with pytest.raises(ServiceError, match="not-in-scope"):
        requests.ask(asked)
    with pytest.raises(ServiceError, match="not-in-scope"):
        requests.ask(replace(asked, kind="me"))
    with pytest.raises(ServiceError, match="report-unknown"):
        requests.ask(replace(asked, kind="nothing"))


def test_every_page_is_in_the_menu_of_whom_it_is_for(small_desk: SmallDesk) -> None:
    for username in ("manager1", "lead1"):
        html = text(signed_in(small_desk, username), "/reports")
        menu = html.split('data-testid="report-menu"')[1].split("</nav>")[0]
        role = username[:-1]
        shown = [page for pages in GROUPS.values() for page in pages if page.in_menu]
        paths = {page.path for page in shown if role in page.roles}
        assert set(re.findall(r'<a href="([^"]+)"', menu)) == paths
        assert menu.count('aria-current="page"') == 1


# --- files ----------------------------------------------------------------------------------------


def cells(workbook: bytes) -> list[str]:
    """The texts of the first sheet."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet, "no formula"
    return re.findall(r"<t[^>]*>([^<]*)</t>", sheet)


def test_names_keep_their_zeros_and_run_nowhere(shift: Shift) -> None:
    with shift.desk.desk.database.write() as session:
        session.execute(
            update(User).where(User.username == "operator1").values(name="=0081 髙😀 ?")
        )
    worked(shift)
    browser = signed_in(shift.desk, "manager1")
    utf8 = browser.get(f"/reports/operators.csv?{DAY}")
    assert utf8.data.startswith(b"\xef\xbb\xbf")
    assert "'=0081 髙😀 ?" in utf8.data.decode("utf-8-sig")
    old = browser.get(f"/reports/operators.csv?{DAY}&encoding=cp932")
    assert old.content_type == "text/csv; charset=shift_jis"
    assert "'=0081 髙? ?" in old.data.decode("cp932")
    assert old.headers["X-Characters-Replaced"] == "1"
    workbook = browser.get(f"/reports/operators.xlsx?{DAY}")
    assert "operators_20261124_20261124.xlsx" in workbook.headers["Content-Disposition"]
    assert "&#x27;=0081 髙😀 ?" in cells(workbook.data) or "'=0081 髙😀 ?" in cells(workbook.data)


def test_a_workbook_has_numbers_as_numbers(shift: Shift) -> None:
    worked(shift)
    data = signed_in(shift.desk, "manager1").get(f"/reports/operators.xlsx?{DAY}").data
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>40</v>" in sheet, "talk seconds"


def test_the_print_view_has_the_table_with_its_formulas(shift: Shift) -> None:
    worked(shift)
    page = text(signed_in(shift.desk, "manager1"), f"/reports/operators/print?{DAY}")
    assert "operator1" in page and "report-menu" not in page
    assert "（通話 + 保留）÷ 通話数" in page or "÷" in page
    assert 'data-part="as-of"' in page


def test_who_takes_a_file_away_is_noted_in_each_form(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "manager1")
    for path in (".csv?", ".csv?encoding=cp932&", ".xlsx?"):
        browser.get(f"/reports/operators{path}{DAY}")
    with small_desk.desk.database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "report.exported")).all()
    assert [row.details["form"] for row in rows] == ["csv", "csv-cp932", "xlsx"]
    assert {(row.actor, row.subject) for row in rows} == {("manager1", "report:operators")}


# --- what goes wrong ------------------------------------------------------------------------------


def test_a_report_that_breaks_says_so_and_can_be_tried_again(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(asked: Asked, ground: Ground) -> Made:
        raise RuntimeError("a maker's mistake")

    browser = signed_in(small_desk, "manager1")
    maker = small_desk.report_maker()
    good = dict(maker.work.kinds)
    monkeypatch.setattr(maker.work, "kinds", {**good, "operators": broken})
    page = text(browser, f"/reports?{DAY}", status=500)
    assert FAULT.findall(page) == ["report-broken"]
    assert "a maker's mistake" not in page
    retry = re.search(r'href="([^"]+)" data-testid="report-retry"', page)
    assert retry is not None
    monkeypatch.setattr(maker.work, "kinds", good)
    assert 'data-part="report"' in text(browser, retry[1].replace("&amp;", "&"))


def test_a_desk_without_makers_says_so(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(small_desk, "manager1")
    small_desk.desk.reports.requests.stop()
    assert FAULT.findall(text(browser, "/reports", status=503)) == ["report-away"]
    assert browser.get("/reports/operators.csv").status_code == 503


# --- jobs -----------------------------------------------------------------------------------------


def state(browser: Browser, path: str) -> str:
    return str(browser.get(f"{path}/state").get_json()["state"])


def begun(browser: Browser, form: str = "page", page: str = "operators") -> str:
    answer = browser.post(f"/reports/{page}/job?{DAY}", {"form": form})
    assert answer.status_code == 303
    return str(answer.location)


def test_a_job_is_made_in_the_background_as_page_and_as_file(shift: Shift) -> None:
    worked(shift)
    browser = signed_in(shift.desk, "manager1")
    job = begun(browser)
    until(lambda: state(browser, job) == "done", what="the page is made")
    assert 'data-agent="operator1"' in text(browser, job)
    job = begun(browser, "xlsx")
    until(lambda: state(browser, job) == "done", what="the workbook is made")
    assert "job-file" in text(browser, job)
    assert "operator1" in cells(browser.get(f"{job}/file").data)
    assert browser.get(f"{begun(browser)}/file").status_code == 404, "a page has no file"


def test_a_job_tells_how_far_it_is_and_ends_when_cancelled(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "TOLD_EVERY_S", 0.0)
    told: list[str] = []

    def long(asked: Asked, ground: Ground) -> Made:
        try:
            while True:
                ground.tell(0.25, "report.total")
        except Cancelled:
            told.append("cancelled")
            raise

    browser = signed_in(small_desk, "manager1")
    maker = small_desk.report_maker()
    monkeypatch.setattr(maker.work, "kinds", {**maker.work.kinds, "me": long})
    job = begun(browser, page="me")
    until(lambda: browser.get(f"{job}/state").get_json()["share"] == 0.25, what="progress")
    assert browser.get(f"{job}/state").get_json()["words"] == "合計"
    assert 'data-testid="job-cancel"' in text(browser, job)
    assert browser.post(f"{job}/cancel").status_code == 303
    assert state(browser, job) == "cancelled"
    until(lambda: told, what="the maker lets go")
    assert told == ["cancelled"]


def test_a_job_is_nobody_elses_and_forgotten_by_the_next_desk(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "manager1")
    job = begun(browser)
    for other in ("admin1", "lead1"):
        stranger = signed_in(small_desk, other)
        for path in (job, f"{job}/state", f"{job}/file"):
            assert stranger.get(path).status_code == 404
        assert stranger.post(f"{job}/cancel").status_code == 404
    until(lambda: state(browser, job) == "done", what="it is made")
    small_desk.desk.reports.log.write()
    small_desk.desk.reports.requests._jobs.clear()  # as a new desk
    page = text(browser, job, status=404)
    assert FAULT.findall(page) == ["report-forgotten"]
    assert 'href="/reports?from=2026-11-24&amp;to=2026-11-24' in page


def test_a_job_needs_a_form_there_is(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "manager1")
    assert browser.post(f"/reports/operators/job?{DAY}", {"form": "exe"}).status_code == 400
    reversed_days = "from=2026-11-24&to=2026-11-23"
    assert browser.post(f"/reports/operators/job?{reversed_days}").status_code == 400


# --- the log --------------------------------------------------------------------------------------


def test_runs_are_logged_together_and_shown(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "manager1")
    small_desk.settle()
    before = small_desk.desk.commits.committed_batches
    browser.get(f"/reports?{DAY}")
    browser.get("/reports?from=2026-11-01&to=2026-11-24")
    assert small_desk.desk.commits.committed_batches == before, "no commit for a look"
    shown = text(browser, "/reports/runs")
    assert shown.count('data-testid="run-row"') == 2, "what is not written yet is shown as well"
    small_desk.desk.reports.log.write()
    assert small_desk.desk.commits.committed_batches == before + 1
    with small_desk.desk.database.read() as session:
        first, _ = session.scalars(select(ReportRun).order_by(ReportRun.first_on.desc())).all()
    assert (first.username, first.kind, first.form, first.state) == (
        *("manager1", "operators", "page", "done"),
    )
    assert str(first.first_on) == str(first.last_on) == "2026-11-24"
    assert first.as_of == small_desk.clock.now()
    assert first.asked_at <= first.started_at <= first.ended_at
    assert text(browser, "/reports/runs").count('data-testid="run-row"') == 2
    assert 'data-testid="run-row"' not in text(
        browser, "/reports/runs?before=2026-11-01T00:00:00%2B00:00"
    )
    for bad in ("yesterday", "2026-11-24"):
        assert browser.get(f"/reports/runs?before={bad}").status_code == 400


def test_a_job_the_desk_lost_is_shown_as_interrupted(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "manager1")
    small_desk.report_maker().tell_to_stop()
    reports = small_desk.desk.reports
    begun(browser)
    reports.log.write()
    reports.requests._jobs.clear()
    for queue in reports.requests._queues.values():
        queue.clear()
    assert 'data-state="interrupted"' in text(browser, "/reports/runs")


def test_runs_are_forgotten_after_more_than_a_year(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "manager1")
    browser.get(f"/reports?{DAY}")
    small_desk.desk.reports.log.write()
    small_desk.clock.advance(401 * 86400)
    small_desk.desk.reports.log.write()
    with small_desk.desk.database.read() as session:
        assert session.scalars(select(ReportRun)).all() == []
