"""How many calls to start now, and why not more: the seam behind which pacing is exchanged.

A pacer sees the floor only through a `PacingSnapshot` and answers with a `Decision`. It is asked
after every batch of commands and on every tick, so it is driven by events (a seat became free, a
line failed) and not by a slow timer. Between two questions it may `observe` what was committed;
whatever it learns that way lives in the pacer and nowhere else. A pacer holds no clock and rolls
no dice. These dataclasses are stable: a pacer can be run in anybody's own simulator by building
snapshots and calling `decide`.

The three pacers here follow the Japanese meaning of 架電倍率, lines per *idle* seat:

* `PreviewPacer`: one customer for each seat that asked for one.
* `ProgressivePacer`: one line for each idle proven-ready seat. Nobody is ever called without an
  operator waiting for the answer.
* `RatioPacer`: `ratio` lines for each idle proven-ready seat, rounded half up (1.0–5.0).

Lines in flight that no operator hears yet are subtracted, also those still being leased, then
what trunks and the carrier's rate leave room for is the limit. `Decision.reason` names the first
thing that held the dialer back, in the order of the checks below; it is what the lead reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import floor as whole
from typing import Any, Protocol

from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Answers, CallState, Mode, Running, SeatState
from agent_desk.dialer.ids import CallId, CampaignId, SeatId
from agent_desk.dialer.why_codes import WhyCode

MIN_RATIO = 1.0
MAX_RATIO = 5.0  # R24


@dataclass(frozen=True)
class SeatView:
    """One seat of the campaign. `ready` is proven ready: available, heard, seen and audible."""

    seat_id: SeatId
    phase: SeatState
    since: datetime
    ready: bool
    deadline: datetime | None = None  # of wrap-up


@dataclass(frozen=True)
class LineView:
    """One attempt of the campaign that is not over. `seat_id` once an operator is tied to it."""

    call_id: CallId
    phase: CallState
    since: datetime
    rang_since: datetime | None
    answered_at: datetime | None
    seat_id: SeatId | None
    ending: bool = False  # asked to end: it will serve nobody


@dataclass(frozen=True)
class PacingSnapshot:
    """All a pacer may know, at the instant `decide` is given as `now`.

    `lines_room` and `calls_now` are over all trunks the campaign can use, other campaigns' calls
    already taken out; `calls_per_second` is the rate at which `calls_now` refills. `leasing`
    attempts were asked for and are not lines yet. `requests` are preview seats waiting for a
    customer, the longest waiting first. `nothing_until` is set when a lease found too little:
    before it, asking again is useless, for the reason `nothing_reason`. `ring_limit_s` is how long
    a line may ring; `bridge_within_s` how long a live answer may wait for an operator before it
    counts as abandoned; `safe_harbour` whether a recording for abandoned calls is approved (R21).
    """

    campaign_id: CampaignId
    mode: Mode
    ratio: float
    running: Running
    abandon_target: float
    answers: Answers
    seats: tuple[SeatView, ...]
    lines: tuple[LineView, ...]
    leasing: int
    gateways_linked: int
    trunks_up: int
    lines_room: int
    calls_now: int
    calls_per_second: float
    requests: tuple[SeatId, ...] = ()
    gateways_closed: WhyCode = WhyCode.NOTHING  # why no linked gateway takes a call
    nothing_until: datetime | None = None
    nothing_reason: WhyCode = WhyCode.NOTHING
    ring_limit_s: float = 25.0
    bridge_within_s: float = 2.0
    safe_harbour: bool = True


@dataclass(frozen=True)
class Decision:
    """Start `count` calls; `reason` is why not more. `seat_id`: the preview seat it is for.

    `expected_free` are the seats expected free within the ring time (the idle ones where nothing
    is predicted), `price` what a predictive pacer lets another line cost; both are for people.
    """

    count: int
    reason: WhyCode
    seat_id: SeatId | None = None
    expected_free: float = 0.0
    price: float | None = None


class Pacer(Protocol):
    """What the loop asks. One pacer per campaign, kept for as long as mode and ratio stand."""

    def observe(self, event: Event, now: datetime) -> None:
        """Learn from one committed event of this campaign."""

    def decide(self, snapshot: PacingSnapshot, now: datetime) -> Decision:
        """How many calls to start at this instant, and why not more."""

    def memory(self) -> dict[str, Any]:
        """What was learnt, as JSON with a version in it; {} for a pacer that learns nothing."""


STOPPED: dict[Running, WhyCode] = {
    "paused": WhyCode.CAMPAIGN_PAUSED,
    "draining": WhyCode.CAMPAIGN_DRAINING,
    "stopped": WhyCode.CAMPAIGN_STOPPED,
}
ON_DUTY = frozenset(SeatState) - {SeatState.OFFLINE}


def closed(snapshot: PacingSnapshot, now: datetime) -> WhyCode | None:
    """What forbids any call at all, whatever the mode; None when calls may be started."""
    if snapshot.running != "running":
        return STOPPED[snapshot.running]
    if snapshot.gateways_linked == 0:
        return WhyCode.GATEWAY_DOWN
    if snapshot.gateways_closed is not WhyCode.NOTHING:
        return snapshot.gateways_closed
    if snapshot.trunks_up == 0:
        return WhyCode.TRUNK_DOWN
    if not any(seat.phase in ON_DUTY for seat in snapshot.seats):
        return WhyCode.NO_SEATS
    if snapshot.nothing_until is not None and now < snapshot.nothing_until:
        return snapshot.nothing_reason
    return None


def within_room(wanted: int, reason: WhyCode, snapshot: PacingSnapshot) -> Decision:
    """The wish cut down to what trunks and rate allow; the cut is then the reason."""
    lines_room = max(0, snapshot.lines_room)
    if wanted > lines_room:
        wanted, reason = lines_room, WhyCode.TRUNK_FULL
    if wanted > snapshot.calls_now:
        wanted, reason = max(0, snapshot.calls_now), WhyCode.CALLS_PER_SECOND
    return Decision(wanted, reason)


def unserved(snapshot: PacingSnapshot) -> int:
    """Lines on their way to an operator nobody has named yet, those being leased included."""
    free = sum(
        1
        for line in snapshot.lines
        if line.seat_id is None
        and not line.ending
        and line.phase not in (CallState.BRIDGED, CallState.ENDED)
    )
    return free + snapshot.leasing


def idle_seats(snapshot: PacingSnapshot) -> int:
    """Seats a call could be bridged to this instant."""
    return sum(1 for seat in snapshot.seats if seat.ready)


def no_idle_seat(snapshot: PacingSnapshot) -> WhyCode:
    """Why there is no idle seat, when there are seats."""
    if any(seat.phase is SeatState.AVAILABLE for seat in snapshot.seats):
        return WhyCode.NO_SEAT_READY
    return WhyCode.NO_SEAT_AVAILABLE


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
        wanted = whole(self.ratio * idle + 0.5) - unserved(snapshot)
        if wanted <= 0:
            return Decision(0, WhyCode.ENOUGH_LINES)
        return within_room(wanted, WhyCode.NOTHING, snapshot)


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
            return Decision(0, WhyCode.AWAITING_OPERATOR)
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
    if mode in ("progressive", "predictive"):
        return ProgressivePacer()
    return RatioPacer(ratio)
