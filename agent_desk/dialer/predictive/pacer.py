"""The predictive pacer: lines ahead of seats, for as long as another one is worth its risk.

A line started now brings a person, if at all, some nine seconds from now. The question is not how
many operators are idle but how many will be when it is answered, and how many other answers will
have come by then. Both are counts of independent chances, known from what was learnt
(`forecast.py`) and summed exactly (`counts.py`). The pacer starts lines one by one while the chance
that the next one's answer would find no seat is below the price (`price.py`), which falls as the
abandonment budget is used up.

Rules above all that:

* never fewer lines than idle ready seats: a waiting operator is always worth a call;
* not more than that while the budget is spent, while fewer than three seats are at work, or
  without an approved recording for abandoned calls;
* campaigns that share seats are held to the lowest price of them, and all their lines count;
* with a `cap`, lines in flight ÷ max(1, seats expected free within the ring time) stay within it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from agent_desk.dialer.events import Event
from agent_desk.dialer.pacing_facts import (
    MAX_RATIO,
    MIN_RATIO,
    Decision,
    PacingSnapshot,
    budget_spent,
    closed,
    idle_seats,
    no_idle_seat,
    spoken_for,
    unserved,
    why_not_ahead,
    within_room,
)
from agent_desk.dialer.predictive.beside import Beside, Others
from agent_desk.dialer.predictive.counts import balance
from agent_desk.dialer.predictive.forecast import Forecast
from agent_desk.dialer.predictive.price import Price, price
from agent_desk.dialer.predictive.watch import Ages, Watch
from agent_desk.dialer.why_codes import WhyCode

VERSION = 1
MOST_AT_ONCE = 200  # lines started by one decision; the next decision is a moment away
LOOK_AGAIN = timedelta(seconds=1)
PAUSE = timedelta(milliseconds=250)  # nothing that happens sooner changes the odds of a call
# More was wanted than could leave: that is not enough, and may go a moment later.
_CUT = (WhyCode.CALLS_PER_SECOND, WhyCode.TRUNK_FULL)
_DAMAGE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class PredictivePacer:
    """Learns from the snapshots it is asked with. One per campaign."""

    def __init__(self, cap: float | None, memory: Mapping[str, Any] | None = None) -> None:
        """`cap`: see the head of this module, 1.0–5.0, else ValueError; None (no cap) is for
        simulations. A `memory` of another version, or a damaged one, is as good as none."""
        if cap is not None and not MIN_RATIO <= cap <= MAX_RATIO:
            raise ValueError(f"ratio {cap} is outside {MIN_RATIO}–{MAX_RATIO}")
        self.cap = cap
        self._watch = _restored(memory)
        self._beside = Beside()
        self._forecast = Forecast(self._watch)
        self._enough: _Enough | None = None

    def observe(self, event: Event, now: datetime) -> None:
        """Events tell nothing the snapshots do not: `watch.py` compares those."""

    def memory(self) -> dict[str, Any]:
        """What was learnt: JSON, a few kilobytes."""
        return {"version": VERSION, **self._watch.memory()}

    def decide(self, snapshot: PacingSnapshot, now: datetime) -> Decision:
        """How many calls to start at this instant, and why not more."""
        forbidden = closed(snapshot, now)
        if self._enough is not None and not forbidden and self._enough.lately(snapshot, now):
            return self._enough.again()
        ages = self._watch.look(snapshot, now)
        if forbidden is not None:
            self._enough = None
            return Decision(0, forbidden)
        others = self._beside.look(snapshot, now)
        in_flight = ages.in_flight + snapshot.leasing + others.in_flight
        least = max(0, ages.idle - in_flight)
        held_back = why_not_ahead(snapshot, ages.at_work)
        if held_back:
            self._enough = None
            if held_back is WhyCode.FEW_SEATS and ages.idle == 0:
                held_back = no_idle_seat(snapshot)  # what stops the first line, not the second
            return within_room(least, held_back, snapshot, expected_free=float(ages.idle))
        cost = price(snapshot.answers, snapshot.abandon_target, pending=ages.lost)
        for other in snapshot.others:
            cost = min(cost, price(other.answers, other.abandon_target), key=_by_value)
        if self._enough is not None and self._enough.still(ages, in_flight, cost, now):
            return self._enough.again()
        decision = self._weigh(
            snapshot, ages, others, cost=cost, least=least, in_flight=in_flight, now=now
        )
        self._enough = None
        if decision.reason not in _CUT:
            self._enough = _Enough(decision, ages, in_flight + decision.count, cost, now)
        return decision

    def _weigh(
        self,
        snapshot: PacingSnapshot,
        ages: Ages,
        others: Others,
        *,
        cost: Price,
        least: int,
        in_flight: int,
        now: datetime,
    ) -> Decision:
        forecast = self._forecast
        forecast.refresh(now, snapshot.bridge_within_s)
        draws, expected = forecast.draws(ages, snapshot.leasing)
        lines = len(ages.ringing) + len(ages.screening) + snapshot.leasing
        if others.lines:
            theirs = others.draws(forecast.horizons_s)
            draws, lines = np.concatenate((draws, theirs)), lines + len(theirs)
        most = max(least, min(MOST_AT_ONCE, self._most(expected) - in_flight))
        odds = balance(
            seats=ages.at_work,
            spare=ages.idle - ages.waiting - others.waiting,
            draws=draws,
            lines=lines,
        )
        count, reason = 0, WhyCode.ENOUGH_LINES
        while count < most:
            if count >= least and odds.risk() >= cost.value:
                reason = WhyCode.ABANDON_BUDGET if cost.low else WhyCode.ENOUGH_LINES
                break
            odds.add_line(forecast.new_line)
            count += 1
        if count and reason is WhyCode.ENOUGH_LINES:
            reason = WhyCode.NOTHING
        return within_room(count, reason, snapshot, expected_free=expected, price=cost.value)

    def _most(self, expected_free: float) -> int:
        if self.cap is None:
            return 10**6
        return int(self.cap * max(1.0, expected_free) + 1e-9)


class _Enough:
    """The last decision, and the floor it left: as long as nothing got better, it stands.

    A line answered or a seat taken only adds to the risk, and most questions are of that kind.
    """

    __slots__ = ("at", "cost", "idle", "in_flight", "made", "wrapping")

    def __init__(
        self, decision: Decision, ages: Ages, in_flight: int, cost: Price, now: datetime
    ) -> None:
        self.made = decision
        self.at, self.cost, self.in_flight = now, cost.value, in_flight
        self.idle, self.wrapping = ages.idle, len(ages.wrapping)

    def again(self) -> Decision:
        """What it comes to now: nothing more to start, for the same reason."""
        made = self.made
        reason = made.reason or WhyCode.ENOUGH_LINES
        return Decision(0, reason, expected_free=made.expected_free, price=made.price)

    def lately(self, snapshot: PacingSnapshot, now: datetime) -> bool:
        """Whether it was decided a moment ago, and no operator has begun to wait since."""
        if not timedelta(0) <= now - self.at < PAUSE or budget_spent(snapshot.answers):
            return False
        idle = idle_seats(snapshot)
        lines = unserved(snapshot) + spoken_for(snapshot)
        return idle <= self.idle and (idle == 0 or lines >= idle)

    def still(self, ages: Ages, in_flight: int, cost: Price, now: datetime) -> bool:
        """Whether another look would end the same way."""
        return (
            ages.idle <= self.idle
            and len(ages.wrapping) <= self.wrapping
            and in_flight >= self.in_flight
            and in_flight >= ages.idle
            and cost.value <= self.cost * 1.02
            and timedelta(0) <= now - self.at < LOOK_AGAIN
        )


def _by_value(cost: Price) -> float:
    return cost.value


def _restored(memory: Mapping[str, Any] | None) -> Watch:
    watch = Watch()
    if not memory or memory.get("version") != VERSION:
        return watch
    try:
        watch.restore(dict(memory))
    except _DAMAGE:
        return Watch()  # what was read half is not kept
    return watch
