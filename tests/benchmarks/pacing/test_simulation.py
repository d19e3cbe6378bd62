"""The simulated day keeps its books: lines end once, seconds add up, chance is repeatable."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace

import pytest

from agent_desk.dialer.events import CallFinished, CallMoved, Event, SeatMoved
from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.pacing import Decision, PacingSnapshot, RatioPacer
from benchmarks.pacing.field import Multiplier
from benchmarks.pacing.floor import Day, Line, Policy, Seat
from benchmarks.pacing.policies import TITLES, day
from benchmarks.pacing.product import ProductPacer
from benchmarks.pacing.scenarios import BASE, SCENARIOS, Scenario
from benchmarks.pacing.simulation import Simulation

HALF_AN_HOUR = 1800.0
EVENTFUL = replace(
    BASE.lasting(HALF_AN_HOUR),
    break_every_s=600.0,
    break_s=60.0,
    common_break=(900.0, 1000.0),
    leaving=0.6,
    missed_machines=0.2,
    misjudged_people=0.1,
)


class Watched(Multiplier):
    """Keeps what it was told."""

    def __init__(self, times: float) -> None:
        super().__init__(times)
        self.ended: Counter[int] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.moves: list[tuple[int, str, str]] = []

    def line_ended(self, sim: Simulation, line: Line, outcome: str) -> None:
        self.ended[line.index] += 1
        self.outcomes[outcome] += 1
        assert line.index not in sim.lines

    def seat_moved(self, sim: Simulation, seat: Seat, before: str) -> None:
        self.moves.append((seat.index, before, seat.state))


def run(scenario: Scenario, policy: Policy, *, seats: int = 6, seed: int = 1) -> Day:
    return Simulation(scenario, policy, seats=seats, seed=seed).run()


@pytest.mark.parametrize("scenario", [BASE.lasting(HALF_AN_HOUR), EVENTFUL])
def test_each_line_ends_once_and_is_counted_once(scenario: Scenario) -> None:
    watched = Watched(4.0)
    found = run(scenario, watched)
    assert found.attempts == found.ended > 100
    assert set(watched.ended.values()) == {1}
    up_at_the_end = found.ended - sum(watched.ended.values())
    assert 0 <= up_at_the_end <= 6 * scenario.lines_per_seat
    told = watched.outcomes["abandoned"] + watched.outcomes["seat_lost"]
    assert 0 < found.abandoned <= told + up_at_the_end


@pytest.mark.parametrize("scenario", [BASE.lasting(HALF_AN_HOUR), EVENTFUL])
def test_the_seconds_of_seats_add_up_to_the_day(scenario: Scenario) -> None:
    found = run(scenario, Multiplier(4.0))
    assert sum(found.spent.values()) == pytest.approx(6 * HALF_AN_HOUR)
    assert min(found.spent.values()) >= 0.0


def test_people_are_talked_to_abandoned_or_still_on_their_way() -> None:
    found = run(BASE.lasting(HALF_AN_HOUR), Multiplier(5.0))
    assert 0 <= found.people - found.bridged - found.abandoned <= 6


def test_a_seat_moves_only_from_the_state_it_is_in() -> None:
    watched = Watched(4.0)
    run(EVENTFUL, watched)
    states = dict.fromkeys(range(6), "available")
    for index, before, after in watched.moves:
        assert states[index] == before
        states[index] = after
    assert "offline" in states.values()


def test_the_same_seed_is_the_same_day_and_another_is_not() -> None:
    scenario = BASE.lasting(HALF_AN_HOUR)
    once, again = (asdict(run(scenario, Multiplier(3.0), seed=7)) for _ in range(2))
    assert once == again
    assert once != asdict(run(scenario, Multiplier(3.0), seed=8))


def test_one_line_per_idle_seat_abandons_nobody() -> None:
    scenario = BASE.lasting(HALF_AN_HOUR)
    mine, product = run(scenario, Multiplier(1.0)), ProductPacer(RatioPacer(1.0), mode="ratio")
    assert mine.abandoned == 0 < mine.people
    assert mine.lines_peak <= 6
    # The product's own pacer, fed with snapshots, does the same to the second.
    assert asdict(run(scenario, product)) == asdict(mine)


def test_a_seat_nobody_sits_at_loses_its_customer_within_two_seconds() -> None:
    class Leaves(Multiplier):
        def begin(self, sim: Simulation) -> None:
            for seat in sim.seats:
                sim.at(0.5, sim.absences.leave, seat)

    scenario = replace(
        BASE.lasting(60.0), people=lambda _: 1.0, answer_cv=0.0, answer_mean_s=2.0, unseen_s=10.0
    )
    found = run(scenario, Leaves(1.0), seats=2)
    assert (found.people, found.abandoned, found.bridged) == (2, 2, 0)
    assert found.spent["available"] == pytest.approx(2 * 0.5)


def test_every_policy_gets_through_an_eventful_day() -> None:
    for name in TITLES:
        if name != "hindsight":
            assert day(name, EVENTFUL.lasting(60.0), seats=3, seed=0).attempts > 0


def test_every_scenario_is_gone_through() -> None:
    for scenario in SCENARIOS.values():
        assert day("x2", scenario.lasting(120.0), seats=3, seed=0).attempts > 0


class Recorder(RatioPacer):
    """Checks snapshots against the events told so far."""

    def __init__(self) -> None:
        super().__init__(3.0)
        self.events: list[Event] = []
        self.lines: dict[str, str] = {}
        self.seats: dict[str, str] = {}
        self.asked = 0

    def observe(self, event: Event, now: object) -> None:
        self.events.append(event)
        if isinstance(event, CallMoved):
            assert self.lines.get(event.call_id, "leased") == event.from_state
            self.lines[event.call_id] = event.to_state
        elif isinstance(event, CallFinished):
            del self.lines[event.call_id]
        elif isinstance(event, SeatMoved):
            self.seats[event.seat_id] = event.to_state

    def decide(self, snapshot: PacingSnapshot, now: object) -> Decision:  # type: ignore[override]
        self.asked += 1
        assert {line.call_id: line.phase.value for line in snapshot.lines} == self.lines
        present = {seat: state for seat, state in self.seats.items() if state != "offline"}
        assert {seat.seat_id: seat.phase.value for seat in snapshot.seats} == present
        for seat in snapshot.seats:
            assert seat.ready == (seat.phase is SeatState.AVAILABLE)
        for line in snapshot.lines:
            assert (line.seat_id is not None) == (line.phase is CallState.BRIDGED)
        ended = [event for event in self.events if isinstance(event, CallFinished)]
        assert snapshot.answers.live_24h == sum(event.live_answer for event in ended)
        assert snapshot.answers.abandoned_24h == sum(event.abandoned for event in ended)
        return super().decide(snapshot, now)  # type: ignore[arg-type]


def test_a_pacer_is_shown_what_its_events_told_it() -> None:
    recorder = Recorder()
    found = run(replace(EVENTFUL, hours=0.25), ProductPacer(recorder, mode="ratio", ratio=3.0))
    assert recorder.asked == found.asked > 100
    assert {SeatMoved, CallMoved, CallFinished} <= {type(event) for event in recorder.events}
