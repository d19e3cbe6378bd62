"""A day of one campaign as a discrete-event simulation: seats, lines, and whoever paces them.

Seats are bridged at once, the call that waits longest to the seat that is idle longest, as in the
product. Attempts ring from the instant they are started. A person is offered to a seat when
screening has told them from a machine, and is abandoned `bridge_within_s` later when no operator
was audible by then: a recording plays, and the line ends after it. Calls are never taken back.

The policy is told of every move, as the product's pacers are by committed events, and is asked
after each event that can matter (a seat became free, a line ended, an answer, an abandonment) and
when a second has passed; or it keeps a rhythm of its own with `at`. Nothing in here knows the
product.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

from benchmarks.pacing.absences import Absences
from benchmarks.pacing.floor import Day, Line, Policy, Seat
from benchmarks.pacing.scenarios import Scenario, lognormal, wrap_up

TICK_S = 1.0


class Simulation:
    """One day of `seats` seats; `run` gives what it came to."""

    def __init__(self, scenario: Scenario, policy: Policy, *, seats: int, seed: int) -> None:
        self.scenario = scenario
        self.policy = policy
        self.now = 0.0
        self.rng = Random(f"{scenario.name}/{seats}/{seed}")
        self.seats = [Seat(index) for index in range(seats)]
        self.lines: dict[int, Line] = {}
        self.idle: dict[int, Seat] = {seat.index: seat for seat in self.seats}  # longest first
        self.waiting: deque[Line] = deque()
        self.ringing = 0
        self.screening = 0
        self.bridged = 0
        self.lines_room = scenario.lines_per_seat * seats
        self.day = Day(seats, seed)
        self._queue: list[tuple[float, int, Callable[..., bool], tuple[object, ...]]] = []
        self._scheduled = 0
        self._asked_at = 0.0
        self.absences = Absences(self)

    # --- the clock --------------------------------------------------------------------------

    def at(self, when: float, act: Callable[..., bool], *what: object) -> None:
        """Do this then; `act` returns whether the policy is to be asked after it."""
        self._scheduled += 1
        heappush(self._queue, (when, self._scheduled, act, what))

    def run(self) -> Day:
        """The whole day; lines still up at its end are ended there."""
        self.absences.arrange()
        self.policy.begin(self)
        if self.policy.event_driven:
            self._ask()
            if self.policy.every_second:
                self.at(TICK_S, self._tick)
        end = self.scenario.seconds
        queue = self._queue
        asks = self.policy.event_driven
        while queue and queue[0][0] <= end:
            self.now, _, act, what = heappop(queue)
            matters = act(*what)
            while queue and queue[0][0] == self.now:
                _, _, act, what = heappop(queue)
                matters = act(*what) or matters
            if matters and asks:
                self._ask()
        self.now = end
        self._close()
        return self.day

    def _tick(self) -> bool:
        due = self._asked_at + TICK_S
        self.at(due if due > self.now else self.now + TICK_S, self._tick)
        return due <= self.now

    def _ask(self) -> None:
        self.day.asked += 1
        self._asked_at = self.now
        self.start_lines(self.policy.wanted(self))

    # --- lines ------------------------------------------------------------------------------

    def start_lines(self, count: int) -> int:
        """Start so many attempts, as far as there are lines; how many were."""
        count = min(count, self.lines_room - len(self.lines))
        for _ in range(max(0, count)):
            self._start_line()
        return max(0, count)

    def _start_line(self) -> None:
        day, scenario, rng = self.day, self.scenario, self.rng
        day.attempts += 1
        line = Line(day.attempts, self.now)
        self.lines[line.index] = line
        day.lines_peak = max(day.lines_peak, len(self.lines))
        self.ringing += 1
        people, roll = scenario.people(self.now), rng.random()
        if roll < people + scenario.machines:
            self._will_answer(line, person=roll < people)
        elif roll < people + scenario.machines + scenario.fast_failures:
            self.at(
                self.now + rng.uniform(*scenario.fast_failure_s), self._unanswered, line, "busy"
            )
        else:
            self.at(self.now + scenario.ring_limit_s, self._unanswered, line, "no_answer")
        self.policy.line_started(self, line)

    def _will_answer(self, line: Line, *, person: bool) -> None:
        scenario, rng = self.scenario, self.rng
        line.answer_s = lognormal(rng, scenario.answer_mean_s, scenario.answer_cv)
        if line.answer_s >= scenario.ring_limit_s:
            self.at(self.now + scenario.ring_limit_s, self._unanswered, line, "no_answer")
            return
        if person:
            line.kind = "person"
            line.heard = "machine" if rng.random() < scenario.misjudged_people else "person"
            line.talk_s = lognormal(rng, scenario.talk_mean_s, scenario.talk_cv)
        else:
            line.kind = "machine"
            line.heard = "person" if rng.random() < scenario.missed_machines else "machine"
            line.talk_s = scenario.machine_talk_s
        self.at(self.now + line.answer_s, self._answered, line)

    def _move_line(self, line: Line, state: str) -> None:
        before, line.state, line.since = line.state, state, self.now
        self.policy.line_moved(self, line, before)

    def _unanswered(self, line: Line, outcome: str) -> bool:
        self.ringing -= 1
        self.end_line(line, outcome)
        return True

    def _answered(self, line: Line) -> bool:
        scenario = self.scenario
        self.ringing -= 1
        self.screening += 1
        line.answered_at = self.now
        self._move_line(line, "screening")
        if line.heard == "person":
            self.at(self.now + scenario.person_screening_s, self._offered, line)
        else:
            self.at(self.now + scenario.machine_screening_s, self._is_machine, line)
        return True

    def _is_machine(self, line: Line) -> bool:
        self.screening -= 1
        if line.kind == "person":
            self.day.misjudged += 1
        self.end_line(line, "machine")
        return True

    def _offered(self, line: Line) -> bool:
        self.screening -= 1
        if line.kind == "person":
            self.day.people += 1
        line.offered_at = self.now
        self.waiting.append(line)
        self._move_line(line, "waiting")
        self._match()
        if line.state == "waiting":
            self.at(self.now + self.scenario.bridge_within_s, self._too_late, line)
        return True

    def _too_late(self, line: Line) -> bool:
        if line.state != "waiting":
            return False
        self.waiting.remove(line)
        self._abandon(line)
        return True

    def _abandon(self, line: Line) -> None:
        if line.kind == "person":
            self.day.abandoned += 1
        line.ending = True
        self.policy.line_ending(self, line)
        self.at(self.now + self.scenario.recording_s, self._told, line)

    def _told(self, line: Line) -> bool:
        self.end_line(line, "abandoned")
        return True

    def end_line(self, line: Line, outcome: str) -> None:
        """The one end of an attempt."""
        line.state = "ended"
        line.since = self.now
        del self.lines[line.index]
        self.day.ended += 1
        self.day.line_seconds += self.now - line.started_at
        self.policy.line_ended(self, line, outcome)

    # --- seats ------------------------------------------------------------------------------

    def _match(self) -> None:
        while self.waiting and self.idle:
            self._bridge(self.waiting.popleft(), next(iter(self.idle.values())))

    def _bridge(self, line: Line, seat: Seat) -> None:
        del self.idle[seat.index]
        self.bridged += 1
        line.seat, seat.line = seat, line
        self.move_seat(seat, "reserved")
        self._move_line(line, "bridged")
        self.move_seat(seat, "talking")
        if seat.left_at is not None:
            line.lost = True
            self.at(self.now + self.scenario.bridge_within_s, self._nobody_there, line)
            return
        self.day.bridged += 1
        if line.kind == "machine":
            self.day.machines_bridged += 1
        self.at(self.now + line.talk_s, self._hung_up, line)

    def _nobody_there(self, line: Line) -> bool:
        """Bridged to a seat nobody sits at: no operator was audible in time."""
        seat = line.seat
        assert seat is not None
        if line.kind == "person":
            self.day.abandoned += 1
        line.state = "ended"
        self.bridged -= 1
        self.end_line(line, "seat_lost")
        self.absences.take_out(seat)
        return True

    def _hung_up(self, line: Line) -> bool:
        if line.state != "bridged":
            return False
        seat = line.seat
        assert seat is not None
        self.bridged -= 1
        self.end_line(line, "human")
        seat.line = None
        self.move_seat(seat, "wrap_up")
        machine = line.kind == "machine"
        wrap_s = self.scenario.machine_talk_s if machine else wrap_up(self.rng, self.scenario)
        self.at(self.now + wrap_s, self._wrapped_up, seat, seat.moves)
        return True

    def _wrapped_up(self, seat: Seat, moves: int) -> bool:
        if seat.moves != moves or seat.left_at is not None:
            return False
        if seat.break_until is not None:
            self.absences.begin_break(seat)
        else:
            self.become_idle(seat)
        return True

    def become_idle(self, seat: Seat) -> None:
        """Available; a call that waits is bridged at once."""
        self.move_seat(seat, "available")
        self.idle[seat.index] = seat
        self._match()

    def move_seat(self, seat: Seat, state: str) -> None:
        """Book the time of the state that ends, and begin the new one."""
        self._spend(seat)
        before, seat.state, seat.since = seat.state, state, self.now
        seat.moves += 1
        self.policy.seat_moved(self, seat, before)

    def _spend(self, seat: Seat) -> None:
        """Book the time since the seat's last move; nobody works on a seat they have left."""
        until = self.now if seat.left_at is None else min(self.now, max(seat.left_at, seat.since))
        spent = self.day.spent
        spent[seat.state] = spent.get(seat.state, 0.0) + until - seat.since
        spent["gone"] = spent.get("gone", 0.0) + self.now - until

    def _close(self) -> None:
        for seat in self.seats:
            self._spend(seat)
        for line in list(self.lines.values()):
            self.day.ended += 1
            self.day.line_seconds += self.now - line.started_at
        self.lines.clear()
