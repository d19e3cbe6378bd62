"""The calls of a day: what became of each, within scope, by pages, and its SIP ladder."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt, Call
from agent_desk.routes.openapi import document
from agent_desk.services.reports import call_lists
from softphone import protocol as wire
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import Shift

LINE = wire.LadderLine(
    datetime(2026, 11, 20, 3, 0, 0, 250_000, tzinfo=UTC),
    True,
    "10.0.0.2:5060",
    "INVITE sip:**78@carrier.example SIP/2.0\nCSeq: 1 INVITE",
)


def listed(browser: Browser, **asked: str) -> dict[str, Any]:
    answer = browser.client.get("/api/v1/calls", query_string=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def talked(shift: Shift) -> str:
    """A call that is over, with five seconds of a poor customer's leg."""
    call_id = shift.talk()
    bad = wire.CallQuality(call_id, 0.1, 2.0, None, None, 3.1, noisy=True)
    for _ in range(6):
        shift.gateway.live(shift.seat_id, calls=(bad,))
    shift.desk.clock.advance(75)
    shift.end(call_id)
    shift.desk.settle()
    return call_id


def test_a_call_is_listed_with_what_became_of_it(shift: Shift) -> None:
    call_id = talked(shift)
    (row,) = [r for r in listed(signed_in(shift.desk, "lead1"))["calls"] if r["id"] == call_id]
    assert row["operator"] == "operator1"
    assert row["outcome"] == "human"
    assert row["outcome_label"] == "通話"
    assert row["talk_s"] == pytest.approx(75, abs=5)
    assert row["mos"] == 3.1
    assert row["faults"] == [
        {"side": "customer", "what": "loss", "seconds": 6},
        {"side": "customer", "what": "noise", "seconds": 6},
    ]
    assert (row["verdict"], row["evidence"]) == ("human", "voice")
    assert "••••" in row["number"]


def test_one_call_of_the_day_is_shown_alone_and_within_scope(shift: Shift) -> None:
    call_id = talked(shift)
    shift.page.do("save_result", call_id=call_id, note="", counterpart="nobody")
    shift.alive()
    other = shift.placed()
    assert other != call_id
    alone = f"/reports/calls?call={call_id}"
    page = signed_in(shift.desk, "lead1").get(alone).get_data(as_text=True)
    assert f'data-call="{call_id}"' in page and f'data-call="{other}"' not in page
    assert 'data-testid="one-call"' in page
    elsewhere = signed_in(shift.desk, "lead2").get(alone).get_data(as_text=True)
    assert "data-call=" not in elsewhere
    refused = signed_in(shift.desk, "lead1").get(f"/reports/calls?call={'x' * 33}")
    assert refused.status_code == 400


def test_the_page_shows_the_same_in_both_languages(shift: Shift) -> None:
    call_id = talked(shift)
    browser = signed_in(shift.desk, "manager1")
    page = browser.get("/reports/calls").get_data(as_text=True)
    assert f'data-call="{call_id}"' in page
    assert "音切れ 6秒：顧客側" in page
    assert "雑音 6秒：顧客側" in page
    assert "判定:" not in page
    browser.post("/language", {"locale": "en", "next": "/reports/calls"})
    assert "Noise 6 s: customer" in browser.get("/reports/calls").get_data(as_text=True)


@pytest.mark.parametrize(
    ("by", "told"), [("customer", "お客様が切断"), ("desk", "オペレーターが終話")]
)
def test_who_hung_up_is_told_with_each_talk(shift: Shift, by: str, told: str) -> None:
    call_id = shift.talk()
    shift.end(call_id, by)
    shift.desk.settle()
    lead = signed_in(shift.desk, "lead1")
    assert {r["id"]: r["ended_by"] for r in listed(lead)["calls"]}[call_id] == by
    assert f'"call-ended-by">{told}<' in lead.get("/reports/calls").get_data(as_text=True)
    file = lead.get("/reports/calls.csv").get_data(as_text=True).removeprefix("\ufeff")
    rows = {row["通話ID"]: row for row in csv.DictReader(io.StringIO(file))}
    assert rows[call_id]["切断側"] == told


@pytest.mark.parametrize(
    ("verdict", "told"), [("machine", "留守番電話"), ("uncertain", "判別不能")]
)
def test_a_talk_that_screening_did_not_take_for_a_person_says_so(
    shift: Shift, verdict: str, told: str
) -> None:
    call_id = talked(shift)
    with shift.desk.desk.database.write() as session:
        session.execute(update(Call).where(Call.id == call_id).values(verdict=verdict))
    page = signed_in(shift.desk, "manager1").get("/reports/calls").get_data(as_text=True)
    assert f"判定：{told}" in page


def test_a_lead_sees_the_calls_of_their_own_teams(shift: Shift) -> None:
    call_id = talked(shift)
    for name, seen in (("lead1", True), ("lead2", False), ("manager1", True), ("admin1", True)):
        browser = signed_in(shift.desk, name)
        assert (call_id in {r["id"] for r in listed(browser)["calls"]}) is seen, name
        answer = browser.client.get(f"/api/v1/calls/{call_id}/ladder")
        assert answer.status_code == (200 if seen else 404), name


