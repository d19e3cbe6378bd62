"""Talk, hold and input times, call by call and per operator, against the seats' own log (B29)."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import select

from agent_desk.models.seat_moves import SeatMove
from softphone import protocol
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import Shift

# Seconds of talk, of hold within it, and of writing it down.
CALLS = ((41.3, 0.0, 12.7), (75.2, 18.4, 33.9), (8.6, 0.0, 4.1))
TOLERANCE = 0.1
FIGURES = ("/reports?from=2026-11-24&to=2026-11-24", "/reports/calls?day=2026-11-24")


def worked(shift: Shift) -> list[str]:
    """The ids of three calls, one after the other."""
    clock, page, made = shift.desk.clock, shift.page, []
    call_id = shift.available()
    for talk_s, hold_s, wrap_s in CALLS:
        shift.answer(call_id)
        shift.gateway.tell(protocol.CallBridged(call_id, shift.seat_id, 800))
        shift.desk.settle()
        clock.advance(talk_s - hold_s)
        if hold_s:
            page.do("hold", on=True)
            clock.advance(hold_s)
            page.do("hold", on=False)
        shift.end(call_id)
        clock.advance(wrap_s)
        page.do("save_result", call_id=call_id, note="", counterpart="nobody")
        made.append(call_id)
        shift.alive()
        call_id = shift.placed()
    shift.desk.settle()
    return made


def logged(shift: Shift, call_id: str) -> tuple[float, float, float]:
    """On the line, of it on hold, and writing: read off the log, interval by interval."""
    with shift.desk.desk.database.read() as session:
        moves = session.scalars(select(SeatMove).order_by(SeatMove.at, SeatMove.id)).all()
    found = {"talking": 0.0, "hold": 0.0, "wrap_up": 0.0}
    for before, after in zip(moves, moves[1:], strict=False):
        if before.call_id == call_id and before.to_state in found:
            found[before.to_state] += (after.at - before.at).total_seconds()
    return found["talking"] + found["hold"], found["hold"], found["wrap_up"]


def near(*seconds: float) -> list[object]:
    return [pytest.approx(each, abs=TOLERANCE) for each in seconds]


def listed(browser: Browser, call_ids: list[str]) -> list[list[float]]:
    rows = {row["id"]: row for row in browser.client.get("/api/v1/calls").get_json()["calls"]}
    return [[rows[each][key] for key in ("talk_s", "hold_s", "wrap_s")] for each in call_ids]


def test_b29_talk_and_input_of_each_call_and_each_operator_are_those_of_the_log(
    shift: Shift,
) -> None:
    made = worked(shift)
    log = [logged(shift, call_id) for call_id in made]
    assert [list(each) for each in log] == [near(*each) for each in CALLS]
    browser = signed_in(shift.desk, "manager1")
    assert listed(browser, made) == [near(*each) for each in log]
    file = browser.get("/reports/calls.csv").get_data(as_text=True).removeprefix("\ufeff")
    rows = {row["通話ID"]: row for row in csv.DictReader(io.StringIO(file))}
    columns = ("通話時間（秒）", "うち保留（秒）", "後処理（秒）")
    told = [[float(rows[call_id][name]) for name in columns] for call_id in made]
    assert told == [near(*each) for each in log]
    report, calls = (browser.get(path).get_data(as_text=True) for path in FIGURES)
    for call_id, (talk_s, _, wrap_s) in zip(made, log, strict=True):
        row = calls[calls.index(f'data-call="{call_id}"') :]
        shown = [
            float(re.search(rf'"call-{part}" data-seconds="([\d.]+)"', row)[1])  # type: ignore[index]
            for part in ("talk", "wrap")
        ]
        assert shown == near(talk_s, wrap_s)
    mine = report[report.index('data-agent="operator1"') :]
    operators = [
        float(re.search(rf'data-column="{name}" data-seconds="([\d.]+)"', mine)[1])  # type: ignore[index]
        for name in ("talk_avg_s", "wrap_avg_s")
    ]
    talks, writing = [each[0] for each in log], [each[2] for each in log]
    assert operators == near(sum(talks) / len(log), sum(writing) / len(log))


def test_a_call_that_is_still_written_down_counts_up_to_now(shift: Shift) -> None:
    call_id = shift.talk()
    shift.desk.clock.advance(10)
    shift.end(call_id)
    shift.desk.clock.advance(7)
    [[_, hold_s, wrap_s]] = listed(signed_in(shift.desk, "lead1"), [call_id])
    assert [hold_s, wrap_s] == near(0, 7)
