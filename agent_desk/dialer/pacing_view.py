"""What a pacer sees of the floor: one campaign's seats and lines, and the room all share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from agent_desk.dialer.floor import (
    CallState,
    Campaign,
    Floor,
    Gateway,
    NextCustomerRequest,
    Seat,
    SeatState,
    Share,
    Why,
)
from agent_desk.dialer.ids import CampaignId, GatewayId, SeatId, TrunkId
from agent_desk.dialer.pacing import LineView, PacingSnapshot, SeatView
from agent_desk.dialer.why_codes import WhyCode

# After a lease found too little, lists and ledgers are looked at again no sooner than the first,
# no later than the second: an import or a promise taken back may have made somebody callable.
RECHECK_SOONEST_S = 1.0
RECHECK_LATEST_S = 5.0


def snapshot(floor: Floor, campaign_id: CampaignId, now: datetime) -> PacingSnapshot:
    """The campaign as its pacer may see it at `now`; KeyError for an unknown campaign."""
    campaign = floor.campaigns[campaign_id]
    seats = [seat for seat in floor.seats.values() if seat.campaign_id == campaign_id]
    linked = [gateway for gateway in floor.gateways.values() if gateway.linked]
    taking = {gateway.gateway_id: gateway for gateway in linked if gateway.takes_new}
    usable = {
        (gateway_id, trunk_id): share
        for gateway_id, gateway in taking.items()
        for trunk_id, share in gateway.trunks.items()
        if share.up
    }
    leasing_all = sum(floor.leasing.values())
    why = floor.why.get(campaign_id)
    return PacingSnapshot(
        campaign_id=campaign_id,
        mode=campaign.mode,
        ratio=campaign.ratio,
        running=campaign.running,
        abandon_target=campaign.abandon_target,
        answers=campaign.answers,
        seats=tuple(
            SeatView(
                seat_id=seat.seat_id,
                phase=_phase(seat),
                since=seat.since,
                # A seat whose gateway takes no new call is no capacity for one.
                ready=seat.gateway_id in taking and seat.proven_ready(now),
                deadline=seat.deadline,
            )
            for seat in seats
        ),
        lines=_lines(floor, campaign_id),
        leasing=floor.leasing.get(campaign_id, 0),
        gateways_linked=len(linked),
        trunks_up=len(usable),
        lines_room=_lines_room(floor, usable) - leasing_all,
        calls_now=sum(int(share.calls_now(now)) for share in usable.values()) - leasing_all,
        calls_per_second=sum(share.calls_per_second for share in usable.values()),
        requests=_requests(seats),
        gateways_closed=WhyCode.NOTHING if taking else _why_closed(linked),
        nothing_until=_nothing_until(why),
        nothing_reason=why.dry_reason if why is not None else WhyCode.NOTHING,
        ring_limit_s=campaign.ring_limit_s,
        bridge_within_s=campaign.bridge_within_s,
        safe_harbour=_safe_harbour(campaign, taking.values()),
    )


def _phase(seat: Seat) -> SeatState:
    """Who goes on a break after this call does not come back from it: away, as far as calls go."""
    return seat.state if seat.queued_away is None else SeatState.AWAY


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


def _lines(floor: Floor, campaign_id: CampaignId) -> tuple[LineView, ...]:
    return tuple(
        LineView(
            call_id=call.call_id,
            phase=call.state,
            since=call.since,
            rang_since=call.rang_at,
            answered_at=call.answered_at,
            seat_id=call.seat_id,
            ending=call.ending_at is not None,
        )
        for call in floor.calls.values()
        if call.campaign_id == campaign_id and call.state is not CallState.ENDED
    )


def _lines_room(floor: Floor, usable: dict[tuple[GatewayId, TrunkId], Share]) -> int:
    used = sum(
        1
        for call in floor.calls.values()
        if call.state is not CallState.ENDED
        and call.may_exist
        and (call.gateway_id, call.trunk_id) in usable
    )
    return sum(share.lines for share in usable.values()) - used


def _requests(seats: list[Seat]) -> tuple[SeatId, ...]:
    asking = [seat for seat in seats if seat.next_customer is NextCustomerRequest.ASKED]
    asking.sort(key=lambda seat: (seat.since, seat.seat_id))
    return tuple(seat.seat_id for seat in asking)


def _nothing_until(why: Why | None) -> datetime | None:
    if why is None or why.dry_at is None:
        return None
    latest = why.dry_at + timedelta(seconds=RECHECK_LATEST_S)
    if why.next_allowed_at is None:
        return latest
    return max(why.dry_at + timedelta(seconds=RECHECK_SOONEST_S), min(latest, why.next_allowed_at))
