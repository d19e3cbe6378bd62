"""What the floor is doing, as ages, and what its changes teach.

Everything is learnt by comparing one snapshot with the one before: a seat that talked and now
wraps up tells how long it talked; a line that is gone while it rang was not answered. Events would
tell the same a second time, so they are not needed, and a pacer that missed some (it was made
later, the desk was restarted) is not led astray.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.pacing_facts import LineView, PacingSnapshot, SeatView
from agent_desk.dialer.predictive.durations import Durations, lognormal_survival
from agent_desk.dialer.predictive.fates import Fates
from agent_desk.dialer.predictive.share import Share

SEAT_STEP = timedelta(seconds=2)
RING_STEP = timedelta(milliseconds=500)
SCREEN_STEP = timedelta(milliseconds=250)
SEAT_STEPS_PER_S = 1.0 / SEAT_STEP.total_seconds()
RINGS_PER_S = 1.0 / RING_STEP.total_seconds()
SCREENS_PER_S = 1.0 / SCREEN_STEP.total_seconds()
TALKING = frozenset({SeatState.RESERVED, SeatState.TALKING, SeatState.HOLD})
HEARD = frozenset({CallState.WAITING, CallState.BRIDGED})
JUDGED = frozenset({CallState.ANSWERED, CallState.SCREENING})

# Before anything is seen: an ordinary Japanese list by day.
TALK_MEAN_S, TALK_CV = 100.0, 1.2
WRAP_MEAN_S, WRAP_CV = 25.0, 1.0
LIVE_SHARE, ANSWER_MEAN_S, ANSWER_CV = 0.25, 9.0, 0.5
LIVE_OF_ANSWERED = 0.5
RETURN_SHARE = 0.95
FORGOTTEN = timedelta(seconds=120)  # a line without a fate for so long waits for a person's word


@dataclass
class Ages:
    """The present floor. Ages are counted in the steps above."""

    idle: int = 0
    at_work: int = 0
    talking: list[int] = field(default_factory=list)
    wrapping: list[int] = field(default_factory=list)
    ringing: list[int] = field(default_factory=list)
    screening: list[int] = field(default_factory=list)
    waiting: int = 0  # live answers no seat has taken yet
    lost: int = 0  # abandoned, and not yet over

    @property
    def in_flight(self) -> int:
        """Lines on their way to an operator nobody has named yet."""
        return len(self.ringing) + len(self.screening) + self.waiting


class _Seat:
    __slots__ = ("begun", "begun_s", "phase", "turn")

    def __init__(self, phase: SeatState, begun: datetime, turn: int) -> None:
        self.phase, self.turn = phase, turn
        self.begin(begun)

    def begin(self, begun: datetime) -> None:
        self.begun, self.begun_s = begun, begun.timestamp()


class _Line:
    __slots__ = ("answered", "answered_s", "begun", "begun_s", "fate", "known", "turn")

    def __init__(self, begun: datetime, turn: int) -> None:
        self.begun, self.begun_s, self.turn = begun, begun.timestamp(), turn
        self.answered: datetime | None = None
        self.answered_s = 0.0
        self.fate: tuple[datetime, bool] | None = None  # when it was known, and whether live
        self.known = True  # False once it taught what it can, or when it began is not known

    def answer(self, view: LineView) -> datetime:
        """When it was answered, as first seen."""
        if self.answered is None:
            self.answered = view.answered_at or view.since
            self.answered_s = self.answered.timestamp()
        return self.answered


class Watch:
    """Learns from one snapshot after another."""

    def __init__(self) -> None:
        self.talk = Durations(mean_s=TALK_MEAN_S, cv=TALK_CV)
        self.wrap = Durations(mean_s=WRAP_MEAN_S, cv=WRAP_CV)
        self.returning = Share(RETURN_SHARE)
        self.ring = Fates(
            step_s=RING_STEP.total_seconds(),
            live_share=LIVE_SHARE,
            live=lambda age: lognormal_survival(age, ANSWER_MEAN_S, ANSWER_CV),
            other=_not_live,
        )
        self.screen = Fates(
            step_s=SCREEN_STEP.total_seconds(),
            live_share=LIVE_OF_ANSWERED,
            live=lambda age: lognormal_survival(age, 1.5, 0.5),
            other=lambda age: lognormal_survival(age, 3.0, 0.5),
        )
        self._seats: dict[SeatId, _Seat] = {}
        self._lines: dict[CallId, _Line] = {}
        self._order: deque[_Line] = deque()  # as begun, until their fates are learnt
        self._turn = 0

    def look(self, snapshot: PacingSnapshot, now: datetime) -> Ages:
        """Learn from what changed since the last look, and give the ages as they are."""
        self._turn += 1
        ages = Ages()
        self._look_at_seats(snapshot.seats, ages, now)
        self._look_at_lines(snapshot.lines, ages, now)
        return ages

    def look_at_lines(self, lines: Iterable[LineView], now: datetime) -> Ages:
        """The same of lines alone, whoever's seats they are for."""
        self._turn += 1
        ages = Ages()
        self._look_at_lines(lines, ages, now)
        return ages

    # --- seats ------------------------------------------------------------------------------

    def _look_at_seats(self, seats: Iterable[SeatView], ages: Ages, now: datetime) -> None:
        turn, kept, count = self._turn, self._seats, 0
        now_s = now.timestamp()
        for view in seats:
            count += 1
            seat = kept.get(view.seat_id)
            phase = view.phase
            if seat is None:
                seat = kept[view.seat_id] = _Seat(phase, view.since, turn)
            elif phase is not seat.phase:
                self._seat_moved(seat, view, now)
            seat.turn = turn
            if view.ready:
                ages.idle += 1
            elif phase in TALKING:
                ages.talking.append(int((now_s - seat.begun_s) * SEAT_STEPS_PER_S))
            elif phase is SeatState.WRAP_UP:
                ages.wrapping.append(int((now_s - seat.begun_s) * SEAT_STEPS_PER_S))
        ages.at_work = ages.idle + len(ages.talking) + len(ages.wrapping)
        if len(kept) > count:
            self._seats = {key: seat for key, seat in kept.items() if seat.turn == turn}

    def _seat_moved(self, seat: _Seat, view: SeatView, now: datetime) -> None:
        before, seat.phase = seat.phase, view.phase
        if before in TALKING and view.phase in TALKING:
            return  # hold is part of the talk
        lasted = (view.since - seat.begun).total_seconds()
        seat.begin(view.since)
        if before in TALKING:
            self.talk.learn(lasted, ended=view.phase is not SeatState.AWAY)
        elif before is SeatState.WRAP_UP:
            self.wrap.learn(lasted)
            back = view.phase is SeatState.AVAILABLE or view.phase in TALKING
            self.returning.learn(back, now.hour)

    # --- lines ------------------------------------------------------------------------------

    def _look_at_lines(self, lines: Iterable[LineView], ages: Ages, now: datetime) -> None:
        turn, kept, count = self._turn, self._lines, 0
        now_s = now.timestamp()
        for view in lines:
            count += 1
            line = kept.get(view.call_id)
            if line is None:
                line = kept[view.call_id] = _new_line(view, turn)
                self._order.append(line)
            line.turn = turn
            phase = view.phase
            if phase in HEARD or view.seat_id is not None:
                self._heard(line, view, ages)
            elif view.ending:
                line.known = False
            elif phase in JUDGED:
                line.answer(view)
                ages.screening.append(int((now_s - line.answered_s) * SCREENS_PER_S))
            else:
                ages.ringing.append(int((now_s - line.begun_s) * RINGS_PER_S))
        if len(kept) > count:
            self._forget_lines(now)
        self._learn_fates(now)

    def _heard(self, line: _Line, view: LineView, ages: Ages) -> None:
        """A person is on the line."""
        if line.known:
            self._was_live(line, view)
        if view.seat_id is None and view.phase is CallState.WAITING:
            if view.ending:
                ages.lost += 1
            else:
                ages.waiting += 1

    def _was_live(self, line: _Line, view: LineView) -> None:
        line.known = False
        # Offered or, where a seat was idle, bridged in the same instant.
        line.fate = max(view.since, line.answer(view)), True

    def _forget_lines(self, now: datetime) -> None:
        turn = self._turn
        for line in self._lines.values():
            if line.turn != turn and line.known:
                line.fate = now, False
        self._lines = {key: line for key, line in self._lines.items() if line.turn == turn}

    def _learn_fates(self, now: datetime) -> None:
        """In the order the lines began. Of lines begun together the failures are known first, then
        the answers and last those that rang out: taken as they come they would tell of a list
        where nobody answers, then of one where everybody does."""
        order = self._order
        while order:
            line = order[0]
            if line.fate is None and line.known and now - line.begun < FORGOTTEN:
                return
            order.popleft()
            if line.fate is None:
                continue
            known_at, live = line.fate
            ended = known_at if line.answered is None else line.answered
            self.ring.learn((ended - line.begun).total_seconds(), live=live, hour=ended.hour)
            if line.answered is not None:
                judged_s = (known_at - line.answered).total_seconds()
                self.screen.learn(judged_s, live=live, hour=ended.hour)

    # --- what lasts -------------------------------------------------------------------------

    def memory(self) -> dict[str, Any]:
        """What was learnt, as JSON."""
        return {
            "talk": self.talk.memory(),
            "wrap": self.wrap.memory(),
            "returning": self.returning.memory(),
            "ring": self.ring.memory(),
            "screen": self.screen.memory(),
        }

    def restore(self, memory: dict[str, Any]) -> None:
        """Go on from a `memory`; ValueError, KeyError or TypeError for one that is damaged."""
        self.talk.restore(memory["talk"])
        self.wrap.restore(memory["wrap"])
        self.returning.restore(memory["returning"])
        self.ring.restore(memory["ring"])
        self.screen.restore(memory["screen"])


def _new_line(view: LineView, turn: int) -> _Line:
    line = _Line(view.rang_since or view.since, turn)
    if view.answered_at is not None and view.rang_since is None:
        line.known = False  # seen for the first time after its answer
    return line


def _not_live(age: float) -> float:
    """Machines answer like people, wrong numbers fail at once, the rest rings out at 25 s."""
    return (
        0.32 * lognormal_survival(age, ANSWER_MEAN_S, ANSWER_CV)
        + 0.12 * max(0.0, 1.0 - age / 6.0)
        + 0.56 * (age < 25.5)
    )
