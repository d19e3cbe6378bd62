"""What a pacer sees of the floor: one campaign's seats and lines, and what it shares with others.

Trunks are shared by all, seats by the campaigns of a team. A seat that serves two campaigns is seen
by both pacers, and each sees the other's lines, so that no seat is counted on twice. Where the
other campaign has seats of its own besides, its lines are taken to go there as far as they can.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta

from agent_desk.dialer.floor import (
    Call,
    CallState,
    Campaign,
    Floor,
    Gateway,
    NextCustomerRequest,
    Seat,
    SeatState,
    Why,
)
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId, TrunkId
from agent_desk.dialer.pacing import LineView, OtherView, PacingSnapshot, SeatView
from agent_desk.dialer.sharing import campaigns_of, on_their_way, served
from agent_desk.dialer.why_codes import WhyCode

# After a lease found too little, lists and ledgers are looked at again no sooner than the first,
# no later than the second: an import or a promise taken back may have made somebody callable.
RECHECK_SOONEST_S = 1.0
RECHECK_LATEST_S = 5.0


class Survey:
    """Seats and lines by campaign, gone through once for all campaigns of a floor.

    Every pacer is asked after every batch; with a thousand seats most of what it is shown is what
    it was shown a moment ago, and is not made anew where the seat or the call is the same.
    """

    def __init__(self) -> None:
        self._seats: dict[CampaignId, list[Seat]] = {}
        self._lines: dict[CampaignId, tuple[LineView, ...]] = {}
        self._used: Counter[tuple[GatewayId, TrunkId]] = Counter()
        self._views: dict[CallId, tuple[Call, LineView]] = {}
        self._seat_views: dict[SeatId, tuple[Seat, SeatView]] = {}

    def look(self, floor: Floor) -> None:
        """Take up this floor; seats and calls that did not change are kept as they were seen."""
        self._look_at_seats(floor)
        self._look_at_calls(floor)

    def seats(self, campaign_id: CampaignId) -> Sequence[Seat]:
        """Those that may be offered its calls."""
        return self._seats.get(campaign_id, ())

    def lines(self, campaign_id: CampaignId) -> tuple[LineView, ...]:
        """Its attempts that are not over."""
        return self._lines.get(campaign_id, ())

    def used(self, usable: Iterable[tuple[GatewayId, TrunkId]]) -> int:
        """Lines in use on these trunks, by whatever campaign."""
        return sum(self._used[each] for each in usable)

    def view(self, seat: Seat, *, ready: bool) -> SeatView:
        """The seat as pacers see it."""
        known = self._seat_views.get(seat.seat_id)
        if known is not None and known[0] is seat and known[1].ready is ready:
            return known[1]
        view = SeatView(seat.seat_id, _phase(seat), seat.since, ready, seat.deadline)
        self._seat_views[seat.seat_id] = (seat, view)
        return view

    def _look_at_seats(self, floor: Floor) -> None:
        self._seats = {}
        for seat in floor.seats.values():
            for campaign_id in campaigns_of(seat):
                self._seats.setdefault(campaign_id, []).append(seat)
        for gone in self._seat_views.keys() - floor.seats.keys():
            del self._seat_views[gone]

    def _look_at_calls(self, floor: Floor) -> None:
        lines: dict[CampaignId, list[LineView]] = {}
        views: dict[CallId, tuple[Call, LineView]] = {}
        self._used = Counter()
        for call_id, call in floor.calls.items():
            if call.state is CallState.ENDED:
                continue
            known = self._views.get(call_id)
            if known is None or known[0] is not call:
                known = (call, _line(call))
            views[call_id] = known
            lines.setdefault(call.campaign_id, []).append(known[1])
            if call.may_exist:
                self._used[call.gateway_id, call.trunk_id] += 1
        self._views = views
        self._lines = {campaign_id: tuple(found) for campaign_id, found in lines.items()}


def snapshot(
    floor: Floor, campaign_id: CampaignId, now: datetime, survey: Survey | None = None
) -> PacingSnapshot:
    """The campaign as its pacer may see it at `now`; KeyError for an unknown campaign.

    `survey` is kept by whoever asks for campaign after campaign, and has looked at this floor.
    """
    campaign = floor.campaigns[campaign_id]
    if survey is None:
        survey = Survey()
        survey.look(floor)
    seats = survey.seats(campaign_id)
    linked = [gateway for gateway in floor.gateways.values() if gateway.linked]
    taking = {gateway.gateway_id: gateway for gateway in linked if gateway.takes_new}
    usable = {
        (gateway_id, trunk_id): share
        for gateway_id, gateway in taking.items()
        for trunk_id, share in gateway.trunks.items()
        if share.up
    }
    leasing_all = sum(floor.leasing.values())
    lines = sum(share.lines for share in usable.values())
    others = _others(floor, campaign_id, survey, now)
    return PacingSnapshot(
        campaign_id=campaign_id,
        mode=campaign.mode,
        ratio=campaign.ratio,
        running=campaign.running,
        abandon_target=campaign.abandon_target,
        answers=campaign.answers,
        seats=tuple(survey.view(seat, ready=_is_idle(seat, taking, now)) for seat in seats),
        lines=survey.lines(campaign_id),
        leasing=floor.leasing.get(campaign_id, 0),
        gateways_linked=len(linked),
        trunks_up=len(usable),
        lines_room=lines - survey.used(usable) - leasing_all,
        calls_now=sum(int(share.calls_now(now)) for share in usable.values()) - leasing_all,
        calls_per_second=sum(share.calls_per_second for share in usable.values()),
        requests=_requests(seats),
        gateways_closed=WhyCode.NOTHING if taking else _why_closed(linked),
        nothing_until=_nothing_until(floor.why.get(campaign_id)),
        nothing_reason=_nothing_reason(floor.why.get(campaign_id)),
        ring_limit_s=campaign.ring_limit_s,
        bridge_within_s=campaign.bridge_within_s,
        safe_harbour=_safe_harbour(campaign, taking.values()),
        others=others,
        elsewhere=_elsewhere(floor, campaign_id, others, taking, now) if others else 0,
    )


def _is_idle(seat: Seat, taking: Container[GatewayId | None], now: datetime) -> bool:
    """A seat whose gateway takes no new call is no capacity for one, nor is one that is about to
    be shown a customer."""
    return (
        seat.state is SeatState.AVAILABLE  # asked first: of most seats on a busy floor it says no
        and seat.next_customer is NextCustomerRequest.NONE
        and seat.gateway_id in taking
        and seat.proven_ready(now)
    )


def _others(
    floor: Floor, campaign_id: CampaignId, survey: Survey, now: datetime
) -> tuple[OtherView, ...]:
    """The campaigns on these seats that dial, or have lines up. One with previews takes a seat
    before it calls, so its lines are in nobody's way."""
    kinds = {campaigns_of(seat) for seat in survey.seats(campaign_id)}
    shared = {each for kind in kinds for each in kind} - {campaign_id}
    taking = [gateway for gateway in floor.gateways.values() if gateway.takes_new]
    views = []
    for campaign in (floor.campaigns[each] for each in sorted(shared & floor.campaigns.keys())):
        if campaign.mode == "preview":
            continue
        until = _nothing_until(floor.why.get(campaign.campaign_id))
        view = OtherView(
            campaign_id=campaign.campaign_id,
            mode=campaign.mode,
            ratio=campaign.ratio,
            abandon_target=campaign.abandon_target,
            answers=campaign.answers,
            safe_harbour=_safe_harbour(campaign, taking),
            lines=survey.lines(campaign.campaign_id),
            leasing=floor.leasing.get(campaign.campaign_id, 0),
            dialing=campaign.running == "running" and (until is None or now >= until),
        )
        if view.dialing or view.lines or view.leasing:
            views.append(view)
    return tuple(views)


