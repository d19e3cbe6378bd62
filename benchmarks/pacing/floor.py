"""What moves in the simulated day: seats, lines, whoever paces them, and what the day came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.pacing.simulation import Simulation


class Seat:
    """One operator. `left_at` is when the person went away for good, seen or not."""

    __slots__ = ("break_until", "index", "left_at", "line", "moves", "since", "state")

    def __init__(self, index: int) -> None:
        self.index = index
        self.state = "available"
        self.since = 0.0
        self.line: Line | None = None
        self.moves = 0  # what was scheduled for an earlier state is void
        self.break_until: float | None = None  # owed after this call
        self.left_at: float | None = None


class Line:
    """One attempt. `kind` is who is there, `heard` whom screening takes them for."""

    __slots__ = (
        "answer_s",
        "answered_at",
        "ending",
        "heard",
        "index",
        "kind",
        "lost",
        "offered_at",
        "seat",
        "since",
        "started_at",
        "state",
        "talk_s",
    )

    def __init__(self, index: int, now: float) -> None:
        self.index = index
        self.state = "ringing"
        self.since = self.started_at = now
        self.kind = self.heard = "nobody"
        self.answer_s = self.talk_s = 0.0
        self.answered_at: float | None = None
        self.offered_at: float | None = None
        self.seat: Seat | None = None
        self.ending = False
        self.lost = False  # bridged to a seat whose operator was gone


class Policy:
    """Who paces. The hooks that tell what happened may be left alone."""

    event_driven = True  # asked after events
    every_second = True  # and when a second passed: not needed where time changes nothing

    def begin(self, sim: Simulation) -> None:
        """Before the first event."""

    def wanted(self, sim: Simulation) -> int:
        """How many attempts to start now."""
        raise NotImplementedError

    def line_started(self, sim: Simulation, line: Line) -> None:
        """An attempt began and rings."""

    def line_moved(self, sim: Simulation, line: Line, before: str) -> None:
        """`line.state` is new; "waiting" was offered, "bridged" has `line.seat`."""

    def line_ending(self, sim: Simulation, line: Line) -> None:
        """A person was abandoned: the recording plays."""

    def line_ended(self, sim: Simulation, line: Line, outcome: str) -> None:
        """The one end of an attempt."""

    def seat_moved(self, sim: Simulation, seat: Seat, before: str) -> None:
        """`seat.state` is new."""


@dataclass
class Day:
    """What a day came to. Seconds are summed over seats, `people` are answers by a person."""

    seats: int
    seed: int
    attempts: int = 0
    people: int = 0
    abandoned: int = 0
    misjudged: int = 0  # people screening took for machines
    bridged: int = 0
    machines_bridged: int = 0
    seat_lost: int = 0
    ended: int = 0
    lines_peak: int = 0
    line_seconds: float = 0.0
    asked: int = 0
    spent: dict[str, float] = field(default_factory=dict)

    @property
    def occupancy(self) -> float:
        """Share of the time at work that is not idle, %."""
        busy = self.spent.get("talking", 0.0) + self.spent.get("wrap_up", 0.0)
        worked = busy + self.spent.get("available", 0.0)
        return 100.0 * busy / worked if worked else 0.0

    @property
    def abandonment(self) -> float:
        """Abandoned people of all people who answered, %."""
        return 100.0 * self.abandoned / self.people if self.people else 0.0

    @property
    def idle_per_call(self) -> float:
        """Idle seconds for each call an operator had."""
        return self.spent.get("available", 0.0) / self.bridged if self.bridged else 0.0
