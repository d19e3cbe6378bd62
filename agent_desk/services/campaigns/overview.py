"""What those who run lists and campaigns see of them: within their teams, never beyond.

`teams` is the scope of whoever asks; None means every team. A list belongs to the campaign that
calls it; one that nobody calls is seen by those who see everything.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.dialer.ids import CampaignId
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.imports import ImportService
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.campaigns import first_steps
from agent_desk.store.lists import overview as list_overview
from agent_desk.store.lists.batches import BatchRow
from agent_desk.store.lists.overview import ListRow
from agent_desk.store.unit_of_work import Database

Teams = frozenset[int] | None


@dataclass(frozen=True)
class CampaignLine:
    """One campaign as it is run at this moment."""

    id: int
    name: str
    kind: str
    mode: str
    ratio: float
    running: str


class Overview:
    """Reads only."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        book: CampaignBook,
        imports: ImportService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._commits = commits
        self._book = book
        self._imports = imports
        self._clock = clock

    def campaigns(self, teams: Teams) -> list[CampaignLine]:
        """The campaigns in scope, in id order."""
        floor = self._commits.floor.campaigns
        return [
            CampaignLine(
                id=int(campaign_id),
                name=facts.name,
                kind=floor[campaign_id].kind,
                mode=floor[campaign_id].mode,
                ratio=floor[campaign_id].ratio,
                running=floor[campaign_id].running,
            )
            for campaign_id, facts in sorted(self._book.all().items())
            if campaign_id in floor and self.has_campaign(campaign_id, teams)
        ]

    def has_campaign(self, campaign_id: int | None, teams: Teams) -> bool:
        """Whether a campaign (or, for None, what belongs to none) is in scope."""
        if teams is None:
            return True
        facts = self._book.all().get(CampaignId(campaign_id)) if campaign_id is not None else None
        return facts is not None and bool(teams & facts.team_ids)

    def first_steps_done(self) -> frozenset[str]:
        """Which of `first_steps.STEPS` a new product has behind it."""
        with self._database.read() as session:
            return first_steps.done(session)

    def lists(self, teams: Teams) -> list[ListRow]:
        """The lists in scope, newest first."""
        with self._database.read() as session:
            rows = list_overview.lists(session, self._clock.now())
        return [row for row in rows if self.has_campaign(row.campaign_id, teams)]

    def batches(self, teams: Teams) -> list[BatchRow]:
        """The newest imports in scope."""
        return [batch for batch in self._imports.recent() if self._has_batch(batch, teams)]

    def batch(self, batch_id: int, teams: Teams) -> BatchRow:
        """One import; ServiceError import-unknown, also for one that is out of scope."""
        batch = self._imports.batch(batch_id)
        if not self._has_batch(batch, teams):
            raise ServiceError("import-unknown")
        return batch

    def _has_batch(self, batch: BatchRow, teams: Teams) -> bool:
        """By the campaign that calls the list now; by the one it is meant for before it is made."""
        if teams is None:
            return True
        if batch.list_id is None:
            return self.has_campaign(batch.campaign_id, teams)
        return self._has_list(batch.list_id, teams)

    def _has_list(self, list_id: int, teams: Teams) -> bool:
        with self._database.read() as session:
            return self.has_campaign(list_overview.campaign_of(session, list_id), teams)
