"""What `/desk` is sent of the floor: pure functions from the core's values to JSON types.

Shapes are the page's contract; instants are ISO 8601 UTC, so that the page can run its own timers
from the server's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent_desk.dialer.floor import Call, Campaign, Floor, Seat
from agent_desk.dialer.ids import CallId, CampaignId
from agent_desk.dialer.outcomes import VERDICTS
from agent_desk.dialer.promises import Promised
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.dialer.wrap_up import extensions_allowed
from agent_desk.services.running.day_figures import Figures


def instant(value: datetime | None) -> str | None:
    """ISO 8601 UTC with milliseconds, or None."""
    if value is None:
        return None
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seat_view(
    seat: Seat,
    campaign: Campaign | None,
    now: datetime,
    *,
    quality: Mapping[str, Any],
    consult: Mapping[str, Any] | None,
    order: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The operator's own seat. `quality`: see `LineQuality.view`."""
    allowed = extensions_allowed(campaign) if campaign is not None else 0
    return {
        "id": seat.seat_id,
        "state": seat.state.value,
        "since": instant(seat.since),
        "reason": seat.reason,
        "queued_away": seat.queued_away,
        "deadline": instant(seat.deadline),
        "extensions_left": max(0, allowed - seat.extensions),
        "muted": seat.muted,
        **link_view(seat, now, quality=quality),
        "checked": seat.checked,
        "consult": consult,
        "order": order,
    }


def link_view(seat: Seat, now: datetime, *, quality: Mapping[str, Any]) -> dict[str, Any]:
    """How well the seat is heard: the part of it that beats and gateways change."""
    return {
        "link": seat.health(now),
        "quality": quality,
        "media": "up" if seat.link.media_up else "down",
    }


def call_view(
    call: Call,
    *,
    recorded: bool,
    cap_today: int,
    caller_id: str,
    note: str,
    promise: Promised | None,
    party: Mapping[str, Any] | None,
    script: Mapping[str, Any],
    at_the_end: Mapping[str, Any],
) -> dict[str, Any]:
    """The call on the seat, until its result is saved."""
    return {
        "id": call.call_id,
        "state": call.state.value,
        "since": instant(call.since),
        "placed_at": instant(call.placed_at),
        "answered_at": instant(call.answered_at),
        "bridged_at": instant(call.bridged_at),
        "ended_at": instant(call.ended_at),
        "ended_by": call.ended_by,
        "preview": call.preview,
        "inbound": call.inbound,
        # Screening's last word; on a call that is bridged already it warns the operator.
        "no_person": call.verdict if call.verdict in VERDICTS else None,
        "number_today": call.number_today,
        "cap_today": cap_today,
        "identity": call.identity,
        "codes": sorted(call.codes),
        "promise": None if promise is None else promise_view(promise),
        "callback": (
            None
            if call.callback_at is None
            else {"due_at": instant(call.callback_at), "own": call.callback_own}
        ),
        "note": note,
        "recording": ("paused" if call.recording_paused else "on") if recorded else None,
        "caller_id": caller_id,
        "party": party,
        "script": script,
        **at_the_end,
    }


def promise_view(promise: Promised) -> dict[str, Any]:
    """The promise of this call."""
    return {
        "due_on": promise.due_on.isoformat(),
        "amount_yen": promise.amount_yen,
        "method": promise.method,
        "parts": [
            {"due_on": part.due_on.isoformat(), "amount_yen": part.amount_yen}
            for part in promise.parts
        ],
    }


def metrics_view(
    figures: Figures,
    now: datetime,
    *,
    codes: Mapping[str, int],
    average: Mapping[str, Any] | None,
    target: Mapping[str, int],
) -> dict[str, Any]:
    """The operator's own day: closed intervals only, the page adds the running one."""
    seconds = figures.seconds
    return {
        "as_of": instant(now),
        "idle_s": round(figures.idle_s(), 1),
        "talk_s": round(seconds.get("talking", 0.0), 1),
        "hold_s": round(seconds.get("hold", 0.0), 1),
        "wrap_s": round(seconds.get("wrap_up", 0.0), 1),
        "away_s": round(seconds.get("away", 0.0), 1),
        "calls": figures.calls,
        "codes": codes,
        "promises": figures.promises,
        "average": average,
        "target": target,
    }


def call_of(floor: Floor, seat: Seat) -> Call | None:
    """The call a seat is busy with, if any."""
    return floor.calls.get(CallId(seat.call_id)) if seat.call_id is not None else None


# Why nobody comes to whoever waits; what else holds the dialer back is the lead's affair and over
# in a moment.
NOBODY_COMES = frozenset(
    {
        WhyCode.GATEWAY_DOWN,
        WhyCode.GATEWAY_OVERLOADED,
        WhyCode.GATEWAY_DRAINING,
        WhyCode.TRUNK_DOWN,
        WhyCode.CLOCK_STEPPED,
        WhyCode.DESK_DRAINING,
        WhyCode.NO_DIALABLE,
        WhyCode.OUTSIDE_HOURS,
        WhyCode.LIST_EMPTY,
    }
)


def nobody_comes(floor: Floor, campaign_id: CampaignId) -> str:
    """The code of what keeps a campaign's operators without customers, "" when nothing does."""
    why = floor.why.get(campaign_id)
    return why.reason if why is not None and why.reason in NOBODY_COMES else ""


def changes(pushed: Mapping[str, object], fresh: Mapping[str, object]) -> dict[str, object]:
    """The top-level keys whose value is not what was pushed last."""
    return {
        key: value
        for key, value in fresh.items()
        if key not in pushed or _settled(key, pushed[key]) != _settled(key, value)
    }


def _settled(key: str, value: object) -> object:
    """A value without what changes by itself: the instant metrics were read at."""
    if key == "metrics" and isinstance(value, dict):
        return {k: v for k, v in value.items() if k != "as_of"}
    return value
