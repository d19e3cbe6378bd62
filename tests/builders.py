"""Builders of the core's values: a floor with a seat and a call on it in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from agent_desk.dialer.floor import (
    Call,
    CallState,
    Campaign,
    Floor,
    Gateway,
    Link,
    Seat,
    SeatState,
    Share,
    StatusCode,
)
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    SeatId,
    TeamId,
    TrunkId,
    UserId,
)
from tests.fakes.clock import NOON

CODES = (
    StatusCode("contact"),
    StatusCode("valid"),
    StatusCode("payment_date", needs_identity=True),
)

APPROVED = "5a" * 32  # the recording for abandoned calls


def working_link(now: datetime = NOON) -> Link:
    """A page and an audio leg that were just heard."""
    return Link(
        opened_at=now,
        pulse_at=now,
        track_live=True,
        track_unmuted=True,
        media_up=True,
        media_at=now,
    )


def campaign(campaign_id: int = 1, **fields: Any) -> Campaign:
    """A running collections campaign, progressive, with the three built-in statuses."""
    made = Campaign(
        campaign_id=CampaignId(campaign_id),
        kind="collections",
        mode="progressive",
        ratio=1.0,
        running="running",
        identity_needed=True,
        statuses=CODES,
        safe_harbour=APPROVED,
    )
    return replace(made, **fields)


def seat(name: str = "operator1", *, user_id: int = 1, **fields: Any) -> Seat:
    """An available, proven-ready seat of gateway `gw1`."""
    made = Seat(
        seat_id=SeatId(name),
        user_id=UserId(user_id),
        team_id=TeamId(1),
        campaign_id=CampaignId(1),
        gateway_id=GatewayId("gw1"),
        state=SeatState.AVAILABLE,
        since=NOON,
        link=working_link(),
        checked=True,
    )
    return replace(made, **fields)


def call(call_id: str = "c" * 32, **fields: Any) -> Call:
    """A placed call of campaign 1."""
    made = Call(
        call_id=CallId(call_id),
        campaign_id=CampaignId(1),
        list_entry_id=ListEntryId(1),
        customer_id=CustomerId(1),
        phone_id=PhoneId(1),
        number_key="k" * 32,
        number_today=1,
        trunk_id=TrunkId("trunk1"),
        gateway_id=GatewayId("gw1"),
        state=CallState.PLACED,
        since=NOON,
        not_after=NOON + timedelta(minutes=5),
    )
    return replace(made, **fields)


def gateway(gateway_id: str = "gw1", *, lines: int = 10, linked: bool = True) -> Gateway:
    """A linked gateway with one trunk up."""
    trunks = {TrunkId("trunk1"): Share(lines, 50.0, up=True)}
    return Gateway(
        GatewayId(gateway_id), "boot1", linked=linked, trunks=trunks, safe_harbour=APPROVED
    )


def floor_of(
    *,
    seats: Iterable[Seat] = (),
    calls: Iterable[Call] = (),
    campaigns: Iterable[Campaign] = (),
    gateways: Iterable[Gateway] = (),
) -> Floor:
    """A floor of these parts; one running campaign when none is named."""
    return Floor(
        seats={one.seat_id: one for one in seats},
        calls={one.call_id: one for one in calls},
        campaigns={one.campaign_id: one for one in (tuple(campaigns) or (campaign(),))},
        gateways={one.gateway_id: one for one in gateways},
    )


def talking(name: str = "operator1", *, call_id: str = "c" * 32, **fields: Any) -> Floor:
    """One seat that talks to one customer."""
    one = seat(name, state=SeatState.TALKING, call_id=CallId(call_id))
    bridged = call(call_id, state=CallState.BRIDGED, seat_id=SeatId(name), bridged_at=NOON)
    return floor_of(seats=[one], calls=[replace(bridged, **fields)], gateways=[gateway()])
