"""What is left of committed events when practice is taken out: its figures are nobody's (A66)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from agent_desk.dialer.events import (
    Event,
    PromiseMade,
    PromiseWithdrawn,
    SeatMoved,
    StatusMarked,
)
from agent_desk.dialer.ids import CallId, CampaignId


def without_training(
    events: Iterable[Event],
    *,
    is_training: Callable[[CampaignId], bool],
    campaign_of: Callable[[CallId], CampaignId | None],
) -> list[Event]:
    """Time spent in practice is as if one were not there; what was recorded there is left out."""
    kept: list[Event] = []
    for event in events:
        match event:
            case SeatMoved():
                practised = event.campaign_id is not None and is_training(event.campaign_id)
                kept.append(replace(event, to_state="offline") if practised else event)
            case StatusMarked() if is_training(event.campaign_id):
                continue
            case PromiseMade() | PromiseWithdrawn():
                campaign_id = campaign_of(event.call_id)
                if campaign_id is None or not is_training(campaign_id):
                    kept.append(event)
            case _:
                kept.append(event)
    return kept
