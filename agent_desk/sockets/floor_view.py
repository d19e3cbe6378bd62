"""What `/floor` is sent: one tile per live seat, one panel per campaign; pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from agent_desk.dialer.abandonment import budget
from agent_desk.dialer.floor import CallState, Campaign, Floor, Seat
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.seats import FREE
from agent_desk.dialer.sharing import campaigns_of, works_for
from agent_desk.services.dialing.answer_rates import Answered
from agent_desk.services.dialing.pacing import PacingFigures
from agent_desk.services.running.campaign_facts import CampaignFacts
from agent_desk.services.running.day_figures import Figures
from agent_desk.sockets.desk_view import call_of, instant
from agent_desk.sockets.supervision_view import supervised_by

RINGING_STATES = frozenset({"leased", "placed", "ringing"})
WAITING_STATES = frozenset({"answered", "screening", "waiting"})


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
    }


def panel_view(
    campaign: Campaign,
    facts: CampaignFacts,
    floor: Floor,
    *,
    answered: tuple[Answered, Answered],
    pacing: PacingFigures | None,
    names: Mapping[str, tuple[str, str]],
    shared_with: Sequence[str],
    locale: str,
) -> dict[str, Any]:
    """One campaign as the dialer sees it.

    `answered` is of the last 60 minutes and of today, `pacing` of the newest decision, `names` as
    for a tile; `shared_with` names the running campaigns on the same seats.
    """
    campaign_id = campaign.campaign_id
    seats = Counter(
        seat.state.value for seat in floor.seats.values() if _counts_for(seat, campaign_id)
    )
    calls = [call for call in floor.calls.values() if call.campaign_id == campaign_id]
    ours = [call.state.value for call in calls if not call.inbound]
    why = floor.why.get(campaign_id)
    by = campaign.running_by
    return {
        "id": campaign_id,
        "name": facts.name,
        "kind": campaign.kind,
        "mode": campaign.mode,
        "ratio": campaign.ratio,
        "screening": campaign.screening,
        "running": campaign.running,
        "running_by": names.get(by, (by, ""))[0],
        "running_at": instant(campaign.running_at),
        "seats": dict(sorted(seats.items())),
        "shared_with": shared_with,
        "lines": sum(call.state is not CallState.ENDED for call in calls),
        "ringing": sum(state in RINGING_STATES for state in ours),
        "waiting": sum(state in WAITING_STATES for state in ours),
        "pacing": _pacing(campaign, pacing),
        "budget": asdict(budget(campaign.answers, campaign.abandon_target)),
        "answered": {"hour": asdict(answered[0]), "today": asdict(answered[1])},
        "dialable": facts.dialable,
        "next_due_at": instant(facts.next_due_at),
        "next_allowed_at": instant(why.next_allowed_at) if why is not None else None,
        "why": {"code": why.reason if why is not None else "", "params": {}},
        "statuses": [{"code": s.code, "label": s.label(locale)} for s in facts.statuses],
    }


def sharing(floor: Floor, campaign_id: CampaignId) -> list[CampaignId]:
    """The other campaigns that run on the seats of this one."""
    kinds = {campaigns_of(seat) for seat in floor.seats.values()}
    others = {other for kind in kinds if campaign_id in kind for other in kind} - {campaign_id}
    return [each for each in sorted(others) if floor.campaigns[each].running == "running"]


def _counts_for(seat: Seat, campaign_id: CampaignId) -> bool:
    """Between two calls a seat is there for all it serves, with one for the call's campaign."""
    return works_for(seat, campaign_id) if seat.state in FREE else seat.campaign_id == campaign_id


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


def _pacing(campaign: Campaign, pacing: PacingFigures | None) -> dict[str, Any] | None:
    """Lines in flight to these seats, idle seats, and where it is predicted seats expected free."""
    if pacing is None or campaign.mode == "preview":
        return None
    predicted = campaign.mode == "predictive"
    return {
        "lines": pacing.lines + pacing.others,
        "idle": pacing.idle,
        "expected_free": round(pacing.expected_free, 1) if predicted else None,
    }