def _elsewhere(
    floor: Floor,
    campaign_id: CampaignId,
    others: Iterable[OtherView],
    taking: Container[GatewayId | None],
    now: datetime,
) -> int:
    """How many lines of the others need none of this campaign's idle seats.

    Needed are as many as can be given an idle seat beyond those that can have another one. A line
    for which there is none at all, because its campaign dials ahead, may want any.
    """
    idle = Counter(campaigns_of(s) for s in floor.seats.values() if _is_idle(s, taking, now))
    apart = {serves: count for serves, count in idle.items() if campaign_id not in serves}
    if not apart:
        return 0
    lines = on_their_way(floor.calls.values()) + Counter(floor.leasing)
    del lines[campaign_id]
    seated = served(lines, idle)
    needed = seated - served(lines, apart) + lines.total() - seated
    return max(0, sum(lines[other.campaign_id] for other in others) - needed)


def _phase(seat: Seat) -> SeatState:
    """Who goes on a break after this call does not come back from it: away, as far as calls go."""
    order = seat.order
    leaves = order is not None and not order.done and order.what in {"away", "logout"}
    return SeatState.AWAY if leaves or seat.queued_away is not None else seat.state


def _why_closed(linked: Sequence[Gateway]) -> WhyCode:
    """Why none of these takes a call; nothing to say when there is none."""
    if not linked:
        return WhyCode.NOTHING
    if all(gateway.draining for gateway in linked):
        return WhyCode.GATEWAY_DRAINING
    return WhyCode.GATEWAY_OVERLOADED


def _safe_harbour(campaign: Campaign, gateways: Iterable[Gateway]) -> bool:
    """Whether an abandoned call would hear what was approved, whichever gateway it is on."""
    approved = campaign.safe_harbour
    return bool(approved) and all(gateway.safe_harbour == approved for gateway in gateways)


def _line(call: Call) -> LineView:
    return LineView(
        call_id=call.call_id,
        phase=call.state,
        since=call.since,
        rang_since=call.rang_at,
        answered_at=call.answered_at,
        seat_id=call.seat_id,
        ending=call.ending_at is not None,
    )


def _requests(seats: Sequence[Seat]) -> tuple[SeatId, ...]:
    asking = [seat for seat in seats if seat.next_customer is NextCustomerRequest.ASKED]
    asking.sort(key=lambda seat: (seat.since, seat.seat_id))
    return tuple(seat.seat_id for seat in asking)


def _nothing_reason(why: Why | None) -> WhyCode:
    return why.dry_reason if why is not None else WhyCode.NOTHING


def _nothing_until(why: Why | None) -> datetime | None:
    if why is None or why.dry_at is None:
        return None
    latest = why.dry_at + timedelta(seconds=RECHECK_LATEST_S)
    if why.next_allowed_at is None:
        return latest
    return max(why.dry_at + timedelta(seconds=RECHECK_SOONEST_S), min(latest, why.next_allowed_at))
