"""A closed month: what was told stays, what moved is told beside it, and nothing is overwritten."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.dialer.commands import CloseSeat
from agent_desk.dialer.ids import SeatId
from agent_desk.models.audit import AuditRow
from agent_desk.models.closed_months import ClosedFigures, ClosedMonth
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import month_figures
from agent_desk.services.reports.closed_report import LEAST, _differ
from agent_desk.services.reports.making import SECONDS
from agent_desk.services.reports.pages import text as cell
from agent_desk.services.seat.corrections import Corrector, Wanted
from agent_desk.store.invariants import closed_months as invariant
from agent_desk.store.reports.figures import FunnelCounts
from agent_desk.store.reports.operator_rows import OperatorRow
from softphone import protocol
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import Shift

MONTH = "from=2026-11-01&to=2026-11-30"
DECEMBER = instant_of(date(2026, 12, 1), 0)


def call(shift: Shift, *codes: str, stays: bool = False) -> str:
    """A minute's call with these statuses, wrapped up in 20 s; its id."""
    call_id = shift.available()
    shift.answer(call_id)
    shift.gateway.tell(protocol.CallBridged(call_id, shift.seat_id, 800))
    shift.desk.clock.advance(60)
    for code in codes:
        shift.page.do("mark_status", call_id=call_id, code=code, on=True)
    shift.end(call_id)
    shift.desk.clock.advance(20)
    shift.alive()
    shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    if not stays:
        leave(shift)
    return call_id


def leave(shift: Shift) -> None:
    """Off the shift: no time is counted any more."""
    assert shift.desk.desk.commits.submit(CloseSeat(SeatId(shift.seat_id), "logout")).ok
    shift.desk.settle()


def correct(shift: Shift, call_id: str, *codes: str, based_on: int = 1) -> None:
    """A lead's correction."""
    who = shift.desk.person("lead1")
    lead = Corrector(who.user_id, who.username, who.role, who.teams)
    wanted = Wanted(based_on=based_on, codes=frozenset(codes), reason="録音で確認しました")
    shift.desk.desk.paper.corrections.correct(lead, call_id, wanted, command_id=None)
    shift.desk.settle()


def december(shift: Shift, seconds: float = 0.0) -> None:
    """The month is over."""
    shift.desk.clock.advance((DECEMBER - shift.desk.clock.now()).total_seconds() + seconds)


def page(browser: Browser, query: str = MONTH, path: str = "/reports") -> str:
    answer = browser.get(f"{path}?{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def lines(
    browser: Browser, query: str = MONTH, path: str = "/reports/operators.csv"
) -> list[list[str]]:
    text = page(browser, query, path)
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def figure(html: str, code: str) -> str:
    """What the page says of operator1."""
    row = html.split('data-testid="agent-row" data-agent="operator1"')[1].split("</tr>")[0]
    found = re.search(rf'data-column="{code}"[^>]*>([^<]*)', row)
    assert found is not None
    return found[1]


