"""`/reports/analysis`, `/reports/heat-map`, and the calls behind a line."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import parse_qs

import pytest

from agent_desk.services.lists.workbooks import Workbook
from softphone import protocol
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import Shift, SmallDesk

DAY = "from=2026-11-24&to=2026-11-24"
BEHIND = re.compile(r'href="/reports/analysis/calls\?([^"]+)" data-testid="behind"')


@pytest.fixture
def worked(small_desk: SmallDesk) -> SmallDesk:
    """Two calls at noon: a talk marked contact and valid, and one marked contact only."""
    shift = Shift.begin(small_desk)
    for number, codes in enumerate((("contact", "valid"), ("contact",))):
        call_id = shift.talk() if number == 0 else next_talk(shift)
        for code in codes:
            shift.page.do("mark_status", call_id=call_id, code=code, on=True)
        shift.end(call_id)
        shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
        small_desk.settle()
    return small_desk


def next_talk(shift: Shift) -> str:
    """The operator is available after the result: the next customer comes by itself."""
    shift.alive()
    call_id = shift.placed()
    shift.answer(call_id)
    shift.gateway.tell(protocol.CallBridged(call_id, shift.seat_id, 800))
    shift.desk.settle()
    return call_id


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_b26_weekday_hour_operator_and_list_are_counted_together(worked: SmallDesk) -> None:
    lead = signed_in(worked, "lead1")
    asked = f"{DAY}&by=weekday&by=hour&by=operator&metric=m_attempts&metric=m_valid_rate"
    page = lead.get(f"/reports/analysis?{asked}").get_data(as_text=True)
    assert page.count('data-testid="analysis-row"') == 1
    (header, row) = cells(lead.get(f"/reports/analysis.csv?{asked}").get_data(as_text=True))
    assert header[:4] == ["曜日", "時間帯", "担当者", "架電数"]
    assert row[:5] == ["火", "12時", "operator1", "2", "0.5"]
    assert float(row[5]) == pytest.approx(0.0945, abs=1e-3), "Wilson's interval of 1 of 2"
    assert float(row[6]) == pytest.approx(0.9055, abs=1e-3)


def test_b27_what_a_file_said_is_an_axis_and_its_value_a_filter(worked: SmallDesk) -> None:
    lead = signed_in(worked, "lead1")
    page = lead.get(f"/reports/analysis?{DAY}&by=status").get_data(as_text=True)
    assert page.count('data-testid="analysis-row"') == 2
    narrowed = f"{DAY}&by=operator&only-axis=status&only-value=valid"
    page = lead.get(f"/reports/analysis?{narrowed}").get_data(as_text=True)
    assert page.count('data-testid="analysis-row"') == 1
    assert 'data-testid="filter-off"' in page
    assert 'name="only.status"' in page, "the next question keeps the filter"


def test_from_a_figure_to_the_calls_behind_it(worked: SmallDesk) -> None:
    lead = signed_in(worked, "lead1")
    page = lead.get(f"/reports/analysis?{DAY}&by=status").get_data(as_text=True)
    numbers = {}
    for link in BEHIND.findall(page):
        address = html.unescape(link)
        behind = lead.get(f"/reports/analysis/calls?{address}").get_data(as_text=True)
        told = re.search(r'data-testid="behind-number">該当する通話：(\d+)件', behind)
        assert told is not None
        numbers[parse_qs(address)["only.status"][0]] = int(told[1])
    assert numbers == {"contact": 2, "valid": 1}


def test_b26_the_heat_map_shades_the_hour_and_says_when_cases_are_few(worked: SmallDesk) -> None:
    lead = signed_in(worked, "lead1")
    page = lead.get(f"/reports/heat-map?{DAY}&metric=m_attempts").get_data(as_text=True)
    cell = re.search(
        r'data-weekday="1" data-hour="12" data-level="(\d)"[^>]*>.*?<b>(\d+)</b>', page
    )
    assert cell is not None and cell.groups() == ("9", "2")
    page = lead.get(f"/reports/heat-map?{DAY}&metric=m_valid_rate").get_data(as_text=True)
    assert "data-few" in page and "件数が足りない" in page


def test_a_lead_of_another_team_sees_none_of_it(worked: SmallDesk) -> None:
    other = signed_in(worked, "lead2")
    for path in ("analysis", "heat-map", "analysis/calls"):
        page = other.get(f"/reports/{path}?{DAY}").get_data(as_text=True)
        assert "analysis-row" not in page and "heat-cell" not in page
        assert "operator1" not in page


@pytest.mark.parametrize("path", ["analysis", "heat-map", "analysis/calls", "analysis.csv"])
def test_b30_operators_have_none_of_these_pages(worked: SmallDesk, path: str) -> None:
    operator = signed_in(worked, "operator1")
    assert operator.get(f"/reports/{path}?{DAY}").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        "by=nothing",
        "by=list&by=list",
        "by=list&by=hour&by=day&by=month",
        "metric=m_nothing",
        "only.nothing=x",
        f"only.status={'x' * 201}",
        "by=field:nobody",
        "&".join(
            f"only.{name}=1" for name in ("hour", "day", "list", "team", "line", "vip", "month")
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(worked: SmallDesk, wrong: str) -> None:
    lead = signed_in(worked, "lead1")
    answer = lead.get(f"/reports/analysis?{DAY}&{wrong}")
    assert answer.status_code == 400
    assert "analysis-table" not in answer.get_data(as_text=True)


def test_on_paper_the_heat_map_is_the_shaded_table_with_what_was_asked(worked: SmallDesk) -> None:
    lead = signed_in(worked, "lead1")
    asked = f"{DAY}&metric=m_attempts&campaign={worked.campaign_id}"
    paper = lead.get(f"/reports/heat-map/print?{asked}").get_data(as_text=True)
    spot = re.search(r'data-weekday="1" data-hour="12" data-level="(\d)"[^>]*><b>(\d+)</b>', paper)
    assert spot is not None and spot.groups() == ("9", "2")
    assert paper.count("<table") == 1, "its table is the picture"
    assert "report_operations.css" in paper
    (told,) = re.findall(r'data-testid="print-asked">([^<]*)<', paper)
    assert told == "2026/11/24 · spring"
    day = lead.get("/reports/timeline/print?day=2026-11-24").get_data(as_text=True)
    assert 'data-testid="print-asked">2026/11/24<' in day


def test_a_trend_has_its_days_and_as_many_before(worked: SmallDesk) -> None:
    lead = signed_in(worked, "lead1")
    asked = "from=2026-11-23&to=2026-11-24&metric=m_attempts"
    page = lead.get(f"/reports/trend?{asked}").get_data(as_text=True)
    assert 'data-testid="trend-picture"' in page
    assert 'data-testid="trend-picture"' in lead.get(f"/reports/trend/print?{asked}").get_data(
        as_text=True
    )
    rows = cells(lead.get(f"/reports/trend.csv?{asked}").get_data(as_text=True))
    assert rows[1:] == [
        ["2026-11-23", "2026-11-23", "0", "0", "2026-11-21", "2026-11-21", "0"],
        ["2026-11-24", "2026-11-24", "2", "2", "2026-11-22", "2026-11-22", "0"],
    ]
    other = signed_in(worked, "lead2").get(f"/reports/trend.csv?{asked}").get_data(as_text=True)
    assert [row[2] for row in cells(other)[1:]] == ["0", "0"], "another team's"
    before = cells(
        lead.get("/reports/trend.csv?from=2026-11-25&to=2026-11-25&metric=m_attempts").get_data(
            as_text=True
        )
    )
    assert before[1][4:] == ["2026-11-24", "2026-11-24", "2"]
    ahead = lead.get("/reports/trend.csv?from=2026-11-24&to=2026-11-25&metric=m_attempts")
    to_come = cells(ahead.get_data(as_text=True))[2]
    assert to_come[:4] == ["2026-11-25", "2026-11-25", "", "0"], "not here yet, and not none"
    assert lead.get("/reports/trend?step=year").status_code == 400


def test_a_printout_a_workbook_and_the_heat_map_say_of_which_calls_they_tell(
    worked: SmallDesk,
) -> None:
    lead = signed_in(worked, "lead1")
    asked = f"{DAY}&only.outcome=human&only.hour=12&metric=m_attempts"
    for path in ("analysis/print", "heat-map", "heat-map/print", "trend"):
        page = lead.get(f"/reports/{path}?{asked}").get_data(as_text=True)
        told = re.search(r'data-testid="report-filters">(.*?)</p>', page)
        assert told is not None, path
        assert "時間帯：12時" in told[1] and "発信結果：通話" in told[1], told[1]
    chips = lead.get(f"/reports/analysis?{asked}").get_data(as_text=True)
    assert 'data-testid="report-filters"' not in chips, "it has them as chips, to be taken away"
    whole = lead.get(f"/reports/analysis/print?{DAY}").get_data(as_text=True)
    assert 'data-testid="report-filters"' not in whole
    book = Workbook(io.BytesIO(lead.get(f"/reports/analysis.xlsx?{asked}").get_data()))
    (_, header), *lines = list(book.rows(book.sheets[1]))
    assert header == ["絞り込みの項目", "対象の値"]
    assert ["時間帯", "12時"] in [line for _, line in lines]
    (columns, _) = cells(lead.get(f"/reports/analysis.csv?{asked}").get_data(as_text=True))[:2]
    assert columns[0] == "リスト", "a file for programs is one table"
