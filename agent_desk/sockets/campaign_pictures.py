"""What `/floor` shows of campaigns: panels, lists, changes and the pacers' newest second.

Each is a table of its own by campaign: a panel changes several times a second, a list every few
seconds, and what was changed by somebody a few times a day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.campaigns.census import Census
from agent_desk.services.campaigns.list_progress import ListProgress
from agent_desk.services.campaigns.recent_changes import RecentChanges
from agent_desk.services.dialing.answer_rates import AnswerRates
from agent_desk.services.dialing.pacing import PacingFigures
from agent_desk.services.dialing.pacing_trace import PacingTrace
from agent_desk.services.errors import ServiceError
from agent_desk.services.ground import DeskGround
from agent_desk.services.running.campaign_facts import CampaignBook, CampaignFacts
from agent_desk.services.running.timers import Job
from agent_desk.sockets.campaign_view import (
    AnswerWindows,
    changes_view,
    lists_view,
    panel_view,
)
from agent_desk.sockets.connections import Identity
from agent_desk.sockets.rounds import Round

PROGRESS_S = CHANGES_S = TRACE_S = 1.0

Names = Mapping[str, tuple[str, str]]
Pacers = Callable[[CampaignId], PacingFigures | None]


@dataclass(frozen=True)
class Kept:
    """What is kept of campaigns beside the floor, for the panels."""

    census: Census
    rates: AnswerRates
    pacing: Pacers
    progress: ListProgress
    changes: RecentChanges
    trace: PacingTrace


def campaign_pictures(
    ground: DeskGround, book: CampaignBook, rates: AnswerRates, pacing: Pacers
) -> CampaignPictures:
    """Build them, with what they keep."""
    census = Census()
    kept = Kept(
        census=census,
        rates=rates,
        pacing=pacing,
        progress=ListProgress(database=ground.database, clock=ground.clock, aside=ground.hub.aside),
        changes=RecentChanges(ground.database),
        trace=PacingTrace(census=census, pacing=pacing),
    )
    return CampaignPictures(book, kept)


class CampaignPictures:
    """Builds the tables of campaigns, each row once for all who see it."""

    def __init__(self, book: CampaignBook, kept: Kept) -> None:
        self._book = book
        self._kept = kept

    def chores(
        self, floor: Callable[[], Floor], now: Callable[[], datetime], mark: Callable[[], None]
    ) -> Sequence[Job]:
        """What is done again and again; `mark` is told when that brought something to light."""
        kept = self._kept

        def marking(step: Callable[[], bool]) -> Callable[[], None]:
            return lambda: mark() if step() else None

        return (
            Job("list-progress", PROGRESS_S, marking(kept.progress.step)),
            Job("recent-changes", CHANGES_S, marking(kept.changes.step)),
            Job("pacing-trace", TRACE_S, marking(lambda: kept.trace.sample(floor(), now()))),
        )

    def apply(self, events: Sequence[Event], now: datetime) -> None:
        """Follow committed events."""
        self._kept.rates.apply(events, now)
        self._kept.trace.apply(events)

    def tables(
        self, identity: Identity, rows: Round, floor: Floor, names: Names, now: datetime
    ) -> dict[str, dict[str, Any]]:
        """By table and campaign, what is in this lead's scope."""
        kept, locale = self._kept, identity.locale
        seen = {
            campaign_id: facts
            for campaign_id, facts in self._book.all().items()
            if campaign_id in floor.campaigns and in_scope(identity, facts)
        }

        def table(name: str, make: Callable[[CampaignFacts], dict[str, Any]]) -> dict[str, Any]:
            return {
                str(campaign_id): rows.row((name, campaign_id), partial(make, facts))
                for campaign_id, facts in seen.items()
            }

        return {
            "campaigns": table(
                f"campaigns {locale}",
                lambda facts: self._panel(facts, floor, names, now, locale),
            ),
            "lists": table(
                "lists", lambda facts: lists_view(facts, kept.progress.of(facts.campaign_id))
            ),
            "changes": table(
                "changes", lambda facts: changes_view(kept.changes.of(facts.campaign_id), names)
            ),
            "pacing": table(
                "pacing", lambda facts: dict(kept.trace.newest(facts.campaign_id) or {})
            ),
        }

    def trace(self, identity: Identity, campaign_id: CampaignId, since: int) -> dict[str, Any]:
        """The pacer's last hour after an instant (epoch seconds); ServiceError not-in-scope."""
        facts = self._book.all().get(campaign_id)
        if facts is None or not in_scope(identity, facts):
            raise ServiceError("not-in-scope")
        return self._kept.trace.since(campaign_id, since)

    def _panel(
        self, facts: CampaignFacts, floor: Floor, names: Names, now: datetime, locale: str
    ) -> dict[str, Any]:
        campaign_id, rates = facts.campaign_id, self._kept.rates
        return panel_view(
            floor.campaigns[campaign_id],
            facts,
            self._kept.census.of(floor, campaign_id),
            why=floor.why.get(campaign_id),
            answered=AnswerWindows(
                now=rates.just_now(campaign_id, now),
                quarter=rates.last_quarter(campaign_id, now),
                hour=rates.last_hour(campaign_id, now),
                today=rates.today(campaign_id, now),
            ),
            pacing=self._kept.pacing(campaign_id),
            names=names,
            shared_with=self._beside(floor, campaign_id),
            locale=locale,
        )

    def _beside(self, floor: Floor, campaign_id: CampaignId) -> list[str]:
        return [self._book.get(each).name for each in self._kept.census.beside(floor, campaign_id)]


def in_scope(identity: Identity, facts: CampaignFacts) -> bool:
    """Whether a campaign is in this lead's scope."""
    return identity.teams is None or bool(identity.teams & facts.team_ids)
