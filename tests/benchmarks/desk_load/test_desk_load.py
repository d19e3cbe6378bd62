"""The parts of the load, each by itself: what they send, what they notice, what they print."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks.desk_load.__main__ import search, told_of, told_of_profile, told_of_search
from benchmarks.desk_load.figures import Figures, Outcome
from benchmarks.desk_load.gateway import TRUNK, ScriptedGateway
from benchmarks.desk_load.generator import Order
from benchmarks.desk_load.plan import Plan, fate_of, numbers, viewers
from benchmarks.desk_load.seats import Seat
from benchmarks.desk_load.viewers import Viewer, differing
from softphone import protocol as wire
from softphone.clock import BusinessClock
from tests.waiting import await_until

NOW = datetime(2030, 11, 26, 1, 0, tzinfo=UTC)


def outcome(seats: int, **told: Any) -> Outcome:
    usual: dict[str, Any] = {
        "seconds": 10.0,
        "lags": [0.2],
        "records": [0.05],
        "presses": [0.02],
        "hub_gaps": [0.001],
        "loop_gaps": [0.001],
        "counts": {"attempts": seats * 0.45, "bridges": seats * 0.09},
        "refused": {},
        "faults": {},
        "desk_cores": 0.5,
        "desk_mb": 200.0,
        "server_cores": 0.1,
        "generator_cores": 0.1,
        "machine_busy": 0.5,
    }
    return Outcome(seats=seats, **(usual | told))


# --- the plan -----------------------------------------------------------------------------------


def test_a_thousand_seats_come_with_the_rates_that_are_promised() -> None:
    plan = Plan(1_000, 60, 60.0, 60.0)
    answered = sum(fate_of(number).kind == "answered" for number in numbers(4_000)) / 4_000
    assert plan.calls_per_second >= 40
    assert plan.calls_per_second * answered >= 8
    assert plan.customers > plan.calls_per_second * 120


def test_what_a_customer_does_follows_from_the_number() -> None:
    assert fate_of("+819000000001") == fate_of("+819000000001")
    assert {fate_of(number).kind for number in numbers(100)} == {"answered", "busy", "no_answer"}


def test_viewers_have_scopes_of_every_kind() -> None:
    told = viewers(Plan(1_000, 60, 1.0, 1.0))
    sizes = {len(each.teams) for each in told if each.teams is not None}
    assert len(told) == 60
    assert {1, 2} <= sizes
    assert {each.role for each in told if each.teams is None} == {"manager", "admin"}


def test_an_order_survives_its_way_to_the_generator() -> None:
    order = Order("http://127.0.0.1:1", "secret", Plan(10, 2, 1.0, 2.0))
    assert Order.read(order.line()) == order


# --- a viewer -----------------------------------------------------------------------------------


def tile(state: str, since: datetime) -> dict[str, Any]:
    return {"state": state, "since": since.isoformat()}


def test_a_viewer_applies_what_it_is_told_and_measures_the_moves() -> None:
    figures = Figures(on=True)
    viewer = Viewer("view001", figures, lambda: NOW)
    before = {"seats": {"a": tile("away", NOW), "b": tile("away", NOW)}, "campaigns": {}}
    viewer._heard("/floor", "snapshot", {"seq": 5, "state": before})
    moved = tile("available", NOW - timedelta(seconds=0.3))
    viewer._heard("/floor", "update", {"seq": 6, "changes": {"seats": {"a": moved, "b": None}}})

    assert viewer.state["seats"] == {"a": moved}
    assert figures.lags == [pytest.approx(0.3)]
    assert not figures.faults

    viewer._heard("/floor", "update", {"seq": 8, "changes": {"seats": {"a": moved}}})
    assert figures.faults == {"gap in a viewer's numbers": 1}
    assert len(figures.lags) == 1, "what did not move has no lag"


def test_pictures_that_differ_are_told_apart_by_field() -> None:
    one = {"seats": {"a": {"state": "away", "calls": 1}, "b": {}}}
    other = {"seats": {"a": {"state": "away", "calls": 2}}}
    assert differing(one, one) == []
    assert differing(one, other) == ["seats.calls", "seats: a row too many or too few"]


# --- a gateway and a seat -----------------------------------------------------------------------


def gateway() -> tuple[ScriptedGateway, Figures]:
    figures = Figures(on=True)
    return ScriptedGateway("gw1", figures, BusinessClock(), lines=10, rate=5.0), figures


def order_to_call(here: ScriptedGateway, number: str) -> None:
    here._obey(
        wire.PlaceCall(
            call_id=number,
            trunk_id=TRUNK,
            campaign_id=1,
            number=number,
            number_key="k",
            caller_id="",
            not_after=datetime.now(UTC) + timedelta(seconds=30),
            ring_limit_s=25.0,
            screening=wire.ScreeningMode.OFF,
            bridge_within_s=2.0,
            if_not_bridged=wire.Prompt.SAFE_HARBOUR,
            record=True,
        )
    )


def said(here: ScriptedGateway) -> list[str]:
    return [type(each.event).__name__ for each in here.outbox.batch()]


async def test_a_customer_who_is_busy_is_told_as_such() -> None:
    here, figures = gateway()
    order_to_call(here, next(n for n in numbers(99) if fate_of(n).kind == "busy"))
    await await_until(lambda: not here.lines, within_s=5.0)
    assert said(here) == ["CallPlaced", "CallEnded"]
    assert figures.counts["attempts"] == 1


async def test_an_answer_is_offered_bridged_and_ended() -> None:
    here, figures = gateway()
    number = next(n for n in numbers(999) if fate_of(n).kind == "answered")
    here._obey(wire.OpenSeat("op1", "v=0"))
    order_to_call(here, number)
    here._answer(number, here.lines[number])
    assert here._obey(wire.Bridge(number, "op2", zip_tone=True)) is not None, "no leg here"
    assert here._obey(wire.Bridge(number, "op1", zip_tone=True)) is None
    assert [call.call_id for call in here.liveness().calls] == [number]
    assert here._obey(wire.HangUp(number, "operator")) is None
    expected = ["SeatUp", "CallPlaced", "CallAnswered", "CallScreened", "CallBridged"]
    assert said(here) == [*expected, "CallEnded", "RecordingEnded"]
    assert (figures.counts["bridges"], figures.counts["abandoned"]) == (1, 0)
    assert wire.decode(wire.Liveness, wire.encode(here.liveness())).seats[0].seat_id == "op1"


async def test_a_seat_measures_the_first_record_of_a_call_and_knows_a_wrong_one() -> None:
    class Answers:
        def answered_at(self, call_id: str, number: str) -> float | None:
            return time.monotonic() - 0.05 if number == "+81" else None

    figures = Figures(on=True)
    seat = Seat("op1", figures, Answers())  # type: ignore[arg-type]
    told = {"seat": {"state": "reserved"}, "call": {"id": "c1"}}
    record = {"customer": {"external_id": "+81"}}
    seat._heard("/desk", "snapshot", {"seq": 1, "state": {**told, "record": record}})
    seat._heard("/desk", "update", {"seq": 2, "changes": {"record": record}})
    assert len(figures.records) == 1, "the first one only"
    assert figures.records[0] >= 0.05
    other = {"call": {"id": "c2"}, "record": {"customer": {"external_id": "+82"}}}
    seat._heard("/desk", "update", {"seq": 3, "changes": other})
    assert figures.faults == {"record of another customer": 1}


# --- what is shown ------------------------------------------------------------------------------


def test_a_search_doubles_closes_in_and_names_what_broke() -> None:
    tried = search(100, lambda n: outcome(n, desk_cores=0.9 if n > 500 else 0.4))
    assert [each.seats for each in tried][:3] == [100, 200, 400]
    held = max(each.seats for each in tried if not each.broken())
    first = min(each.seats for each in tried if each.broken())
    assert held <= 500 < first <= held * 1.2
    assert f"{held} seats hold; at {first} breaks: desk cores 0.9" in told_of_search(tried)


def test_a_search_that_begins_too_high_comes_down() -> None:
    tried = search(800, lambda n: outcome(n, records=[0.5 if n > 150 else 0.1]))
    assert min(each.seats for each in tried) <= 150


def test_what_was_not_measured_keeps_no_limit() -> None:
    assert [limit.what for limit in outcome(100, lags=[]).broken()] == ["push lag p99 s"]
    assert [limit.what for limit in outcome(100, faults={"x": 1}).broken()] == ["faults"]
    assert outcome(100).broken() == []


def test_tables_name_every_figure() -> None:
    told = told_of(outcome(1_000))
    for what in ("push lag", "answer → record", "hub gap", "generator 0.10 cores", "broken: none"):
        assert what in told


def test_a_profile_is_of_the_time_between() -> None:
    before = {"own": {"a": 10, "b": 1}, "within": {"a": 10}}
    after = {"own": {"a": 10, "b": 4}, "within": {"a": 10, "c": 3}}
    told = told_of_profile(before, after)
    assert "3 samples" in told
    assert "| b | 100.0% |" in told
    assert "| a |" not in told
