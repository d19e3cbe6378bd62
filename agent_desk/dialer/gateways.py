"""Gateways come, go and come back: what is believed of their calls is made true again.

A gateway that says hello with another boot id has lost every call it had. One that was only out
of reach tells what it still holds, after the events it could not deliver; what the floor has
beyond that is over, and what it holds that the floor does not know is hung up.

Until that snapshot the floor is behind the truth, so a gateway that said hello is not yet `linked`:
no deadline is judged by old news, and a talk that began while nobody listened is not cut off.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from agent_desk.dialer import effects, endings, gateway_facts, offering, supervisors, withdrawals
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.events import GatewayBooted
from agent_desk.dialer.floor import Call, CallState, Gateway, SeatState, Share
from agent_desk.dialer.ids import GatewayId
from agent_desk.dialer.link_health import with_media

# An INVITE order younger than this may have crossed the snapshot on the wire.
CROSSING_S = 5.0


def welcomed(draft: Draft, fact: gateway_facts.GatewayWelcomed) -> None:
    """Hello, or a new share of the trunks for a gateway that is linked and stays so.

    Linked is who has told everything (`GatewaySnapshot`); that also says which trunks are usable.
    """
    known = draft.gateways.get(fact.gateway_id)
    restarted = known is not None and known.boot_id != fact.boot_id
    same = None if restarted else known
    shares = dict(same.trunks) if same is not None else {}
    trunks = {
        trunk_id: replace(
            shares.get(trunk_id, Share(lines, rate, up=False)), lines=lines, calls_per_second=rate
        )
        for trunk_id, lines, rate in fact.trunks
    }
    if same is None:
        same = Gateway(fact.gateway_id, fact.boot_id, linked=False, trunks={}, lost_at=draft.now)
    same = replace(
        same,
        trunks=trunks,
        relay_address=fact.relay_address,
        safe_harbour=fact.safe_harbour,
        # One that stays has told since what it holds (`messages_held`).
        messages=same.messages or fact.messages,
    )
    draft.gateways.put(fact.gateway_id, same)
    draft.emit(GatewayBooted(fact.gateway_id, fact.boot_id, restarted, draft.now))
    if known is not None and restarted:
        if not _has_left(draft, known):
            draft.do(effects.TellLeads("gateway-restarted", None, None))
        _forget_calls(draft, fact.gateway_id)


def _has_left(draft: Draft, gateway: Gateway) -> bool:
    """Whether it went when all was done: it said that it would, and no call was on it."""
    return gateway.draining and not _calls_of(draft, gateway.gateway_id)


def _forget_calls(draft: Draft, gateway_id: GatewayId) -> None:
    for call in _calls_of(draft, gateway_id):
        if call.may_exist:
            ending = endings.failed(call, _attended_until(draft, call), "gateway-restarted")
            endings.finish(draft, call, ending)
    for seat in draft.seats.values():
        if seat.gateway_id == gateway_id:
            draft.put_seat(with_media(seat, up=False, at=draft.now))
    supervisors.gateway_restarted(draft, gateway_id)


def _attended_until(draft: Draft, call: Call) -> datetime:
    """When a call ended whose end nobody told: nobody was in a page that was gone by then."""
    seat = draft.seats.get(call.seat_id)
    if seat is None or call.taken_by is not None or seat.link.health(draft.now) != "lost":
        return draft.now
    return seat.link.heard_at


def _calls_of(draft: Draft, gateway_id: GatewayId) -> list[Call]:
    return [
        call
        for call in draft.calls.rows.values()
        if call.gateway_id == gateway_id and call.state is not CallState.ENDED
    ]


def lost(draft: Draft, fact: gateway_facts.GatewayLost) -> None:
    """Out of reach: calls go on over there, nothing new is placed through it."""
    gateway = draft.gateways.get(fact.gateway_id)
    if gateway is not None and gateway.linked:
        draft.gateways.put(fact.gateway_id, replace(gateway, linked=False, lost_at=draft.now))
        if not _has_left(draft, gateway):
            draft.do(effects.TellLeads("gateway-lost", None, None))


def messages_held(draft: Draft, fact: gateway_facts.MessagesHeld) -> None:
    """What can be played there from now on."""
    gateway = draft.gateways.get(fact.gateway_id)
    if gateway is not None:
        told = replace(gateway, messages=fact.messages, refused_messages=fact.refused)
        draft.gateways.put(fact.gateway_id, told)


def trunk_changed(draft: Draft, fact: gateway_facts.TrunkChanged) -> None:
    """A trunk became usable or unusable in this gateway."""
    gateway = draft.gateways.get(fact.gateway_id)
    share = gateway.trunks.get(fact.trunk_id) if gateway is not None else None
    if gateway is None or share is None:
        return
    told = replace(share, up=fact.up, reason="" if fact.up else fact.reason)
    if told != share:
        trunks = {**gateway.trunks, fact.trunk_id: told}
        draft.gateways.put(fact.gateway_id, replace(gateway, trunks=trunks))


def snapshot(draft: Draft, fact: gateway_facts.GatewaySnapshot) -> None:
    """Everything alive in a gateway, told after all the events it had to tell."""
    gateway = draft.gateways.get(fact.gateway_id)
    if gateway is None or gateway.boot_id != fact.boot_id:
        return
    trunks = {
        trunk_id: replace(
            share,
            up=trunk_id in fact.trunks_up,
            reason="" if trunk_id in fact.trunks_up else share.reason,
        )
        for trunk_id, share in gateway.trunks.items()
    }
    gateway = replace(gateway, linked=True, lost_at=None, trunks=trunks)
    draft.gateways.put(fact.gateway_id, gateway)
    _match_seats(draft, fact)
    _match_calls(draft, fact)
    supervisors.match(draft, fact)
    if any(
        not call.inbound and call.bridged_at is None for call in _calls_of(draft, fact.gateway_id)
    ):
        # A desk that died between the rows of a hold and this order has not withdrawn them.
        draft.do(effects.JudgeAgain(fact.gateway_id))


def _match_seats(draft: Draft, fact: gateway_facts.GatewaySnapshot) -> None:
    connected = frozenset(fact.connected_seats)
    for seat in draft.seats.values():
        if seat.seat_id in connected:
            seat = replace(seat, gateway_id=fact.gateway_id)
            draft.put_seat(with_media(seat, up=True, at=draft.now))
            if seat.state in (SeatState.TALKING, SeatState.HOLD):
                draft.do(effects.Mute(seat.seat_id, fact.gateway_id, seat.muted))
        elif seat.gateway_id == fact.gateway_id:
            draft.put_seat(with_media(seat, up=False, at=draft.now))


def _match_calls(draft: Draft, fact: gateway_facts.GatewaySnapshot) -> None:
    live = {call.call_id: call for call in fact.calls}
    mine = _calls_of(draft, fact.gateway_id)
    for call in mine:
        there = live.get(call.call_id)
        if there is None:
            _end_unknown(draft, call)
        elif call.ending_at is not None and call.bridged_at is None:
            withdrawals.say_again(draft, call, treated=there.phase == "treated")
        elif call.bridge_asked_at is not None and call.state is not CallState.BRIDGED:
            _match_bridge(draft, call, there)
        elif call.state is CallState.BRIDGED and there.phase == "bridged":
            _say_again(draft, call)
        elif call.inbound and there.phase == "ringing":
            draft.put_call(replace(call, answer_asked_at=None))  # that order was lost
    ours = {call.call_id for call in mine}
    for call_id, there in live.items():
        # A closing recording ends the call by itself; cutting it off would leave silence.
        # Nor is a customer disturbed who was handed to a number outside: no seat is in that talk.
        handed_on = there.phase == "bridged" and there.seat_id is None
        if call_id not in ours and there.phase != "treated" and not handed_on:
            draft.do(effects.HangUp(call_id, fact.gateway_id, "unknown-call"))


def _say_again(draft: Draft, call: Call) -> None:
    """What an operator asked for while no order arrived (as with `Mute`): a customer who hears what
    was said on hold, a card's number in a recording. Each order may come twice."""
    seat = draft.seats.get(call.seat_id)
    if seat is not None and call.taken_by is None:
        on_hold = seat.state is SeatState.HOLD
        draft.do(effects.Hold(call.call_id, call.gateway_id, on_hold))
    if draft.campaign(call.campaign_id).recording:
        draft.do(effects.PauseRecording(call.call_id, call.gateway_id, call.recording_paused))


def _end_unknown(draft: Draft, call: Call) -> None:
    """The gateway has not heard of it, or has it no more."""
    if not call.may_exist:
        return
    if call.state is not CallState.LEASED:
        ending = endings.failed(call, _attended_until(draft, call), "gateway-unaware")
        endings.finish(draft, call, ending)
    elif draft.now - (call.place_asked_at or call.since) > timedelta(seconds=CROSSING_S):
        # Same boot, all its events told, and no trace of the order: the INVITE never left.
        endings.finish(draft, call, endings.never_placed(draft.now, "gateway-unaware"))


def _match_bridge(draft: Draft, call: Call, there: gateway_facts.LiveCall) -> None:
    """What became of the order to bridge: carried out, though its news is lost, or lost itself."""
    if there.phase in ("waiting", "ringing"):  # ringing: a call that came in
        # `offer_waiting` asks again, or finds another seat if this one is not fit any more.
        draft.put_call(replace(call, bridge_asked_at=None))
    elif there.phase == "bridged" and there.seat_id is not None and there.seat_id == call.seat_id:
        seat = draft.seats.get(there.seat_id)
        if seat is not None and seat.state is SeatState.RESERVED and seat.call_id == call.call_id:
            offering.begin_talk(draft, call, seat, draft.now)
