"""What `/floor` shows of campaigns: panels, from the floor and what is kept beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.campaigns.census import Census
from agent_desk.services.dialing.answer_rates import AnswerRates
from agent_desk.services.dialing.pacing import PacingFigures
from agent_desk.services.running.campaign_facts import CampaignBook, CampaignFacts
from agent_desk.sockets.campaign_view import AnswerWindows, panel_view, sharing
from agent_desk.sockets.connections import Identity
from agent_desk.sockets.rounds import Round

Names = Mapping[str, tuple[str, str]]


class CampaignPictures:
    """Builds the tables of campaigns, each row once for all who see it."""

    def __init__(
        self,
        *,
        book: CampaignBook,
        census: Census,
        rates: AnswerRates,
        pacing: Callable[[CampaignId], PacingFigures | None],
    ) -> None:
        self._book = book
        self._census = census
        self._rates = rates
        self._pacing = pacing

    def tables(
        self, identity: Identity, rows: Round, floor: Floor, names: Names, now: datetime
    ) -> dict[str, dict[str, Any]]:
        """By table and campaign, what is in this lead's scope."""
        locale = identity.locale
        seen = {
            campaign_id: facts
            for campaign_id, facts in self._book.all().items()
            if campaign_id in floor.campaigns and may_steer(identity, facts)
        }
        return {
            "campaigns": {
                str(campaign_id): rows.row(
                    (campaign_id, locale), partial(self._panel, facts, floor, names, now, locale)
                )
                for campaign_id, facts in seen.items()
            },
        }

    def _panel(
        self, facts: CampaignFacts, floor: Floor, names: Names, now: datetime, locale: str
    ) -> dict[str, Any]:
        campaign_id, rates = facts.campaign_id, self._rates
        return panel_view(
            floor.campaigns[campaign_id],
            facts,
            self._census.of(floor, campaign_id),
            why=floor.why.get(campaign_id),
            answered=AnswerWindows(
                now=rates.just_now(campaign_id, now),
                quarter=rates.last_quarter(campaign_id, now),
                hour=rates.last_hour(campaign_id, now),
                today=rates.today(campaign_id, now),
            ),
            pacing=self._pacing(campaign_id),
            names=names,
            shared_with=[self._book.get(each).name for each in sharing(floor, campaign_id)],
            locale=locale,
        )


def may_steer(identity: Identity, facts: CampaignFacts) -> bool:
    """Whether a campaign is in this lead's scope."""
    return identity.teams is None or bool(identity.teams & facts.team_ids)
