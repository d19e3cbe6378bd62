"""Figures for managers: those of the pages, within scope, inert in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.seat_moves import SeatMove
from agent_desk.services.reports.figures import Report, csv_text
from softphone import protocol
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.services.reports import rows_now
from tests.agent_desk.small_desk import BORN, Shift, SmallDesk

TODAY = date(2026, 11, 24)


def worked(shift: Shift) -> None:
    """One call talked for a minute with a hold, marked, promised, wrapped up in 20 s."""
    clock, page = shift.desk.clock, shift.page
    shift.alive()
    page.do("go_available")
    clock.advance(2)
    shift.alive()
    call_id = shift.placed()
    clock.advance(3)
    shift.alive()
    shift.answer(call_id)
    shift.gateway.tell(protocol.CallBridged(call_id, "operator1", 800))
    clock.advance(40)
    page.do("hold", on=True)
    clock.advance(20)
    page.do("hold", on=False)
    page.do("check_identity", call_id=call_id, answer=BORN)
    page.do("mark_status", call_id=call_id, code="contact", on=True)
    page.do("mark_status", call_id=call_id, code="valid", on=True)
    page.do("set_promise", call_id=call_id, due_on="2026-11-30", amount_yen=5000)
    shift.end(call_id)
    clock.advance(20)
    shift.alive()
    page.do("save_result", call_id=call_id, note="")
    shift.desk.settle()


def report(
    shift: Shift,
    first: date = TODAY,
    last: date = TODAY,
    *,
    campaign_id: int | None = None,
    teams: frozenset[int] | None = None,
) -> Report:
    return rows_now.report(shift.desk, first, last, campaign_id=campaign_id, teams=teams)


def test_a_day_is_what_the_page_of_the_operator_showed(each_shift: Shift) -> None:
    worked(each_shift)
    metrics = each_shift.page.follow()["metrics"]
    (row,) = [row for row in report(each_shift).rows if row.username == "operator1"]
    assert (row.talk_s, row.hold_s, row.wrap_s, row.calls) == (40.0, 20.0, 20.0, 1)
    assert row.talk_avg_s == 60.0, "the customer was on the line while on hold"
    assert (metrics["talk_s"], metrics["hold_s"], metrics["wrap_s"]) == (40.0, 20.0, 20.0)
    assert metrics["idle_s"] == row.idle_s
    assert row.codes == metrics["codes"] == {"contact": 1, "payment_date": 1, "valid": 1}
    assert (row.promises, metrics["promises"]) == (1, 1)


def test_the_funnel_narrows_step_by_step(each_shift: Shift) -> None:
    worked(each_shift)
    funnel = report(each_shift).funnel
    assert [(step.code, step.count) for step in funnel[:3]] == [
        ("attempts", funnel[0].count),
        ("answered", 1),
        ("bridged", 1),
    ]
    assert [step.code for step in funnel[3:]] == ["contact", "valid", "payment_date"]
    assert [step.count for step in funnel[3:]] == [1, 1, 1]
    assert funnel[0].rate_prev is None
    assert funnel[2].rate_prev == 1.0
    assert funnel[2].rate_first == 1 / funnel[0].count


def logged(shift: Shift) -> dict[str, float]:
    """Seconds per state, and per reason to be away, added up interval by interval from the log."""
    with shift.desk.desk.database.read() as session:
        moves = session.scalars(select(SeatMove).order_by(SeatMove.at, SeatMove.id)).all()
    assert moves[0].from_state == "offline" and {move.seat_id for move in moves} == {"operator1"}
    joined = list(pairwise(moves))
    assert all(before.to_state == after.from_state for before, after in joined), "no gap"
    ends = [after.at for _, after in joined] + [shift.desk.clock.now()]
    spent: dict[str, float] = defaultdict(float)
    for move, end in zip(moves, ends, strict=True):
        seconds = (end - move.at).total_seconds()
        spent[move.to_state] += seconds
        spent["logged in"] += seconds
        if move.to_state == "away":
            spent[f"away: {move.reason}"] += seconds
    assert spent["logged in"] == pytest.approx((ends[-1] - moves[0].at).total_seconds(), abs=1e-6)
    return spent


def test_b28_away_and_at_work_are_seen_live_with_reasons_and_kept_without_a_gap(
    each_shift: Shift,
) -> None:
    shift, clock = each_shift, each_shift.desk.clock
    lead = shift.desk.page("lead1", "/floor")
    reasons = {"break": 300.25, "meeting": 120.5, "training": 60.0}
    for reason, seconds in reasons.items():
        shift.page.do("go_away", reason=reason)
        live = lead.follow()["seats"]["operator1"]
        assert (live["state"], live["reason"]) == ("away", reason)
        clock.advance(seconds)
        shift.alive()
    worked(shift)
    assert lead.follow()["seats"]["operator1"]["reason"] is None
    shift.page.do("go_away", reason="break")
    clock.advance(7.75)
    shift.desk.settle()
    log = logged(shift)
    (row,) = [row for row in report(shift).rows if row.username == "operator1"]
    told = {
        "starting": row.starting_s,
        "talking": row.talk_s,
        "hold": row.hold_s,
        "wrap_up": row.wrap_s,
        "away": row.away_s,
        "logged in": row.login_s,
        **{f"away: {reason}": seconds for reason, seconds in row.away_by.items()},
    }
    exact = {name: pytest.approx(log[name], abs=1e-6) for name in told}
    assert told == exact
    assert row.idle_s == pytest.approx(log["available"] + log["reserved"], abs=1e-6)
    assert set(row.away_by) == set(reasons) and row.away_by["break"] == pytest.approx(308.0)
    parts = (row.starting_s, row.idle_s, row.talk_s, row.hold_s, row.wrap_s, row.away_s)
    assert sum(parts) == pytest.approx(row.login_s, abs=1e-6)
    assert sum(row.away_by.values()) == pytest.approx(row.away_s, abs=1e-6)


def test_b28_the_history_names_the_reasons_on_the_page_in_the_file_and_to_oneself(
    shift: Shift,
) -> None:
    for reason, seconds in (("break", 300), ("meeting", 90)):
        shift.page.do("go_away", reason=reason)
        shift.desk.clock.advance(seconds)
    worked(shift)
    browser = signed_in(shift.desk, "manager1")
    asked = "from=2026-11-24&to=2026-11-24"
    page = browser.get(f"/reports?{asked}").get_data(as_text=True)
    own = signed_in(shift.desk, "operator1").get("/people/operator1").get_data(as_text=True)
    for shown in (page[page.index('data-agent="operator1"') :], own):
        assert 'data-away="break" data-seconds="300.0">休憩 0:05:00' in shown
        assert 'data-away="meeting" data-seconds="90.0">会議 0:01:30' in shown
    file = browser.get(f"/reports/operators.csv?{asked}").get_data(as_text=True)
    (told,) = [
        row
        for row in csv.DictReader(io.StringIO(file.removeprefix("\ufeff")))
        if row["離席（秒）"] != "0.0"
    ]
    assert (told["離席：休憩（秒）"], told["離席：会議（秒）"]) == ("300.0", "90.0")
    assert float(told["離席（秒）"]) == 390.0
    data = browser.client.get("/api/v1/reports/operators?from=2026-11-24&to=2026-11-24").get_json()
    assert data["operators"][0]["away_by"] == {"break": 300.0, "meeting": 90.0}


def test_another_day_another_campaign_and_another_team_are_empty(shift: Shift) -> None:
    worked(shift)
    other = shift.desk.people.other_campaign_id
    tomorrow = TODAY + timedelta(days=1)
    for empty in (
        report(shift, tomorrow, tomorrow),
        report(shift, campaign_id=other),
        report(shift, teams=frozenset({999})),
    ):
        assert sum(row.calls for row in empty.rows) == 0
        assert [step.count for step in empty.funnel] == [0] * len(empty.funnel)
        assert all(step.rate_prev is None for step in empty.funnel)


def test_the_days_of_a_week_add_up_to_the_week(shift: Shift) -> None:
    worked(shift)
    days = [TODAY + timedelta(days=n) for n in range(-3, 4)]
    week = report(shift, days[0], days[-1]).total
    each = [report(shift, day, day).total for day in days]
    for name in ("login_s", "idle_s", "talk_s", "hold_s", "wrap_s", "away_s", "calls"):
        assert abs(sum(getattr(day, name) for day in each) - getattr(week, name)) < 1e-6


def test_a_lead_is_offered_the_own_campaigns(shift: Shift) -> None:
    reports, centre = shift.desk.desk.reports, shift.desk.people.centre
    assert [name for _, name in reports.campaigns(frozenset({centre.team_id}))] == ["spring"]
    assert [name for _, name in reports.campaigns(None)] == ["spring", "autumn"]


def test_the_file_has_the_rows_of_the_page(shift: Shift) -> None:
    worked(shift)
    browser = signed_in(shift.desk, "manager1")
    page = browser.get("/reports?from=2026-11-24&to=2026-11-24")
    assert 'data-agent="operator1"' in page.get_data(as_text=True)
    file = browser.get("/reports/operators.csv?from=2026-11-24&to=2026-11-24")
    assert file.content_type == "text/csv; charset=utf-8"
    assert "operators_20261124_20261124.csv" in file.headers["Content-Disposition"]
    lines = file.get_data(as_text=True).removeprefix("\ufeff").splitlines()
    (row,) = [line.split(",") for line in lines if line.startswith("operator1,")]
    assert "40.0" in row
    told = dict(zip(lines[0].split(","), row, strict=True))
    parts = ("準備", "待機", "通話", "保留", "後処理", "離席")
    total = sum(float(told[f"{part}（秒）"]) for part in parts)
    assert total == pytest.approx(float(told["ログイン（秒）"]))
    assert float(told["平均通話（秒）"]) == 60.0
    assert len(row) == len(lines[0].split(","))


def test_an_export_is_noted_before_the_file_is_handed_out(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "manager1")
    campaign = small_desk.campaign_id
    browser.get(f"/reports/operators.csv?from=2026-11-23&to=2026-11-24&campaign={campaign}")
    browser.get("/reports?from=2026-11-23&to=2026-11-24")
    with small_desk.desk.database.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action.like("report.%"))).one()
    assert (row.actor, row.action) == ("manager1", "report.exported")
    assert row.details == {
        "from": "2026-11-23",
        "to": "2026-11-24",
        "campaign": str(campaign),
        "form": "csv",
    }


def test_a_lead_of_another_team_finds_nobody_here(shift: Shift) -> None:
    worked(shift)
    browser = signed_in(shift.desk, "lead2")
    text = browser.get("/reports?from=2026-11-24&to=2026-11-24").get_data(as_text=True)
    assert 'data-agent="operator1"' not in text


@settings(derandomize=True, max_examples=200)
@given(st.text(max_size=20))
def test_no_cell_runs_as_a_formula(cell: str) -> None:
    text = csv_text(["h"], [[cell]]).removeprefix("\ufeff")
    (written,) = list(csv.reader(io.StringIO(text, newline="")))[1] or [""]
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert written.removeprefix("'") in (cell, cell.removeprefix("'"))
