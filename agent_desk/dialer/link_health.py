"""Heartbeats of pages and reports on audio legs: they prove a seat ready, they never move it.

The one exception, a page not heard for 30 s, is a deadline (`deadlines.py`). A page that comes
back after that stays away (lagged): the operator returns with one press, so nobody is connected
to a customer they do not expect.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent_desk.dialer import supervisors
from agent_desk.dialer.commands import ObserveMedia, ObservePulses
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.effects import CloseSeatMedia, Mute
from agent_desk.dialer.floor import Seat, SeatState
from agent_desk.dialer.gateway_facts import SeatMediaDown, SeatMediaUp

BRIDGING = frozenset({SeatState.RESERVED, SeatState.TALKING, SeatState.HOLD})


def observe_pulses(draft: Draft, command: ObservePulses) -> None:
    """The newest heartbeat of each seat; older ones than we have are nothing."""
    for pulse in command.pulses:
        seat = draft.seats.get(pulse.seat_id)
        if seat is None:
            continue
        at = min(pulse.at, draft.now)
        if seat.link.pulse_at is not None and at < seat.link.pulse_at:
            continue
        link = replace(
            seat.link,
            pulse_at=at,
            track_live=pulse.track_live,
            track_unmuted=pulse.track_unmuted,
        )
        draft.put_seat(replace(seat, link=link))


def observe_media(draft: Draft, command: ObserveMedia) -> None:
    """A gateway's report on its legs; another gateway's word on a seat is not asked for."""
    at = min(command.at, draft.now)
    for media in command.seats:
        seat = draft.seats.get(media.seat_id)
        if seat is None or seat.gateway_id not in (None, command.gateway_id):
            continue
        if seat.gateway_id is None and not media.connected:
            continue
        link = replace(
            seat.link,
            media_up=media.connected,
            media_at=at,
            consent_age_s=media.consent_age_s,
            loss=media.loss,
            jitter_ms=media.jitter_ms,
        )
        draft.put_seat(replace(seat, gateway_id=command.gateway_id, link=link))
    _note_condition(draft, command)


def _note_condition(draft: Draft, command: ObserveMedia) -> None:
    """Whether the gateway takes anything new; from one that leaves, free seats move to another."""
    gateway = draft.gateways.get(command.gateway_id)
    if gateway is None:
        return
    condition = (command.overloaded, command.draining)
    if (gateway.overloaded, gateway.draining) != condition:
        gateway = replace(gateway, overloaded=command.overloaded, draining=command.draining)
        draft.gateways.put(command.gateway_id, gateway)
    if command.draining and any(other.takes_new for other in draft.gateways.rows.values()):
        for seat in draft.seats.values():
            on_it = seat.gateway_id == command.gateway_id and seat.link.media_up
            if on_it and seat.state not in BRIDGING:
                # The page makes a new leg as soon as this one ends, and is given another gateway.
                draft.do(CloseSeatMedia(seat.seat_id, command.gateway_id))
                draft.put_seat(with_media(seat, up=False, at=draft.now))


def media_up(draft: Draft, fact: SeatMediaUp) -> None:
    """The leg is connected, in this gateway; one in another gateway has no use any more."""
    supervisors.media_up(draft, fact)
    seat = draft.seats.get(fact.seat_id)
    if seat is not None:
        if seat.gateway_id not in (None, fact.gateway_id) and draft.linked(seat.gateway_id):
            draft.do(CloseSeatMedia(seat.seat_id, seat.gateway_id))
        if seat.muted and seat.gateway_id != fact.gateway_id:
            draft.do(Mute(seat.seat_id, fact.gateway_id, on=True))  # it was told to another one
        seat = replace(seat, gateway_id=fact.gateway_id)
        draft.put_seat(with_media(seat, up=True, at=min(fact.at, draft.now)))


def media_down(draft: Draft, fact: SeatMediaDown) -> None:
    """The leg is gone; no state changes, the seat is merely not capacity."""
    supervisors.media_down(draft, fact)
    seat = draft.seats.get(fact.seat_id)
    if seat is not None and fact.gateway_id in (None, seat.gateway_id):
        draft.put_seat(with_media(seat, up=False, at=min(fact.at, draft.now)))


def with_media(seat: Seat, *, up: bool, at: datetime) -> Seat:
    """The seat with its leg known to be up, or not, at this instant."""
    link = replace(seat.link, media_up=up, media_at=at, consent_age_s=0.0)
    return replace(seat, link=link)
