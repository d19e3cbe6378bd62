"""Seats that go away in the simulated day: breaks, a common lunch, and people who leave for good.

A break that is due in a call begins after its wrap-up. Someone who leaves is not seen to be gone
for a while: a call bridged to the seat is heard by nobody and lost within two seconds, which also
gives the seat away; a customer who was talking loses the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.pacing.floor import Seat

if TYPE_CHECKING:
    from benchmarks.pacing.simulation import Simulation


class Absences:
    """The absences of one day."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._scenario = sim.scenario

    def arrange(self) -> None:
        """Set the instants of the day's breaks and leavings."""
        sim, scenario = self._sim, self._scenario
        for seat in sim.seats:
            if scenario.break_every_s:
                due = sim.rng.uniform(0.5, 1.0) * scenario.break_every_s
                sim.at(due, self._break_due, seat)
            if scenario.common_break is not None:
                begins, ends = scenario.common_break
                sim.at(begins, self._owe, seat, ends)
            if sim.rng.random() < scenario.leaving:
                sim.at(sim.rng.uniform(0.0, scenario.seconds), self.leave, seat)

    def _break_due(self, seat: Seat) -> bool:
        self._sim.at(self._sim.now + self._scenario.break_every_s, self._break_due, seat)
        return self._owe(seat, 0.0)

    def _owe(self, seat: Seat, until: float) -> bool:
        """Away until then (0: for `break_s`), at once or after the call and its wrap-up."""
        if seat.left_at is not None or seat.state == "away":
            return False
        seat.break_until = until
        if seat.state == "available":
            del self._sim.idle[seat.index]
            self.begin_break(seat)
            return True
        return False

    def begin_break(self, seat: Seat) -> None:
        """The break that was owed."""
        sim = self._sim
        until = seat.break_until or sim.now + self._scenario.break_s
        seat.break_until = None
        sim.move_seat(seat, "away")
        sim.at(max(until, sim.now), self._back, seat, seat.moves)

    def _back(self, seat: Seat, moves: int) -> bool:
        if seat.moves != moves or seat.left_at is not None:
            return False
        self._sim.become_idle(seat)
        return True

    def leave(self, seat: Seat) -> bool:
        """The operator is gone for good, and not seen to be."""
        seat.left_at = self._sim.now
        self._sim.at(self._sim.now + self._scenario.unseen_s, self._seen_gone, seat)
        return False

    def _seen_gone(self, seat: Seat) -> bool:
        sim = self._sim
        if seat.state == "offline":
            return False
        line = seat.line
        if line is not None and line.state == "bridged":
            if line.lost:
                return False  # ends by itself within two seconds
            sim.bridged -= 1
            sim.day.seat_lost += 1
            sim.end_line(line, "seat_lost")
        sim.idle.pop(seat.index, None)
        self.take_out(seat)
        return True

    def take_out(self, seat: Seat) -> None:
        """The dialer knows that nobody sits here."""
        seat.line = None
        self._sim.move_seat(seat, "offline")