def test_the_number_of_a_caller_nobody_knows_is_listed_and_a_withheld_one_cannot_be(
    shift: Shift,
) -> None:
    shift.available()
    for call_id, number in (("a" * 32, "+81312340000"), ("b" * 32, "")):
        shift.gateway.tell(wire.CallArrived(call_id, "trunk1", number, ""))
    shift.desk.settle()
    rows = {row["id"]: row for row in listed(signed_in(shift.desk, "lead1"))["calls"]}
    assert rows["a" * 32]["number"] == "••••••0000"
    assert rows["b" * 32]["number"] == ""
    call = {**document()["components"]["schemas"]["Call"], "additionalProperties": False}
    for row in rows.values():
        jsonschema_rs.validate(call, row)  # what is said of calls is said of those that came in too


def test_operators_do_not_see_the_list(shift: Shift) -> None:
    browser = signed_in(shift.desk, "operator1")
    for path in ("/reports/calls", "/api/v1/calls", "/api/v1/calls/x/ladder"):
        assert browser.client.get(path).status_code == 403


def test_only_talks_are_shown_when_asked(shift: Shift) -> None:
    call_id = talked(shift)
    browser = signed_in(shift.desk, "lead1")
    shown = listed(browser, show="talked")["calls"]
    assert {row["id"] for row in shown} == {call_id}
    assert len(listed(browser)["calls"]) >= len(shown)


def test_pages_follow_each_other_without_gap_or_repetition(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift.available()
    with shift.desk.desk.database.read() as session:
        ids = set(session.scalars(select(Attempt.id)))
    monkeypatch.setattr(call_lists, "PAGE", 1)
    browser = signed_in(shift.desk, "manager1")
    seen: list[str] = []
    cursor = ""
    while True:
        page = listed(browser, cursor=cursor)
        seen += [row["id"] for row in page["calls"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert sorted(seen) == sorted(ids)


@pytest.mark.parametrize(
    "asked",
    [{"day": "yesterday"}, {"campaign": "999"}, {"show": "some"}, {"cursor": "x"}],
)
def test_what_cannot_be_asked_is_refused(shift: Shift, asked: dict[str, str]) -> None:
    browser = signed_in(shift.desk, "manager1")
    assert browser.client.get("/api/v1/calls", query_string=asked).status_code == 400


def test_the_page_says_once_that_what_was_asked_is_wrong(shift: Shift) -> None:
    answer = signed_in(shift.desk, "manager1").get("/reports/calls?day=x&campaign=99")
    assert answer.status_code == 400
    assert answer.get_data(as_text=True).count("入力内容を確認してください。") == 1


def test_a_day_without_calls_says_so(shift: Shift) -> None:
    page = signed_in(shift.desk, "manager1").get("/reports/calls?day=2020-01-01")
    assert "この条件に合う通話はありません。" in page.get_data(as_text=True)


def test_who_looked_is_in_the_audit_trail(shift: Shift) -> None:
    call_id = talked(shift)
    browser = signed_in(shift.desk, "lead1")
    listed(browser)
    browser.client.get(f"/api/v1/calls/{call_id}/ladder")
    shift.desk.settle()
    with shift.desk.desk.database.read() as session:
        rows = session.execute(select(AuditRow.action, AuditRow.actor, AuditRow.subject))
        noted = {tuple(row) for row in rows}
    assert ("calls.listed", "lead1", "report:calls") in noted
    assert ("call.ladder.read", "lead1", f"call:{call_id}") in noted


# --- ladders ------------------------------------------------------------------------------------


def ladder(shift: Shift, call_id: str) -> tuple[int, dict[str, Any]]:
    answer = signed_in(shift.desk, "lead1").client.get(f"/api/v1/calls/{call_id}/ladder")
    return answer.status_code, answer.get_json()


def test_a_ladder_is_asked_of_the_gateway_that_carried_the_call(shift: Shift) -> None:
    call_id = talked(shift)
    shift.gateway.ladders[call_id] = (LINE, replace(LINE, sent=False))
    status, told = ladder(shift, call_id)
    assert status == 200
    assert [message["sent"] for message in told["messages"]] == [True, False]
    assert told["messages"][0]["text"] == LINE.text
    assert told["messages"][0]["at"] == "2026-11-20T03:00:00.250+00:00"


@pytest.mark.parametrize(
    ("refusal", "status", "error_id"),
    [("ladder_unknown", 404, "ladder-unknown"), ("malformed", 501, "gateway-too-old")],
)
def test_a_gateway_that_cannot_tell_is_explained(
    shift: Shift, refusal: str, status: int, error_id: str
) -> None:
    call_id = talked(shift)
    shift.gateway.refuse["SendLadder"] = refusal
    answered, told = ladder(shift, call_id)
    assert (answered, told["error_id"]) == (status, error_id)


def test_a_gateway_that_is_away_is_said_to_be(shift: Shift) -> None:
    call_id = talked(shift)
    with shift.desk.desk.database.write() as session:
        session.execute(update(Attempt).values(gateway_id="gw9"))
    assert ladder(shift, call_id)[1]["error_id"] == "gateway-away"


def test_the_ladder_of_no_call_is_not_known(shift: Shift) -> None:
    assert ladder(shift, "no-such-call")[0] == 404
