"""How many calls to start now, and why not more: the pacers.

A pacer sees the floor only through a `PacingSnapshot` and answers with a `Decision`
(`pacing_facts.py`). It is asked after every batch of commands and on every tick, so it is driven
by events (a seat became free, a line failed) and not by a slow timer. Between two questions it may
`observe` what was committed; whatever it learns that way lives in the pacer and nowhere else. A
pacer holds no clock and rolls no dice.

* `PreviewPacer`: one customer for each seat that asked for one.
* `ProgressivePacer`: one line for each idle proven-ready seat. Nobody is ever called without an
  operator waiting for the answer.
* `RatioPacer`: `ratio` lines for each idle proven-ready seat, rounded half up (1.0–5.0): the
  Japanese meaning of 架電倍率. One line each while it may not dial ahead (`why_not_ahead`).
* `PredictivePacer` (room `predictive/`): as many lines as the seats that will be free can take.

Lines in flight that no operator hears yet are subtracted, also those still being leased and those
of other campaigns that share the seats; such campaigns are as careful as the most careful of them.
Then what trunks and the carrier's rate leave room for is the limit. `Decision.reason` names the
first thing that held the dialer back, in the order of the checks below; it is what the lead reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import floor as whole
from typing import Any

from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Mode, SeatState
from agent_desk.dialer.pacing_facts import (
    FEW_SEATS,
    MAX_RATIO,
    MIN_RATIO,
    MOST_ABANDONED,
    STOPPED,
    Decision,
    LineView,
    OtherView,
    Pacer,
    PacingSnapshot,
    SeatView,
    budget_spent,
    closed,
    idle_seats,
    no_idle_seat,
    seats_at_work,
    spoken_for,
    unserved,
    why_not_ahead,
    within_room,
)
from agent_desk.dialer.predictive.pacer import PredictivePacer
from agent_desk.dialer.why_codes import WhyCode

__all__ = [
    "FEW_SEATS",
    "MAX_RATIO",
    "MIN_RATIO",
    "MOST_ABANDONED",
    "STOPPED",
    "Decision",
    "LineView",
    "OtherView",
    "Pacer",
    "PacingSnapshot",
    "PredictivePacer",
    "PreviewPacer",
    "ProgressivePacer",
    "RatioPacer",
    "SeatView",
    "budget_spent",
    "closed",
    "idle_seats",
    "no_idle_seat",
    "overdials",
    "pacer_for",
    "seats_at_work",
    "spoken_for",
    "unserved",
    "why_not_ahead",
    "within_room",
]


class RatioPacer:
    """A fixed number of lines per idle proven-ready seat (架電倍率); keeps no memory."""

    def __init__(self, ratio: float) -> None:
        """`ratio` lines per idle seat, 1.0–5.0; ValueError outside."""
        if not MIN_RATIO <= ratio <= MAX_RATIO:
            raise ValueError(f"ratio {ratio} is outside {MIN_RATIO}–{MAX_RATIO}")
        self.ratio = ratio

    def observe(self, event: Event, now: datetime) -> None:
        """Nothing is learnt: the ratio is a person's choice."""

    def memory(self) -> dict[str, Any]:
        """Nothing to keep."""
        return {}

    def decide(self, snapshot: PacingSnapshot, now: datetime) -> Decision:
        """`ratio` × idle seats, rounded half up, less the lines already in flight."""
        forbidden = closed(snapshot, now)
        if forbidden is not None:
            return Decision(0, forbidden)
        idle = idle_seats(snapshot)
        if idle == 0:
            return Decision(0, no_idle_seat(snapshot))
        ratio, held_back = self.ratio, WhyCode.NOTHING
        if ratio > MIN_RATIO:
            held_back = why_not_ahead(snapshot, seats_at_work(snapshot))
            ratio = MIN_RATIO if held_back else ratio
        room, taken = whole(ratio * idle + 0.5) - unserved(snapshot), spoken_for(snapshot)
        wanted = room - taken
        if wanted <= 0:
            enough = WhyCode.OTHERS_LINES if room > 0 else WhyCode.ENOUGH_LINES
            return Decision(0, held_back or enough, expected_free=float(idle))
        return within_room(wanted, held_back, snapshot, expected_free=float(idle))


class ProgressivePacer(RatioPacer):
    """One line per idle proven-ready seat that no line in flight serves already."""

    def __init__(self) -> None:
        super().__init__(1.0)


class PreviewPacer:
    """One customer at a time for the seat that asked first."""

    def observe(self, event: Event, now: datetime) -> None:
        """Nothing is learnt: operators set the pace."""

    def memory(self) -> dict[str, Any]:
        """Nothing to keep."""
        return {}

    def decide(self, snapshot: PacingSnapshot, now: datetime) -> Decision:
        """One for the first request; its own line is needed only when the operator calls."""
        forbidden = closed(snapshot, now)
        if forbidden is not None:
            return Decision(0, forbidden)
        if not snapshot.requests:
            waits = any(seat.phase is SeatState.AVAILABLE for seat in snapshot.seats)
            awaited = WhyCode.AWAITING_OPERATOR if waits else WhyCode.NO_SEAT_AVAILABLE
            return Decision(0, awaited)
        if spoken_for(snapshot) > idle_seats(snapshot):  # which those that asked are not
            return Decision(0, WhyCode.OTHERS_LINES)
        return Decision(1, WhyCode.NOTHING, snapshot.requests[0])


def overdials(mode: Mode, ratio: float) -> bool:
    """Whether more people may be called than operators wait: then some may answer to nobody."""
    return mode == "predictive" or (mode == "ratio" and ratio > MIN_RATIO)


def pacer_for(mode: Mode, ratio: float, memory: Mapping[str, Any] | None = None) -> Pacer:
    """The pacer of a campaign's mode, going on from a `memory` it gave before.

    `ratio` matters in the modes `ratio` and `predictive` only.
    """
    if mode == "preview":
        return PreviewPacer()
    if mode == "progressive":
        return ProgressivePacer()
    if mode == "predictive":
        return PredictivePacer(ratio, memory)
    return RatioPacer(ratio)