def restated(html: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """(whose, which) → closed, now, difference, as the page tells them."""
    rows = re.findall(
        r'data-testid="restated" data-agent="([^"]*)" data-figure="([^"]*)">.*?<td>([^<]*)</td>'
        r'.*?data-part="closed">([^<]*)<.*?data-part="now">([^<]*)<.*?data-part="change">([^<]*)<',
        html,
        re.DOTALL,
    )
    return {(who, name): (closed, now, change) for who, _, name, closed, now, change in rows}


def late(html: str) -> dict[str, int]:
    return {kind: int(n) for kind, n in re.findall(r'data-late="(\w+)">[^<]*<b>([\d,]+)</b>', html)}


@pytest.fixture
def closed(each_shift: Shift) -> tuple[Shift, str, Browser]:
    """November with one valid call, closed on the first of December; the call and a manager."""
    call_id = call(each_shift, "contact", "valid")
    december(each_shift, 9 * 3600)
    manager = signed_in(each_shift.desk, "manager1")
    assert manager.post("/reports/months/close", {"month": "2026-11"}).status_code == 303
    return each_shift, call_id, manager


def test_a_closed_month_stays_as_it_was_told_and_the_difference_is_beside_it(
    closed: tuple[Shift, str, Browser],
) -> None:
    shift, call_id, manager = closed
    before = page(manager)
    assert (
        'data-testid="closing" data-month="2026-11" data-version="1" data-shown="closed"' in before
    )
    assert "manager1" in before.split('id="closing-title"')[1].split("</h2>")[0]
    assert 'data-testid="no-restatement"' in before
    assert set(late(before).values()) == {0}
    assert figure(before, "valid") == "1"

    correct(shift, call_id, "contact")
    after = page(manager)
    assert figure(after, "valid") == "1", "what was told stays"
    told = restated(after)
    assert told["operator1", "valid"] == ("1", "0", "−1")
    assert told["", "valid"] == ("1", "0", "−1"), "of all, and of the funnel"
    assert ("operator1", "通話") not in told, "what did not move is not told"
    assert late(after)["results"] == 1
    assert late(after)["marks"] >= 1
    assert "訂正された通話 1件" in after.split('class="as-of"')[1].split("</p>")[0]

    now = page(manager, f"{MONTH}&figures=now")
    assert 'data-shown="now"' in now
    assert figure(now, "valid") == "0"
    assert restated(now) == told


def test_files_say_what_the_page_says(closed: tuple[Shift, str, Browser]) -> None:
    shift, call_id, manager = closed
    correct(shift, call_id, "contact")
    rows = lines(manager)
    (own,) = [row for row in rows if row[:1] == ["operator1"] and len(row) > 10]
    assert own[rows[0].index("valid")] == "1"
    (head,) = [place for place, row in enumerate(rows) if row[:1] == ["月"]]
    assert rows[head + 1][:2] == ["2026-11", "1"]
    assert rows[head + 1][rows[head].index("訂正された結果")] == "1"
    moved = [row for row in rows if row[:1] == ["operator1"] and len(row) == 7]
    assert ["operator1", "Sato", "valid", "1", "0", "-1", "件"] in [
        [row[0], "Sato", *row[2:]] for row in moved
    ]
    now = lines(manager, f"{MONTH}&figures=now")
    (own,) = [row for row in now if row[:1] == ["operator1"] and len(row) > 10]
    assert own[now[0].index("valid")] == "0"


def test_a_restatement_is_a_new_version_and_so_is_taking_it_back(
    closed: tuple[Shift, str, Browser],
) -> None:
    shift, call_id, manager = closed
    correct(shift, call_id, "contact")
    asked = {"of": "2026-11.1", "version": "", "reason": ""}
    assert manager.post("/reports/months/restate", asked).status_code == 400, "it needs a reason"
    asked["reason"] = "録音監査の結果"
    assert manager.post("/reports/months/restate", asked).status_code == 303
    assert manager.post("/reports/months/restate", asked).status_code == 409, "read it first"
    second = page(manager)
    assert 'data-version="2" data-shown="closed"' in second
    assert figure(second, "valid") == "0"
    assert 'data-testid="no-restatement"' in second
    assert late(second)["results"] == 0, "it is in these figures"
    back = {"of": "2026-11.2", "version": "1", "reason": "監査が取り消された"}
    assert manager.post("/reports/months/restate", back).status_code == 303
    third = page(manager)
    assert 'data-version="3"' in third
    assert figure(third, "valid") == "1"
    history = third.split('data-testid="closing-history"')[1].split("</ul>")[0]
    assert re.findall(r'data-version="(\d)"', history) == ["3", "2", "1"]
    assert "録音監査の結果" in history
    assert "監査が取り消された" in history
    with shift.desk.desk.database.read() as session:
        rows = session.execute(
            select(AuditRow.actor, AuditRow.action).where(AuditRow.subject == "month:2026-11")
        ).all()
        assert [tuple(row) for row in rows] == [
            ("manager1", "month.closed"),
            ("manager1", "month.restated"),
            ("manager1", "month.returned"),
        ]
    versions = page(manager, "", "/reports/months")
    assert versions.count("2026-11</td>") == 3


def test_whoever_touches_a_closed_figure_is_found_by_the_audit(
    closed: tuple[Shift, str, Browser],
) -> None:
    shift, call_id, manager = closed
    database = shift.desk.desk.database

    def found() -> list[str]:
        with database.read() as session:
            return [each.text for each in invariant.closed_figures_hold(session, None)]  # type: ignore[arg-type]

    assert found() == []
    changed = month_figures.packed([OperatorRow(1, "operator1", "Sato", calls=99)], {})
    with database.write() as session:
        was = session.scalars(
            select(ClosedFigures.figures).order_by(ClosedFigures.campaign_id)
        ).first()
        session.execute(
            update(ClosedFigures).where(ClosedFigures.campaign_id == 0).values(figures=changed)
        )
    assert found() == ["a closed month is not what it was when it was closed"]
    with database.write() as session:
        session.execute(
            update(ClosedFigures).where(ClosedFigures.campaign_id == 0).values(figures=was)
        )
    assert found() == []
    with database.write() as session:
        session.execute(update(ClosedMonth).values(reason="wrong"))
    assert found() == ["a closed month is not what it was when it was closed"]
    with database.write() as session:
        session.execute(delete(ClosedFigures))
        session.execute(delete(ClosedMonth))
    assert found() == ["a version of a closed month is gone"]


@pytest.mark.parametrize(
    ("path", "inside", "outside"),
    [
        ("/reports/calls", "day=2026-11-24", "day=2026-12-01"),
        ("/reports/satisfaction/voices", MONTH, "from=2026-12-01&to=2026-12-01"),
        ("/reports/satisfaction/voices", "call={call}", "from=2026-12-01&to=2026-12-01"),
    ],
)
def test_pages_the_desk_draws_itself_say_that_the_month_is_closed(
    closed: tuple[Shift, str, Browser], path: str, inside: str, outside: str
) -> None:
    shift, call_id, manager = closed
    note = 'data-testid="to-closed" data-month="2026-11" data-version="{}" data-kind="{}"'
    query = inside.format(call=call_id)
    assert note.format(1, "closed") in page(manager, query, path)
    assert "to-closed" not in page(manager, outside, path)
    correct(shift, call_id, "contact")
    asked = {"of": "2026-11.1", "version": "", "reason": "録音監査の結果"}
    assert manager.post("/reports/months/restate", asked).status_code == 303
    assert note.format(2, "restated") in page(manager, query, path)


def test_everybody_sees_their_part_of_a_closed_month(closed: tuple[Shift, str, Browser]) -> None:
    shift, call_id, _ = closed
    correct(shift, call_id, "contact")
    lead, stranger = signed_in(shift.desk, "lead1"), signed_in(shift.desk, "lead2")
    theirs = page(lead)
    assert figure(theirs, "valid") == "1"
    assert restated(theirs)["operator1", "valid"] == ("1", "0", "−1")
    assert late(theirs)["results"] == 1
    assert "payments" not in late(theirs), "payments are no team's"
    others = page(stranger)
    assert 'data-testid="closing"' in others
    assert "operator1" not in others.split('data-part="report"')[1]
    assert late(others)["results"] == 0
    own = page(signed_in(shift.desk, "operator1"), MONTH, "/reports/me")
    assert 'data-shown="closed"' in own
    assert re.search(r'data-column="valid">.*?<dd>1</dd>', own, re.DOTALL)
    assert restated(own) == {("operator1", "valid"): ("1", "0", "−1")}
    nobody = page(signed_in(shift.desk, "operator2"), MONTH, "/reports/me")
    assert "operator1" not in nobody.split('data-part="report"')[1]
    assert late(nobody)["results"] == 0
    campaign = page(lead, f"{MONTH}&campaign={shift.desk.campaign_id}")
    assert figure(campaign, "valid") == "1"
    for path in ("close", "restate", "day"):
        assert lead.post(f"/reports/months/{path}", {}).status_code == 403
    assert lead.get("/reports/months").status_code == 403


def test_a_call_over_the_midnight_of_the_month_is_shared_and_stays(each_shift: Shift) -> None:
    shift, clock = each_shift, each_shift.desk.clock
    leave(shift)
    december(shift, -12 * 3600)
    shift = Shift.begin(shift.desk)
    call_id = shift.talk()
    before = int((DECEMBER - clock.now()).total_seconds())
    december(shift, 50)
    shift.alive()
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    leave(shift)
    clock.advance(9 * 3600)
    manager = signed_in(shift.desk, "manager1")
    with pytest.raises(ServiceError, match="month-not-over"):
        shift.desk.desk.reports.months.close("2026-12", actor="manager1")
    assert manager.post("/reports/months/close", {"month": "2026-11"}).status_code == 303
    html = page(manager)
    assert figure(html, "calls") == "1"
    assert figure(html, "talk_s") == cell(float(before), SECONDS, locale="ja"), "until midnight"
    correct(shift, call_id, "contact")
    assert late(page(manager))["results"] == 1, "the attempt is November's"
    december_only = page(manager, "from=2026-12-01&to=2026-12-31")
    assert figure(december_only, "talk_s") == "0:00:50"
    assert 'data-testid="closing"' not in december_only, "that month is open"


def _away(*_: object, **__: object) -> None:
    raise ServiceError("report-away")


def test_the_clock_closes_the_month_before_from_its_day_on(
    each_shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift, months = each_shift, each_shift.desk.desk.reports.months
    call(shift, "contact", "valid")
    manager = signed_in(shift.desk, "manager1")
    page(manager)  # what makes reports has begun
    asked = {"day": "3", "base": "0"}
    assert manager.post("/reports/months/day", asked).status_code == 303
    assert manager.post("/reports/months/day", asked).status_code == 409
    assert manager.post("/reports/months/day", {"day": "29", "base": "1"}).status_code == 400
    december(shift)
    assert not months.step(), "the first is not the third"
    shift.desk.clock.advance(2 * 86400 - 1)
    assert not months.step()
    shift.desk.clock.advance(1)
    with monkeypatch.context() as without:
        without.setattr(shift.desk.desk.reports.requests, "ask", _away)
        assert not months.step(), "nobody makes reports at the moment"
    assert months.step()
    assert not months.step(), "once"
    standing = months.standing()
    assert [each.made_by for each in standing.closed["2026-11"]] == ["desk"]
    assert "2026-11" not in standing.open
    assert standing.open[0] == "2026-10"


def notes(html: str) -> list[tuple[str, ...]]:
    """(month, version, kind, where it leads) of every closed month the page speaks of."""
    return re.findall(
        r'<a href="([^"]*)" data-testid="to-closed" data-month="([^"]*)" data-version="(\d+)"'
        r' data-kind="(\w+)">',
        html,
    )


OCTOBER = ("/reports?from=2026-10-01&amp;to=2026-10-31", "2026-10", "1", "closed")
NOVEMBER = ("/reports?from=2026-11-01&amp;to=2026-11-30", "2026-11", "1", "closed")


def test_days_that_are_no_whole_month_say_that_one_of_them_is_closed(
    closed: tuple[Shift, str, Browser],
) -> None:
    shift, call_id, manager = closed
    correct(shift, call_id, "contact")
    html = page(manager, "from=2026-11-20&to=2026-11-30")
    assert notes(html) == [NOVEMBER]
    assert figure(html, "valid") == "0", "the figures are those of now"
    assert manager.post("/reports/months/close", {"month": "2026-11"}).status_code == 409
    assert manager.post("/reports/months/close", {"month": "2026-13"}).status_code == 404
    assert notes(page(manager)) == [], "its own page tells the closed figures themselves"


NOTED = {
    "/reports/analysis": MONTH,
    "/reports/heat-map": MONTH,
    "/reports/dialer": MONTH,
    "/reports/dialer/print": MONTH,
    "/reports/promises": "from=2026-11-20&to=2026-12-10",
    "/reports/compliance": MONTH,
    "/reports/hang-ups": MONTH,
    "/reports/costs": MONTH,
    "/reports/timeline": "day=2026-11-24",
    "/reports/scores": "weeks=4",
    "/reports/comparison": "from=2026-12-01&to=2026-12-01&before_from=2026-11-24"
    "&before_to=2026-11-24",
    # Beside the days asked for they tell as many before.
    "/reports/trend": "from=2026-12-01&to=2026-12-01",
    "/reports/satisfaction": "from=2026-12-01&to=2026-12-01",
}


def test_every_report_of_a_closed_months_days_says_so_and_leads_to_its_figures(
    closed: tuple[Shift, str, Browser],
) -> None:
    _, _, manager = closed
    for path, query in NOTED.items():
        html = page(manager, query, path)
        assert notes(html) == [NOVEMBER], path
        assert "2026-11（第1版、2026-12-01 09:00 締め）" in html, path
    assert notes(page(manager, "from=2026-12-01&to=2026-12-01", "/reports/dialer")) == []
    again = {"of": "2026-11.1", "version": "", "reason": "振込の反映漏れ"}
    assert manager.post("/reports/months/restate", again).status_code == 303
    restated = [(*NOVEMBER[:2], "2", "restated")]
    assert notes(page(manager, MONTH, "/reports/dialer")) == restated
    assert manager.post("/reports/months/close", {"month": "2026-10"}).status_code == 303
    over = page(manager, "from=2026-10-01&to=2026-11-30", "/reports/dialer")
    assert notes(over) == [OCTOBER, *restated]
    assert notes(page(manager)) == [OCTOBER], "of the days before, whose funnel is beside it"


def test_an_operator_is_led_to_their_own_figures_of_the_closed_month(
    closed: tuple[Shift, str, Browser],
) -> None:
    operator = signed_in(closed[0].desk, "operator1")
    (told,) = notes(page(operator, "day=2026-11-24", "/reports/timeline"))
    assert told[0] == "/reports/me?from=2026-11-01&amp;to=2026-11-30"
    assert 'data-shown="closed"' in page(operator, MONTH, "/reports/me")


def test_other_systems_are_told_the_closed_figures_and_that_they_are(
    closed: tuple[Shift, str, Browser],
) -> None:
    shift, call_id, manager = closed
    correct(shift, call_id, "contact")

    def told(query: str) -> tuple[object, int]:
        answer = manager.get(f"/api/v1/reports/operators?{query}").get_json()
        (row,) = answer["operators"]
        return answer["closed"], row["codes"].get("valid", 0)

    version = {"month": "2026-11", "version": 1, "kind": "closed"}
    assert told(MONTH) == ({**version, "shown": "closed"}, 1)
    assert told(f"{MONTH}&figures=now") == ({**version, "shown": "now"}, 0)
    assert told("from=2026-11-20&to=2026-11-30") == (None, 0)


def test_a_workbook_has_a_sheet_on_closed_months_and_a_csv_its_own_lines_only(
    closed: tuple[Shift, str, Browser],
) -> None:
    _, _, manager = closed
    data = manager.get(f"/reports/hang-ups.xlsx?{MONTH}").data
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheets = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/"))
        assert "<t>2026-11</t>" in book.read(sheets[-1]).decode()
    told = lines(manager, MONTH, "/reports/hang-ups.csv")
    assert told and [] not in told, "programs read its one table"


def test_figures_come_back_to_the_last_digit() -> None:
    row = OperatorRow(
        7, "a", "b", login_s=1.1 + 2.2, codes={"x": 1}, away_by={"break": 0.1}, paid_s=None
    )
    funnels = {3: FunnelCounts(5, 4, 3, {"x": 1}), 4: FunnelCounts(1, 0, 0, {})}
    assert month_figures.unpacked(month_figures.packed([row], funnels)) == ([row], funnels)
    assert month_figures.together(funnels, {3}).attempts == 5
    assert month_figures.together(funnels).attempts == 6


def test_a_month_is_its_days() -> None:
    first, last = month_figures.days_of("2028-02")
    assert (last - first) == timedelta(days=28), "a leap year"
    assert month_figures.month_of(first, last) == "2028-02"
    assert month_figures.month_of(first, last - timedelta(days=1)) is None
    assert month_figures.before("2027-01") == "2026-12"
    assert _differ(1.0, 1.0 + 2 * LEAST)
    assert not _differ(1.0, 1.0 + LEAST / 2)
    assert _differ(None, 0.0)
