"""How long a seat was in each state, from its moves, and the averages managers ask for.

A move starts an interval that the next move ends: [from, to), half open, so an instant belongs to
exactly one state. A seat is logged in from the move out of `offline` to the move back to it; the
intervals between add up to that time exactly, without gap or overlap (invariant I10), because
they are sums of the same differences in whole microseconds. The interval that still runs is
counted up to `now`. What lies outside [start, end) is cut off, so the hours of a day add up to the
day, and a call over midnight is shared out.

Formulas (`docs/glossary.md` has the words; averages are None when there is nothing to divide by):

    idle        time in available            calls       moves into talking from reserved
    avg idle    idle ÷ idle intervals        handle      talk + hold + wrap-up
    AHT         handle ÷ calls               occupancy   handle ÷ (handle + idle)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from agent_desk.dialer.floor import SeatState

ZERO = timedelta()


class Move(Protocol):
    """What is read of a row of seat moves; `events.SeatMoved` is one."""

    @property
    def from_state(self) -> str: ...

    @property
    def to_state(self) -> str: ...

    @property
    def reason(self) -> str | None: ...

    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True)
class SeatMetrics:
    """One seat's figures of [start, end). Durations are exact; `*_s` are seconds."""

    durations: Mapping[SeatState, timedelta] = field(default_factory=dict)
    away_by_reason: Mapping[str, timedelta] = field(default_factory=dict)
    idle_intervals: int = 0
    calls: int = 0

    def seconds(self, state: SeatState) -> float:
        """Seconds in a state; `offline` is not counted."""
        return self.durations.get(state, ZERO).total_seconds()

    @property
    def login(self) -> timedelta:
        """Time between log-in and log-out."""
        return sum(self.durations.values(), ZERO)

    @property
    def idle_s(self) -> float:
        """待機"""
        return self.seconds(SeatState.AVAILABLE)

    @property
    def talk_s(self) -> float:
        """通話"""
        return self.seconds(SeatState.TALKING)

    @property
    def hold_s(self) -> float:
        """保留"""
        return self.seconds(SeatState.HOLD)

    @property
    def wrap_s(self) -> float:
        """後処理"""
        return self.seconds(SeatState.WRAP_UP)

    @property
    def away_s(self) -> float:
        """離席"""
        return self.seconds(SeatState.AWAY)

    @property
    def handle_s(self) -> float:
        """Talk, hold and wrap-up."""
        return self.talk_s + self.hold_s + self.wrap_s

    @property
    def average_idle_s(self) -> float | None:
        """Per interval of waiting."""
        return _ratio(self.idle_s, self.idle_intervals)

    @property
    def average_talk_s(self) -> float | None:
        """Per call."""
        return _ratio(self.talk_s, self.calls)

    @property
    def average_wrap_s(self) -> float | None:
        """Per call."""
        return _ratio(self.wrap_s, self.calls)

    @property
    def average_handle_s(self) -> float | None:
        """AHT, per call."""
        return _ratio(self.handle_s, self.calls)

    @property
    def occupancy(self) -> float | None:
        """占有率, 0 to 1."""
        return _ratio(self.handle_s, self.handle_s + self.idle_s)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def day_metrics(
    moves: Iterable[Move], *, start: datetime, end: datetime, now: datetime
) -> SeatMetrics:
    """The figures of one seat in [start, end), of a day or any other span.

    `moves` are one seat's, in the order they happened; to know the state at `start`, the last move
    before it must be among them. Nothing after `now` is counted.
    """
    durations: dict[SeatState, timedelta] = {}
    reasons: dict[str, timedelta] = {}
    idle_intervals = calls = 0
    rows = list(moves)
    for index, row in enumerate(rows):
        next_at = rows[index + 1].at if index + 1 < len(rows) else now
        state = SeatState(row.to_state)
        begin, stop = max(row.at, start), min(next_at, end, now)
        if state is SeatState.TALKING and row.from_state == SeatState.RESERVED:
            calls += start <= row.at < end
        if state is SeatState.OFFLINE or stop <= begin:
            continue
        durations[state] = durations.get(state, ZERO) + (stop - begin)
        if state is SeatState.AVAILABLE:
            idle_intervals += 1
        if state is SeatState.AWAY:
            reason = row.reason or ""
            reasons[reason] = reasons.get(reason, ZERO) + (stop - begin)
    return SeatMetrics(durations, reasons, idle_intervals, calls)
