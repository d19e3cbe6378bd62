"""Timeline, promises, compliance and dialer as they are made beside the desk: page and file."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from agent_desk.catalogue import catalogue
from agent_desk.dialer.outcomes import Q850_CAUSES, SIP_CODES
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import (
    compliance_report,
    dialer_report,
    files,
    pages,
    promises_report,
    timeline_report,
)
from agent_desk.services.reports.compliance_report import rule_name
from agent_desk.services.reports.making import Asked, Ground, Made, Maker
from agent_desk.services.reports.timeline_picture import draw
from agent_desk.services.reports.timelines import timeline
from agent_desk.store.campaigns import campaigns
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.services.reports.test_compliance_figures import verdict
from tests.agent_desk.services.reports.test_dialer_figures import abandoned, ended, talked
from tests.agent_desk.services.reports.test_promises_kept import DUE, LONG_AFTER, promise, seven
from tests.agent_desk.services.reports.test_timelines import a_shift
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER, add_entries, at, small_centre

DAY = date(2026, 11, 24)
DAYS = {"from": "2026-11-24", "to": "2026-11-24"}


@pytest.fixture
def story(database: Database) -> Story:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 20)
    return Story(database, centre)


def asked(**more) -> Asked:
    values = {
        "kind": "any",
        "params": DAYS,
        "teams": None,
        "user_id": None,
        "username": "manager1",
        "locale": "ja",
        "now": at(86_400),
    }
    return Asked(**(values | more))


def made(story: Story, make: Maker, wanted: Asked) -> Made:
    return make(wanted, Ground(story.database, SEALER, Path("facts")))


def page(story: Story, make: Maker, wanted: Asked) -> str:
    return pages.fragment(made(story, make, wanted), wanted).decode()


def test_b28_an_operator_is_shown_their_own_day_and_nobody_elses(story: Story) -> None:
    a_shift(story)
    story.available("operator2", at(5))
    users = story.centre.users
    own = asked(params={"day": "2026-11-24"}, user_id=users["operator2"])
    whoever = asked(
        params={"day": "2026-11-24", "person": str(users["operator1"])}, user_id=users["operator2"]
    )
    for wanted in (own, whoever):
        assert 'data-person="operator1"' not in page(story, timeline_report.make, wanted)
        assert 'data-person="operator2"' in page(story, timeline_report.make, wanted)
        people = made(story, timeline_report.make, wanted).tables[0]
        assert [row[0] for row in people.rows] == ["operator2"]


def test_a_lead_is_shown_the_teams_and_no_other_team(story: Story) -> None:
    a_shift(story)
    mine = asked(params={"day": "2026-11-24"}, teams=frozenset({story.centre.team_id}))
    others = asked(params={"day": "2026-11-24"}, teams=frozenset({99}))
    assert 'data-testid="timeline-lane"' in page(story, timeline_report.make, mine)
    assert "この日の記録はありません" in page(story, timeline_report.make, others)


def test_b28_the_timeline_as_a_page_and_as_a_file(story: Story, tmp_path: Path) -> None:
    call_id = a_shift(story)
    wanted = asked(params={"day": "2026-11-24", "limit": "1"})
    html = page(story, timeline_report.make, wanted)
    assert html.count('class="lane-talking" x=') == 2  # before and after the hold
    assert "<title>離席中 休憩 12:01:40〜12:02:40（0:01:00）</title>" in html
    assert f"/reports/calls?day=2026-11-24&amp;call={call_id}" in html
    assert timeline_report.cause("SaveResult", "ja") == "応対結果の保存"
    assert timeline_report.cause("test", "ja") == "test"  # a code without words
    path = tmp_path / "timeline.csv"
    files.write(made(story, timeline_report.make, wanted), wanted, files.CSV_UTF8, path)
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    people, stays, calls = (rows[start : start + 2] for start in (0, 3, 14))
    assert people[0][:3] == ["ユーザー名", "氏名", "ログイン（秒）"]
    assert people[1][:9] == ["operator1", "operator1", *map(str, (220.0, 0.0, 10.0, 45.0))] + [
        "15.0",
        "30.0",
        "120.0",
    ]
    assert stays[0][2:6] == ["開始", "終了", "時間（秒）", "状態"]
    assert calls[1][0] == "operator1" and calls[1][-1] == call_id


def test_a_picture_of_many_has_one_path_for_each_state(story: Story) -> None:
    a_shift(story)
    with story.database.read() as session:
        day = timeline(session, DAY, now=at(86_400), teams=None, limit_s=300.0)
    (lane,) = draw(day, each_stay=False).lanes
    assert set(lane.paths) == {"available", "talking", "hold", "wrap_up", "away"}
    assert lane.bars == ()
    # Ten seconds of an hour that is a thousand units wide, from noon on.
    assert lane.paths["available"] == "M0.0 13h2.8v9h-2.8z"
    (whole,) = draw(day, each_stay=True).lanes
    assert [(bar.x, bar.width) for bar in whole.bars][:2] == [(0.0, 2.78), (2.78, 5.56)]
    assert draw(day, each_stay=True).ticks == [(12, 0.0), (13, 1000.0)]


def test_promises_as_a_page_with_the_way_to_each_call(story: Story) -> None:
    seven(story)
    wanted = asked(
        params={"from": DUE.isoformat(), "to": DUE.isoformat(), "by": "operator"},
        now=at(86_400 * (LONG_AFTER - DAY).days),
    )
    report = made(story, promises_report.make, wanted)
    sums, lines = report.tables
    assert sums.total is not None
    assert sums.total[1:11] == [6, 0, 6, 3, 1, 2, 0.5, 50_000, 22_000, 0.44]
    assert len(lines.rows) == 7
    html = pages.fragment(report, wanted).decode()
    assert html.count('data-testid="to-call"') == 7
    assert f"/reports/calls?day=2026-11-24&amp;call={lines.rows[0][-1]}" in html
    assert "50.0%" in html and "44.0%" in html


def test_on_paper_each_picture_stands_above_the_tables_it_says_again(story: Story) -> None:
    """Timelines, outcomes, promises: the picture of the page, and every table below it."""
    seven(story)
    a_shift(story)
    due = {"from": DUE.isoformat(), "to": DUE.isoformat()}
    later = at(86_400 * (LONG_AFTER - DAY).days)
    for make, wanted, picture in (
        (timeline_report.make, asked(params={"day": "2026-11-24"}), "timeline-lane"),
        (dialer_report.make, asked(), "outcome-bar"),
        (promises_report.make, asked(params=due, now=later), "promise-share"),
    ):
        report = made(story, make, wanted)
        drawn = f'data-testid="{picture}"'
        paper = pages.print_view(report, wanted).decode()
        assert 0 < paper.index(drawn) < paper.index('class="print-table"'), picture
        assert paper.count(drawn) == pages.fragment(report, wanted).decode().count(drawn), picture
        assert paper.count('class="print-table"') == len(report.tables), picture


def test_more_promises_than_a_page_shows_are_all_in_the_file(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promises_report, "SHOWN", 2)
    for _ in range(3):
        promise(story, [(DUE, 1_000, "open")])
    wanted = asked(params={"from": DUE.isoformat(), "to": DUE.isoformat()})
    report = made(story, promises_report.make, wanted)
    html = pages.fragment(report, wanted).decode()
    assert html.count('data-testid="to-call"') == 2 and "ほか1件" in html
    assert len(report.tables[1].rows) == 3


@pytest.mark.parametrize("params", [{"by": "name"}, {"share": "70"}, {"operator": "x"}])
def test_what_cannot_be_asked_of_promises_is_refused(story: Story, params: dict[str, str]) -> None:
    with pytest.raises(ServiceError, match="bad-payload"):
        made(story, promises_report.make, asked(params=DAYS | params))


def test_a50_a_clean_days_page_says_so_and_has_no_table(story: Story) -> None:
    report = made(story, compliance_report.make, asked())
    assert (report.tables, report.row_count) == ([], 0)
    html = pages.fragment(report, asked()).decode()
    assert 'data-clean="yes"' in html and "<table" not in html


def test_a50_the_page_names_rules_and_calls(story: Story) -> None:
    verdict(story, 2, "R10", when=at(10))
    abandoned(story, at(20))
    report = made(story, compliance_report.make, asked())
    assert [table.title for table in report.tables] == [
        "comply.rules",
        "comply.breaches",
        "comply.over_limit",
    ]
    assert report.tables[0].rows == [["R10", "1日の架電回数の上限", "spring", 2, 0]]
    html = pages.fragment(report, asked()).decode()
    assert 'data-clean="no"' in html and "放棄呼にアナウンスが流れなかった" in html
    english = pages.fragment(report, asked(locale="en")).decode()
    assert "Blocked and overridden, by rule" in english


def test_the_dialers_page_says_codes_in_words(story: Story) -> None:
    talked(story, at(0), 0.7)
    abandoned(story, at(100))
    ended(story, "busy", at(200), sip_code=486, q850=17)
    wanted = asked(params=DAYS | {"by": "campaign", "and": "hour"})
    figures, windows, outcomes, causes = made(story, dialer_report.make, wanted).tables
    assert figures.rows == [["spring", "12時台", 3, 2, 2 / 3, 2, 1, 1, 0.5, *[700] * 3, *[300] * 3]]
    assert windows.rows == [["spring", 2, 1, 0.5, 2, 1, 0.5, 0.01]]
    assert outcomes.total == ["合計", 3, 1, 1, 1]
    assert causes.rows == [["486", "話し中", "17", "話し中", "話し中", 1]]
    html = page(story, dialer_report.make, wanted)
    assert 'data-testid="over-limit"' in html
    assert html.count("<title>") == 3  # one for each outcome


def test_axes_are_named_once_and_only_those_there_are(story: Story) -> None:
    ended(story, "busy", at(1), sip_code=486)
    twice = asked(params=DAYS | {"by": "trunk", "and": "trunk"})
    assert made(story, dialer_report.make, twice).tables[0].rows[0][:2] == ["trunk1", 1]
    with pytest.raises(ServiceError, match="bad-payload"):
        made(story, dialer_report.make, asked(params=DAYS | {"by": "mood"}))


@pytest.mark.parametrize("make", [promises_report.make, compliance_report.make, dialer_report.make])
def test_b30_an_operator_is_shown_no_report_about_others(story: Story, make: Maker) -> None:
    with pytest.raises(ServiceError, match="not-in-scope"):
        made(story, make, asked(user_id=1))


def test_every_code_the_outcomes_know_has_words() -> None:
    for locale in ("ja", "en"):
        assert all(dialer_report.sip_words(code, locale) for code in SIP_CODES)
        assert all(dialer_report.q850_words(code, locale) for code in Q850_CAUSES)
    assert dialer_report.sip_words(799, "ja") == dialer_report.q850_words(None, "ja") == ""


def test_every_rule_that_blocks_says_what_it_is_about() -> None:
    forbidden = {key.removeprefix("forbidden.") for key in catalogue("ja") if "forbidden." in key}
    for rule_id in forbidden - {"other"}:
        assert rule_name(rule_id, "ja") and rule_name(rule_id, "en"), rule_id
    assert rule_name("R99", "ja") == ""


def test_practice_has_a_shade_of_its_own(story: Story) -> None:
    with story.database.write() as session:
        practice = campaigns.add_campaign(
            session,
            at=at(),
            name="practice",
            kind="sales",
            product_id=story.centre.product_id,
            training=True,
        )
    story.centre.campaign_id = practice
    story.available("operator1", at())
    story.write(story.seat("operator1", "offline", at(600), from_state="available"))
    html = page(story, timeline_report.make, asked(params={"day": "2026-11-24"}))
    assert 'class="lane-practised" x=' in html
