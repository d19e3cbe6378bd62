"""VICIdial's pacing, written from a description of what its dialer does (SVN 3884, 2.14b0.5).

Two loops. The dial pass counts seats and lines, places what is missing one call after another
(`calls_per_second`), then sleeps 2.5 s. The adapt loop takes a sample each second, moves the level
every 15 s and looks at the day's drops every 60 s. A level is lines per counted seat, bridged
lines included; the seats counted are the ready ones alone (`available_only`) or also those in a
call, never those in wrap-up. The three adaptive methods differ in their brake only.

Not modelled: its polling for a ready seat (0.25 s; a waiting call is bridged at once here, which
flatters it) and with it `concurrent_transfers`, which only orders calls that wait within one such
interval; trunks, hopper, shared seats. A call drops when the scenario says (2 s; as shipped it
would be 5 s, which no 2 s rule allows).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from benchmarks.pacing.floor import Line, Policy, Seat
from benchmarks.pacing.simulation import Simulation

Method = Literal["RATIO", "ADAPT_HARD_LIMIT", "ADAPT_AVERAGE", "ADAPT_TAPERED"]
PASS_S = 2.5
SAMPLE_S = 1.0
SAMPLES = 15
UPDATE_PASSES = 15
DROPS_PASSES = 60
BRAKE_AFTER_CALLS = 50
BURST_CALLS = 20
OPENS_MINUTE = 13 * 60  # an 8 h day ends at `latest_server_time`, as its help asks


@dataclass(frozen=True)
class Settings:
    """A campaign's settings, as shipped."""

    method: Method
    level: float = 1.0
    available_only: bool = False
    maximum_level: float = 3.0
    drop_limit: float = 3.0  # %
    intensity: int = 0
    diff_target: int = 0
    latest_server_time: int = 2100  # HHMM
    calls_per_second: float = 5.0  # of a telephony server


def goal(level: float, *, ready: int, in_call: int, bridged: int, available_only: bool) -> int:
    """How many lines the campaign should have, bridged ones included."""
    if available_only:
        return round(level * ready + bridged)  # half to even, as C prints
    return round(level * (ready + in_call))


def drop_percent(drops: int, answers: int) -> float:
    """Of the day so far; `answers` include the drops."""
    return 100.0 * drops / answers if answers else 0.0


def uk_drop_percent(drops: int, people: int, machines: int) -> float:
    """The other formula: operators' machines tell how many drops were machines too."""
    taken = people + machines
    people_dropped = drops * (1.0 - machines / taken) if taken else float(drops)
    answers = people + people_dropped
    return 100.0 * people_dropped / answers if answers else 0.0


def next_level(
    level: float, settings: Settings, *, ready: float, waiting: float, logged_in: float
) -> float:
    """The level after 15 s with these means, before any brake."""
    difference = ready - waiting + settings.diff_target
    error = difference / logged_in if logged_in else 0.0
    gain = settings.intensity / 100.0
    error *= abs(gain - 1.0) if error < 0.0 else gain + 1.0
    return max(1.0, min(level * (1.0 + error), settings.maximum_level))


def braked(level: float, settings: Settings, hhmm: int) -> float:
    """The level when the day's drops are over the limit; 1.0 is the floor."""
    if settings.method == "ADAPT_HARD_LIMIT":
        return 1.0
    if settings.method == "ADAPT_AVERAGE":
        return max(1.0, level / 2.0)
    left = settings.latest_server_time - hhmm  # a difference of HHMM, not of minutes
    if left < 0:
        return 1.0
    return max(1.0, level * min(1.0, left / 1000.0))


def clock(seconds: float) -> int:
    """HHMM of an instant of the simulated day."""
    minute = OPENS_MINUTE + int(seconds // 60.0)
    return minute // 60 % 24 * 100 + minute % 60


class Vicidial(Policy):
    """One campaign; several telephony servers place more calls a second, in one pass."""

    event_driven = False

    def __init__(self, settings: Settings, *, servers: int = 1) -> None:
        self.settings = settings
        self._gap_s = 1.0 / (settings.calls_per_second * servers)
        self.level = settings.level
        self.levels: list[float] = []  # one for each update
        self._samples: deque[tuple[int, int, int]] = deque(maxlen=SAMPLES)
        self._passes = 0
        self._gone = 0
        self._drops = 0
        self._answers = 0
        self._drop_percent = 0.0
        self._machines: set[int] = set()  # seats that talked to one
        self._recent: deque[tuple[float, bool]] = deque()  # calls logged, and whether dropped

    def begin(self, sim: Simulation) -> None:
        sim.at(0.0, self._dial, sim)
        if self.settings.method != "RATIO":
            sim.at(0.0, self._adapt, sim)

    # --- the dial pass ------------------------------------------------------------------------

    def _dial(self, sim: Simulation) -> bool:
        existing = sim.ringing + sim.screening + len(sim.waiting) + sim.bridged
        wanted = goal(
            self.level,
            ready=len(sim.idle),
            in_call=sim.bridged,
            bridged=sim.bridged,
            available_only=self.settings.available_only,
        )
        place = max(0, wanted - existing)
        for nth in range(place):
            sim.at(sim.now + nth * self._gap_s, self._place, sim)
        sim.at(sim.now + place * self._gap_s + PASS_S, self._dial, sim)
        return False

    @staticmethod
    def _place(sim: Simulation) -> bool:
        sim.start_lines(1)
        return False

    # --- the adapt loop -----------------------------------------------------------------------

    def _adapt(self, sim: Simulation) -> bool:
        logged_in = len(sim.seats) - self._gone
        self._samples.append((len(sim.idle), len(sim.waiting), logged_in))
        if self._passes % DROPS_PASSES == 0:
            self._drop_percent = drop_percent(self._drops, self._answers)
        self._passes += 1
        if self._passes % UPDATE_PASSES == 0:
            self._update(sim)
        sim.at(sim.now + SAMPLE_S, self._adapt, sim)
        return False

    def _update(self, sim: Simulation) -> None:
        count = len(self._samples)
        ready, waiting, logged_in = (
            sum(sample[part] for sample in self._samples) / count for part in range(3)
        )
        if logged_in == 0:
            return
        level = next_level(
            self.level, self.settings, ready=ready, waiting=waiting, logged_in=logged_in
        )
        if self._burst(sim.now):
            level /= 2.0
        over = self._drop_percent > self.settings.drop_limit
        if over and sim.day.attempts > BRAKE_AFTER_CALLS:
            level = braked(level, self.settings, clock(sim.now))
        self.level = max(1.0, level)
        self.levels.append(self.level)

    def _burst(self, now: float) -> bool:
        while self._recent and self._recent[0][0] < now - 60.0:
            self._recent.popleft()
        drops = sum(dropped for _, dropped in self._recent)
        return len(self._recent) > BURST_CALLS and drops > len(self._recent) / 2

    # --- its log ------------------------------------------------------------------------------

    def line_ending(self, sim: Simulation, line: Line) -> None:
        self._drops += 1
        self._answers += 1
        self._recent.append((sim.now, True))

    def line_ended(self, sim: Simulation, line: Line, outcome: str) -> None:
        if outcome != "abandoned":
            self._recent.append((sim.now, False))
        if line.seat is not None and line.kind == "machine":
            self._machines.add(line.seat.index)

    def seat_moved(self, sim: Simulation, seat: Seat, before: str) -> None:
        if seat.state == "offline":
            self._gone += 1
        elif before == "wrap_up":  # what the operator said it was is counted
            if seat.index in self._machines:
                self._machines.discard(seat.index)
            else:
                self._answers += 1
