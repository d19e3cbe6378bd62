"""Asks each campaign's pacer on the floor as it is, and lets it learn from what was committed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent_desk.dialer.commands import StartCalls
from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.pacing import Pacer, pacer_for
from agent_desk.dialer.pacing_view import snapshot


class Pacing:
    """One pacer per campaign, kept for as long as its mode and ratio stand."""

    def __init__(self) -> None:
        self._pacers: dict[CampaignId, tuple[tuple[str, float], Pacer]] = {}

    def observe(self, events: Sequence[Event], now: datetime) -> None:
        """Hand each committed event to the pacer of its campaign."""
        for event in events:
            kept = self._pacers.get(getattr(event, "campaign_id", None))  # type: ignore[arg-type]
            if kept is not None:
                kept[1].observe(event, now)

    def decisions(self, floor: Floor, now: datetime) -> list[StartCalls]:
        """What to submit: calls to start, and changed reasons for not starting any."""
        commands = []
        for campaign_id in floor.campaigns:
            decision = self._pacer(floor, campaign_id).decide(
                snapshot(floor, campaign_id, now), now
            )
            told = floor.why.get(campaign_id)
            changed = told is None or told.reason != decision.reason
            if decision.count > 0 or changed:
                commands.append(
                    StartCalls(campaign_id, decision.count, decision.reason, decision.seat_id)
                )
        return commands

    def _pacer(self, floor: Floor, campaign_id: CampaignId) -> Pacer:
        campaign = floor.campaigns[campaign_id]
        wanted = (campaign.mode, campaign.ratio)
        kept = self._pacers.get(campaign_id)
        if kept is None or kept[0] != wanted:
            kept = self._pacers[campaign_id] = (wanted, pacer_for(campaign.mode, campaign.ratio))
        return kept[1]
