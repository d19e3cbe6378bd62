"""What `/floor` is sent of a campaign: one panel as the dialer sees it; pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent_desk.dialer.abandonment import budget, serve_within
from agent_desk.dialer.floor import Call, CallState, Campaign, Why
from agent_desk.services.campaigns.census import Crowd
from agent_desk.services.campaigns.list_progress import within_hours
from agent_desk.services.campaigns.recent_changes import Change
from agent_desk.services.dialing.answer_rates import Answered
from agent_desk.services.dialing.pacing import PacingFigures
from agent_desk.services.running.campaign_facts import CampaignFacts
from agent_desk.sockets.desk_view import instant
from agent_desk.store.lists.progress import CalledList

RINGING_STATES = frozenset({"leased", "placed", "ringing"})
WAITING_STATES = frozenset({"answered", "screening", "waiting"})
QUEUE_SHOWN = 20  # of more than these nobody reads one by one


@dataclass(frozen=True)
class AnswerWindows:
    """How often people answered, over what."""

    now: Answered
    quarter: Answered
    hour: Answered
    today: Answered


def panel_view(
    campaign: Campaign,
    facts: CampaignFacts,
    crowd: Crowd,
    *,
    why: Why | None,
    answered: AnswerWindows,
    pacing: PacingFigures | None,
    names: Mapping[str, tuple[str, str]],
    shared_with: Sequence[str],
    locale: str,
) -> dict[str, Any]:
    """One campaign.

    `pacing` is of the newest decision, `names` as for a tile; `shared_with` names the running
    campaigns on the same seats.
    """
    ours = [call.state.value for call in crowd.calls if not call.inbound]
    by = campaign.running_by
    return {
        "id": campaign.campaign_id,
        "name": facts.name,
        "kind": campaign.kind,
        "mode": campaign.mode,
        "ratio": campaign.ratio,
        "ring_limit_s": campaign.ring_limit_s,
        "screening": campaign.screening,
        "running": campaign.running,
        "running_by": names.get(by, (by, ""))[0],
        "running_at": instant(campaign.running_at),
        "seats": dict(sorted(crowd.seats.items())),
        "shared_with": shared_with,
        "lines": sum(call.state is not CallState.ENDED for call in crowd.calls),
        "ringing": sum(state in RINGING_STATES for state in ours),
        "waiting": sum(state in WAITING_STATES for state in ours),
        "queue": queue_view(campaign, crowd),
        "pacing": _pacing(campaign, pacing),
        "budget": asdict(budget(campaign.answers, campaign.abandon_target)),
        "answered": asdict(answered),
        "dialable": facts.dialable,
        "next_due_at": instant(facts.next_due_at),
        "next_allowed_at": instant(why.next_allowed_at) if why is not None else None,
        "why": {"code": why.reason if why is not None else "", "params": {}},
        "statuses": [{"code": s.code, "label": s.label(locale)} for s in facts.statuses],
    }


def queue_view(campaign: Campaign, crowd: Crowd) -> list[dict[str, Any]]:
    """Calls somebody answered, or came in with, and that no operator hears yet, oldest first.

    `until`: an operator must have been found by then, or the recording for abandoned calls is
    played; None for who hears music, and while it is not known whether a person answered.
    """
    waiting = [call for call in crowd.calls if call.state.value in WAITING_STATES]
    waiting.sort(key=lambda call: (call.answered_at or call.since, call.call_id))
    return [
        {
            "since": instant(call.answered_at or call.since),
            "until": _until(campaign, call),
            "phase": "inbound" if call.inbound else _phase(call),
        }
        for call in waiting[:QUEUE_SHOWN]
    ]


def lists_view(facts: CampaignFacts, lists: Sequence[CalledList]) -> dict[str, Any]:
    """How far the lists of a campaign have come, in the order of their rank."""
    return {
        "rows": [
            {
                "id": each.list_id,
                "name": each.name,
                "paused": each.paused,
                "entries": each.entries,
                "tried": each.tried,
                "finished": each.finished,
                "under_way": each.under_way,
                **(may := within_hours(each, facts)),
                "next_due_at": instant(may["next_due_at"]),
            }
            for each in lists
        ]
    }


def changes_view(changes: Sequence[Change], names: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Who changed what of a campaign lately; `names` as for a tile."""
    return {
        "rows": [
            {
                "at": instant(each.at),
                "by": names.get(each.by, (each.by, ""))[0],
                "action": each.action,
                "values": [list(value) for value in each.values],
            }
            for each in changes
        ]
    }


def _phase(call: Call) -> str:
    if call.state is not CallState.WAITING:
        return "screening"
    return "joining" if call.seat_id is not None else "waiting"


def _until(campaign: Campaign, call: Call) -> str | None:
    if call.inbound or call.state is not CallState.WAITING:
        return None
    terms = call.leased_under or campaign
    return instant(call.bridge_by(serve_within(terms.bridge_within_s)))


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
