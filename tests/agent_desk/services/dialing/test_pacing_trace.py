"""The dialer's last hour, second by second: only what changed, within bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from agent_desk.dialer.floor import CallState, Floor, SeatState, Why
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.campaigns.census import Census
from agent_desk.services.dialing.pacing import PacingFigures
from agent_desk.services.dialing.pacing_trace import KEPT_S, NAMES, PacingTrace, Point, Trace
from tests.agent_desk.services.dialing.test_answer_rates import finished
from tests.builders import call, campaign, floor_of, seat
from tests.fakes.clock import NOON

ONE = CampaignId(1)
AT = int(NOON.timestamp())


def tracing(**figures: Any) -> PacingTrace:
    seen = PacingFigures(**{"lines": 3, "idle": 1, "expected_free": 2.25, "price": None, **figures})
    return PacingTrace(census=Census(), pacing=lambda _: seen)


def busy() -> Floor:
    floor = floor_of(
        seats=[seat("a", state=SeatState.TALKING), seat("b", state=SeatState.HOLD), seat("c")],
        calls=[
            call("w" * 32, state=CallState.WAITING),
            call("i" * 32, state=CallState.WAITING, inbound=True),
        ],
    )
    return replace(floor, why={ONE: Why(0, "trunk-full", NOON)})


def test_a_second_is_what_pacer_floor_and_events_say() -> None:
    trace = tracing(others=2)
    trace.apply([finished(NOON, abandoned=True), finished(NOON), finished(NOON, abandoned=True)])
    assert trace.newest(ONE) is None
    assert trace.sample(busy(), NOON)
    newest = trace.newest(ONE)
    assert newest is not None
    assert (newest["at"], newest["why"]) == (AT, "trunk-full")
    assert {name: newest[name] for name in NAMES[:-1]} == {
        "lines": 5,
        "waiting": 1,
        "idle": 1,
        "talking": 2,
        "expected": 22,
        "abandoned": 2,
    }


def test_what_holds_is_not_noted_again() -> None:
    trace, floor = tracing(), busy()
    trace.apply([finished(NOON, abandoned=True)])
    said = [trace.sample(floor, NOON + timedelta(seconds=n)) for n in range(4)]
    assert said == [True, True, False, False], "the second after an abandoned call has none"
    assert trace.since(ONE, 0)["at"] == [AT, AT + 1]
    later, newest = trace.since(ONE, AT), trace.newest(ONE)
    assert newest is not None
    assert {name: later[name] for name in NAMES[:-1]} == {
        name: [newest[name]] for name in NAMES[:-1]
    }
    assert later["reasons"][later["why"][0]] == newest["why"] == "trunk-full"
    assert (later["begins"], later["at"]) == (AT, [AT + 1])


def test_an_hour_is_kept_and_no_more_than_a_tenth_above_it() -> None:
    trace = Trace()
    for second in range(3 * KEPT_S):
        trace.note(AT + second, Point(lines=second % 7))
    kept = trace.since(0)
    assert KEPT_S <= len(kept["at"]) <= KEPT_S * 1.1 + 2
    assert {len(kept[name]) for name in NAMES} == {len(kept["at"])}
    assert kept["at"][-1] == AT + 3 * KEPT_S - 1
    assert kept["lines"][-1] == (3 * KEPT_S - 1) % 7


def test_the_point_that_held_when_the_hour_began_stays() -> None:
    trace = Trace()
    trace.note(AT, Point(lines=9))
    for second in range(KEPT_S * 2, KEPT_S * 2 + 400):
        trace.note(AT + second, Point(lines=second % 2))
    assert trace.since(0)["lines"][:2] == [9, 0]


def test_a_clock_set_back_and_a_number_out_of_all_bounds_harm_nothing() -> None:
    trace = Trace()
    assert trace.note(AT, Point(lines=70_000))
    assert not trace.note(AT - 5, Point(lines=1))
    assert trace.since(0)["lines"] == [65_535]


def test_a_campaign_that_is_gone_takes_its_trace_with_it() -> None:
    trace = tracing()
    trace.sample(busy(), NOON)
    assert trace.sample(floor_of(campaigns=[campaign(2)]), NOON + timedelta(seconds=1))
    assert trace.newest(ONE) is None
    assert (trace.since(ONE, 0)["at"], trace.since(ONE, 0)["begins"]) == ([], None)
