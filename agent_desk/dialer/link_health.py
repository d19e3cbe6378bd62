"""Heartbeats of pages and reports on audio legs: they prove a seat ready, they never move it.

The one exception, a page not heard for 30 s, is a deadline (`deadlines.py`). A page that comes
back after that stays away (lagged): the operator returns with one press, so nobody is connected
to a customer they do not expect.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent_desk.dialer.commands import ObserveMedia, ObservePulses
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.floor import Seat
from agent_desk.dialer.gateway_facts import SeatMediaDown, SeatMediaUp


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


def media_up(draft: Draft, fact: SeatMediaUp) -> None:
    """The leg is connected, in this gateway."""
    seat = draft.seats.get(fact.seat_id)
    if seat is not None:
        seat = replace(seat, gateway_id=fact.gateway_id)
        draft.put_seat(with_media(seat, up=True, at=min(fact.at, draft.now)))


def media_down(draft: Draft, fact: SeatMediaDown) -> None:
    """The leg is gone; no state changes, the seat is merely not capacity."""
    seat = draft.seats.get(fact.seat_id)
    if seat is not None:
        draft.put_seat(with_media(seat, up=False, at=min(fact.at, draft.now)))


def with_media(seat: Seat, *, up: bool, at: datetime) -> Seat:
    """The seat with its leg known to be up, or not, at this instant."""
    link = replace(seat.link, media_up=up, media_at=at, consent_age_s=0.0)
    return replace(seat, link=link)
