"""Preview: the operator sees the customer first, then calls or passes on.

A seat asks (`NextCustomer`), the pacer of a preview campaign it serves says when, the lease finds
one attempt for that seat; the seat is then reserved with the caller record on screen, and the
attempt waits as `leased`. No INVITE exists until the operator says so, therefore skipping counts
for nothing.
"""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer import commands, effects, endings, placing, seats
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.effects import ShowCallerRecord
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.floor import Call, Campaign, NextCustomerRequest, Seat, SeatState
from agent_desk.dialer.ids import CampaignId, CustomerId, PhoneId, SeatId
from agent_desk.dialer.outcomes import Outcome
from agent_desk.dialer.sharing import works_for


def next_customer(draft: Draft, command: commands.NextCustomer) -> None:
    """Ask for the next customer; the pacer sees the wish in its snapshot."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "NextCustomer", seat.seat_id)
    campaigns = _previewed_by(draft, seat)
    if command.kept_by is not None and command.kept_by not in {c.campaign_id for c in campaigns}:
        _lease_for(draft, seat, command.kept_by)
        return
    if not campaigns:
        raise Refused(ErrorId.NOT_PREVIEW)
    if all(campaign.running != "running" for campaign in campaigns):
        raise Refused(ErrorId.CAMPAIGN_NOT_RUNNING, running=campaigns[0].running)
    if seat.next_customer is not NextCustomerRequest.NONE:
        raise Refused(ErrorId.NEXT_ALREADY_ASKED)
    draft.put_seat(replace(seat, next_customer=NextCustomerRequest.ASKED))


def _previewed_by(draft: Draft, seat: Seat) -> list[Campaign]:
    """The campaigns of the seat whose customers are seen before they are called."""
    return [
        campaign
        for campaign in draft.campaigns.rows.values()
        if campaign.mode == "preview" and works_for(seat, campaign.campaign_id)
    ]


def dial_by_hand(draft: Draft, command: commands.DialByHand) -> None:
    """Lease the customer chosen, to be shown to the seat like any other before the call."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "NextCustomer", seat.seat_id)
    _lease_for(draft, seat, command.campaign_id, (command.customer_id, command.phone_id))


def _lease_for(
    draft: Draft,
    seat: Seat,
    campaign_id: CampaignId,
    chosen: tuple[CustomerId, PhoneId] | tuple[()] = (),
) -> None:
    """One attempt for this seat, without the pacer: somebody chosen, or kept for its operator."""
    campaign = draft.campaign(campaign_id)
    if campaign.running != "running":
        raise Refused(ErrorId.CAMPAIGN_NOT_RUNNING, running=campaign.running)
    if not any(gateway.takes_new for gateway in draft.gateways.rows.values()):
        raise Refused(ErrorId.GATEWAY_DOWN)
    if seat.next_customer is not NextCustomerRequest.NONE:
        raise Refused(ErrorId.NEXT_ALREADY_ASKED)
    draft.put_seat(replace(seat, next_customer=NextCustomerRequest.LEASING))
    draft.leasing.put(campaign_id, (draft.leasing.get(campaign_id) or 0) + 1)
    draft.do(effects.Lease(campaign_id, 1, seat.seat_id, *chosen))


def begin_lease(draft: Draft, seat_id: SeatId) -> int:
    """1 when the seat still wants a customer, else 0."""
    seat = draft.seats.get(seat_id)
    if seat is None or seat.next_customer is not NextCustomerRequest.ASKED:
        return 0
    draft.put_seat(replace(seat, next_customer=NextCustomerRequest.LEASING))
    return 1


def show(draft: Draft, call: Call, seat_id: SeatId) -> bool:
    """Reserve the seat that asked and show it the customer; False when it waits no more."""
    seat = draft.seats.get(seat_id)
    if seat is None or seat.next_customer is not NextCustomerRequest.LEASING:
        return False
    if call.campaign_id in seat.lacks:  # since a lead took the skill, while the lease looked
        return False
    draft.move_seat(seat, "SeatReserved", call=call)
    draft.move_call(replace(call, preview=True, seat_id=seat_id), "SeatReserved", draft.now)
    draft.do(ShowCallerRecord(seat_id, call.call_id))
    return True


def end_lease(draft: Draft, seat_id: SeatId) -> None:
    """The lease was answered; a seat that got nobody may ask again."""
    seat = draft.seats.get(seat_id)
    if seat is not None and seat.next_customer is NextCustomerRequest.LEASING:
        draft.put_seat(replace(seat, next_customer=NextCustomerRequest.NONE))


def place_previewed(draft: Draft, command: commands.PlacePreviewed) -> None:
    """Call the customer shown."""
    seat, call = _shown(draft, command.seat_id, "PlacePreviewed")
    campaign = draft.campaign(call.campaign_id)
    if campaign.running != "running":
        raise Refused(ErrorId.CAMPAIGN_NOT_RUNNING, running=campaign.running)
    if not draft.linked(call.gateway_id):
        raise Refused(ErrorId.GATEWAY_DOWN)
    if draft.now > call.not_after:
        endings.finish(draft, call, endings.never_placed(draft.now, "too-late"))
    else:
        placing.place(draft, call)


def skip_previewed(draft: Draft, command: commands.SkipPreviewed) -> None:
    """Not this one: the list entry goes back, the seat is available again."""
    _, call = _shown(draft, command.seat_id, "SkipPreviewed")
    ending = endings.never_placed(draft.now, command.reason, outcome=Outcome.SKIPPED)
    endings.finish(draft, call, ending)


def _shown(draft: Draft, seat_id: SeatId, event: str) -> tuple[Seat, Call]:
    seat = draft.seat(seat_id)
    seats.target(seat.state, event, seat_id)
    call = draft.calls.get(seat.call_id)
    if call is None or call.may_exist:
        raise Refused(ErrorId.NOTHING_PREVIEWED)
    return seat, call


def withdraw(draft: Draft, campaign_id: CampaignId) -> None:
    """The campaign stopped: customers shown and not called go back, wishes are forgotten."""
    for seat in draft.seats.values():
        if not works_for(seat, campaign_id) and seat.campaign_id != campaign_id:
            continue
        call = draft.calls.get(seat.call_id)
        if seat.state is SeatState.RESERVED and call is not None and not call.may_exist:
            if call.campaign_id == campaign_id:
                endings.finish(draft, call, endings.never_placed(draft.now, "campaign-stopped"))
        elif seat.next_customer is NextCustomerRequest.ASKED and not any(
            campaign.running == "running" for campaign in _previewed_by(draft, seat)
        ):
            draft.put_seat(replace(seat, next_customer=NextCustomerRequest.NONE))
