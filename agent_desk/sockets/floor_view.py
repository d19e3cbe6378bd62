"""What `/floor` is sent of seats and gateways: one tile per live seat; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent_desk.dialer.floor import Floor, Seat
from agent_desk.dialer.sharing import campaigns_of
from agent_desk.services.running.day_figures import Figures
from agent_desk.sockets.desk_view import call_of, instant
from agent_desk.sockets.supervision_view import supervised_by


def tile_view(
    seat: Seat,
    *,
    floor: Floor,
    names: Mapping[str, tuple[str, str]],
    campaign_name: str,
    figures: Figures,
    codes: Mapping[str, int],
    quality: Mapping[str, Any],
    hand: Mapping[str, Any] | None,
    unread: int,
    orders: Mapping[str, Any],
    customer: Mapping[str, str] | None,
    now: datetime,
) -> dict[str, Any]:
    """One live seat.

    `names` is seat id → (operator's name, team's name); `quality`: see `LineQuality.view`.
    """
    name, team = names.get(seat.seat_id, (seat.seat_id, ""))
    call = call_of(floor, seat)
    wrap_s = figures.seconds.get("wrap_up", 0.0)
    return {
        "id": seat.seat_id,
        "name": name,
        "team": team,
        "team_id": seat.team_id,
        "state": seat.state.value,
        "since": instant(seat.since),
        "reason": seat.reason,
        "queued_away": seat.queued_away,
        "campaign_id": seat.campaign_id,
        "serves": sorted(campaigns_of(seat)),
        "campaign": campaign_name,
        "link": seat.health(now),
        "quality": quality,
        "hand": hand,
        "unread": unread,
        **orders,
        "supervised_by": supervised_by(seat, floor, names),
        "calls": figures.calls,
        "codes": codes,
        "promises": figures.promises,
        "idle_s": round(figures.idle_s(), 1),
        "talk_s": round(figures.seconds.get("talking", 0.0), 1),
        "wrap_s": round(wrap_s, 1),
        "wrap_avg_s": round(wrap_s / figures.wrap_ups, 1) if figures.wrap_ups else None,
        "phase": call.state.value if call is not None else None,
        "inbound": call is not None and call.inbound,
        "customer": customer,
    }


def masked(record: Mapping[str, Any]) -> dict[str, str]:
    """Who is on the line, for a lead's tile: 山•• ••78.

    Enough to tell one call from the next and to find the one an operator speaks of; too little to
    know who it is, or to call. What the identity check asks for is not shown here either.
    """
    customer = record["customer"]
    surname, number = customer["name"].strip(), customer["phone_masked"][-2:]
    return {
        "name": f"{surname[0]}••" if surname else "",
        "number": f"••{number}" if number.isdigit() else "",
    }


def gateways_view(floor: Floor) -> Mapping[str, Mapping[str, Any]]:
    """Which gateways there are, which of their trunks can be used, and why the others cannot."""
    return {
        gateway_id: {
            "linked": gateway.linked,
            "trunks_up": sorted(t for t, share in gateway.trunks.items() if share.up),
            "trunks_down": {t: each.reason for t, each in gateway.trunks.items() if not each.up},
        }
        for gateway_id, gateway in floor.gateways.items()
        # One that said that it leaves, and left, is not missing.
        if gateway.linked or not gateway.draining
    }
