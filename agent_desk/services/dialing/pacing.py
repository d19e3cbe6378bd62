"""Asks each campaign's pacer on the floor as it is, and lets it learn from what was committed.

What a pacer has learnt outlives it: a new mode or ratio makes a new pacer, which goes on from the
memory of the one before, and `store/campaigns/pacer_memory.py` keeps it over a restart. A memory
nobody can read costs the learnt figures and nothing else.

Campaigns share the trunks' lines and rate, and those of one team share its seats. They are asked
one after the other, whoever has a callback due or was given calls longest ago first, and what one
was given is room and seats the next one has not. Of campaigns on the same seats each gets its part
of what there is to start at that instant; what the others leave it gets when it is asked again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from typing import Any

from agent_desk.dialer.approved_recordings import as_heard
from agent_desk.dialer.commands import StartCalls
from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.pacing import (
    Decision,
    Pacer,
    PacingSnapshot,
    idle_seats,
    pacer_for,
    spoken_for,
    unserved,
)
from agent_desk.dialer.pacing_view import Survey, snapshot

log = logging.getLogger(__name__)

_NEVER = datetime.min.replace(tzinfo=UTC)
# What reading a damaged memory may come to; pacers refuse one of another version by themselves.
_DAMAGE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class PacingFigures:
    """The newest decision in figures, for the leads; `None` where it does not apply.

    `lines` are in flight to nobody in particular yet, the new ones included, and `others` those of
    other campaigns on their way to the same seats. `per_idle` is both ÷ idle seats, `per_expected`
    both ÷ seats expected free within the ring time, both ÷ at least one; the latter is what the
    ratio caps in the mode `predictive`. `price` is what a predictive pacer lets another line cost:
    low means that it holds back for the budget.
    """

    lines: int
    idle: int
    expected_free: float
    price: float | None
    others: int = 0

    @property
    def per_idle(self) -> float:
        return (self.lines + self.others) / max(1, self.idle)

    @property
    def per_expected(self) -> float:
        return (self.lines + self.others) / max(1.0, self.expected_free)


class Pacing:
    """One pacer per campaign. `memories`: texts by campaign, as `memories()` gave them before;
    `callbacks`: whether somebody who is owed a call may be called now."""

    def __init__(
        self,
        memories: Mapping[CampaignId, str] | None = None,
        *,
        callbacks: Callable[[CampaignId], bool] = lambda _: False,
    ) -> None:
        self._pacers: dict[CampaignId, tuple[tuple[str, float], Pacer]] = {}
        self._figures: dict[CampaignId, PacingFigures] = {}
        self._served_at: dict[CampaignId, datetime] = {}
        self._learnt: dict[CampaignId, Mapping[str, Any]] = {}
        self._callbacks = callbacks
        self._survey = Survey()
        for campaign_id, text in (memories or {}).items():
            learnt = _read(campaign_id, text)
            if learnt:
                self._learnt[campaign_id] = learnt

    def observe(self, events: Sequence[Event], now: datetime, *floors: Floor) -> None:
        """Hand each committed event to the pacer of its campaign.

        An event may name a call instead; `floors`, before and after it, say whose call it is.
        """
        for event in events:
            kept = self._pacers.get(_campaign_of(event, floors))  # type: ignore[arg-type]
            if kept is not None:
                kept[1].observe(event, now)

    def decisions(self, floor: Floor, now: datetime) -> list[StartCalls]:
        """What to submit: calls to start, and changed reasons for not starting any."""
        commands = []
        asked: set[CampaignId] = set()
        floor = as_heard(floor)
        self._survey.look(floor)
        for campaign_id in sorted(floor.campaigns, key=self._turn):
            seen = snapshot(floor, campaign_id, now, self._survey)
            decision = _part(self._pacer(floor, campaign_id).decide(seen, now), seen, asked)
            asked.add(campaign_id)
            self._figures[campaign_id] = _figures(seen, decision)
            if decision.count > 0:
                leasing = floor.leasing.get(campaign_id, 0) + decision.count
                floor = replace(floor, leasing={**floor.leasing, campaign_id: leasing})
                self._served_at[campaign_id] = now
            told = floor.why.get(campaign_id)
            changed = told is None or told.reason != decision.reason
            if decision.count > 0 or changed:
                commands.append(
                    StartCalls(campaign_id, decision.count, decision.reason, decision.seat_id)
                )
        return commands

    def figures(self, campaign_id: CampaignId) -> PacingFigures | None:
        """Of the newest decision; None before the first one."""
        return self._figures.get(campaign_id)

    def memories(self) -> dict[CampaignId, str]:
        """What is worth keeping of every campaign's pacer, as text."""
        for campaign_id, (_, pacer) in self._pacers.items():
            self._remember(campaign_id, pacer)
        return {
            campaign_id: json.dumps(learnt, separators=(",", ":"), allow_nan=False)
            for campaign_id, learnt in self._learnt.items()
        }

    def _turn(self, campaign_id: CampaignId) -> tuple[bool, datetime, CampaignId]:
        last = self._served_at.get(campaign_id, _NEVER)
        return not self._callbacks(campaign_id), last, campaign_id

    def _remember(self, campaign_id: CampaignId, pacer: Pacer) -> None:
        learnt = pacer.memory()
        if learnt:  # one that learns nothing leaves what another one learnt
            self._learnt[campaign_id] = learnt

    def _pacer(self, floor: Floor, campaign_id: CampaignId) -> Pacer:
        campaign = floor.campaigns[campaign_id]
        wanted = (campaign.mode, campaign.ratio)
        kept = self._pacers.get(campaign_id)
        if kept is not None and kept[0] == wanted:
            return kept[1]
        if kept is not None:
            self._remember(campaign_id, kept[1])
        learnt = self._learnt.get(campaign_id)
        try:
            pacer = pacer_for(campaign.mode, campaign.ratio, learnt)
        except _DAMAGE:
            log.warning("what the pacer of campaign %s had learnt is of no use", campaign_id)
            pacer = pacer_for(campaign.mode, campaign.ratio)
        self._pacers[campaign_id] = (wanted, pacer)
        return pacer


def _campaign_of(event: Event, floors: Sequence[Floor]) -> CampaignId | None:
    campaign_id: CampaignId | None = getattr(event, "campaign_id", None)
    call_id = getattr(event, "call_id", None)
    if campaign_id is None and call_id is not None:
        for floor in floors:
            call = floor.calls.get(call_id)
            if call is not None:
                return call.campaign_id
    return campaign_id


def _part(decision: Decision, seen: PacingSnapshot, asked: Collection[CampaignId]) -> Decision:
    """What of it is this campaign's turn, while others are to be asked for the same seats."""
    to_ask = sum(other.dialing and other.campaign_id not in asked for other in seen.others)
    if decision.count <= 1 or not to_ask:
        return decision
    return replace(decision, count=ceil(decision.count / (1 + to_ask)))


def _figures(seen: PacingSnapshot, decision: Decision) -> PacingFigures:
    return PacingFigures(
        lines=unserved(seen) + decision.count,
        idle=idle_seats(seen),
        expected_free=decision.expected_free,
        price=decision.price,
        others=spoken_for(seen),
    )


def _read(campaign_id: CampaignId, text: str) -> Mapping[str, Any] | None:
    try:
        learnt = json.loads(text)
    except ValueError:
        learnt = None
    if not isinstance(learnt, dict):
        log.warning("what the pacer of campaign %s had learnt cannot be read", campaign_id)
        return None
    return learnt
