"""What a pacer is shown and what it answers: the seam behind which pacing is exchanged.

A pacer sees the floor only through a `PacingSnapshot` and answers with a `Decision`. These
dataclasses are stable and hold plain values: a pacer can be run in anybody's own simulator by
building snapshots and calling `decide` whenever something changed and at least each second.
`agent_desk.dialer.pacing` has the pacers, and names everything here as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Answers, CallState, Mode, Running, SeatState
from agent_desk.dialer.ids import CallId, CampaignId, SeatId
from agent_desk.dialer.why_codes import WhyCode

MIN_RATIO = 1.0
MAX_RATIO = 5.0  # R24
MOST_ABANDONED = 0.03  # share of live answers nobody may go beyond: R20, the law's
FEW_SEATS = 3  # under so many at work nobody dials ahead


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
class OtherView:
    """Another campaign whose calls some of the seats shown may be offered: its rules, its lines.

    `dialing`: it would start lines now, if there were seats for them.
    """

    campaign_id: CampaignId
    mode: Mode
    ratio: float
    abandon_target: float
    answers: Answers
    safe_harbour: bool
    lines: tuple[LineView, ...]
    leasing: int
    dialing: bool

    @property
    def one_each(self) -> bool:
        """Whether its people may rely on an operator who waits for them."""
        return (
            self.mode == "progressive"
            or (self.mode == "ratio" and self.ratio <= MIN_RATIO)
            or not self.safe_harbour
            or budget_spent(self.answers)
        )


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
    `seats` are all the campaign may have, also those it shares with the `others`, of whose lines
    `elsewhere` have a seat that is not shown here.
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
    others: tuple[OtherView, ...] = ()
    elsewhere: int = 0


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
BUSY = frozenset({SeatState.RESERVED, SeatState.TALKING, SeatState.HOLD, SeatState.WRAP_UP})
SERVED = frozenset({CallState.BRIDGED, CallState.ENDED})
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


def within_room(
    wanted: int,
    reason: WhyCode,
    snapshot: PacingSnapshot,
    *,
    expected_free: float = 0.0,
    price: float | None = None,
) -> Decision:
    """The wish cut down to what trunks and rate allow; the cut is then the reason."""
    lines_room = max(0, snapshot.lines_room)
    if wanted > lines_room:
        wanted, reason = lines_room, WhyCode.TRUNK_FULL
    if wanted > snapshot.calls_now:
        wanted, reason = max(0, snapshot.calls_now), WhyCode.CALLS_PER_SECOND
    return Decision(wanted, reason, expected_free=expected_free, price=price)


def unserved(snapshot: PacingSnapshot) -> int:
    """Lines on their way to an operator nobody has named yet, those being leased included."""
    return snapshot.leasing + _on_their_way(snapshot.lines)


def spoken_for(snapshot: PacingSnapshot) -> int:
    """Lines of other campaigns on their way to the seats shown, those being leased included."""
    count = sum(other.leasing + _on_their_way(other.lines) for other in snapshot.others)
    return max(0, count - snapshot.elsewhere)


def _on_their_way(lines: tuple[LineView, ...]) -> int:
    count = 0
    for line in lines:
        if line.seat_id is None and not line.ending and line.phase not in SERVED:
            count += 1
    return count


def idle_seats(snapshot: PacingSnapshot) -> int:
    """Seats a call could be bridged to this instant."""
    return sum(1 for seat in snapshot.seats if seat.ready)


def no_idle_seat(snapshot: PacingSnapshot) -> WhyCode:
    """Why there is no idle seat, when there are seats."""
    if any(seat.phase is SeatState.AVAILABLE for seat in snapshot.seats):
        return WhyCode.NO_SEAT_READY
    return WhyCode.NO_SEAT_AVAILABLE


def seats_at_work(snapshot: PacingSnapshot) -> int:
    """Seats that are ready now or will be after their call: proven ready, or busy with a call."""
    return sum(1 for seat in snapshot.seats if seat.ready or seat.phase in BUSY)


def budget_spent(answers: Answers) -> bool:
    """3.0 % of the last 24 hours' live answers are abandoned (R20)."""
    return answers.abandoned_24h > 0 and 100 * answers.abandoned_24h >= 3 * answers.live_24h


def why_not_ahead(snapshot: PacingSnapshot, at_work: int) -> WhyCode:
    """Why no more lines may be up than operators wait for one; `NOTHING` when more may be.

    `at_work` is what `seats_at_work` counts: with `FEW_SEATS` at work dialing ahead begins, for
    of five busy operators often none is idle, and that is the very moment for it.
    """
    if not snapshot.safe_harbour:
        return WhyCode.NO_SAFE_HARBOUR
    if budget_spent(snapshot.answers):
        return WhyCode.BUDGET_SPENT
    if at_work < FEW_SEATS:
        return WhyCode.FEW_SEATS
    if any(other.one_each for other in snapshot.others):
        return WhyCode.OTHERS_CARE
    return WhyCode.NOTHING
