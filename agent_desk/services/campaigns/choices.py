"""What can be chosen on the pages of a campaign: lists, teams, tariffs, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CampaignId
from agent_desk.services.campaigns.schedules import next_start, next_starts, planned
from agent_desk.services.campaigns.settings import Settings
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.campaigns import choices, versions
from agent_desk.store.people import accounts, skills
from agent_desk.store.unit_of_work import Database

Teams = frozenset[int] | None


@dataclass(frozen=True)
class Choices:
    """Names by id; of lists and teams only those in scope."""

    lists: Mapping[int, str]
    teams: Mapping[int, str]
    tariffs: Mapping[int, str]
    skills: Mapping[str, str]  # names by code
    alike: Mapping[int, str]  # campaigns whose words and buttons can be taken over


@dataclass(frozen=True)
class Standing:
    """One campaign in the list of them."""

    id: int
    name: str
    kind: str
    mode: str
    running: str
    version: int
    unpublished: bool
    drafted: bool
    next_start: datetime | None


class CampaignChoices:
    """Reads only."""

    def __init__(
        self, *, database: Database, commits: GroupCommit, book: CampaignBook, clock: Clock
    ) -> None:
        self._database = database
        self._commits = commits
        self._book = book
        self._clock = clock

    def standings(self, teams: Teams) -> list[Standing]:
        """The campaigns in scope but those for practice, in id order."""
        floor = self._commits.floor.campaigns
        with self._database.read() as session:
            starts = next_starts(session, self._clock.now())
            drafted = versions.drafted(session)
            numbers = choices.versions_in_use(session)
        return [
            Standing(
                id=int(facts.campaign_id),
                name=facts.name,
                kind=floor[facts.campaign_id].kind,
                mode=floor[facts.campaign_id].mode,
                running=floor[facts.campaign_id].running,
                version=numbers.get(int(facts.campaign_id), 0),
                unpublished=facts.unpublished,
                drafted=int(facts.campaign_id) in drafted,
                next_start=starts.get(int(facts.campaign_id)),
            )
            for _, facts in sorted(self._book.all().items())
            if not facts.training and (teams is None or teams & facts.team_ids)
        ]

    def of(self, campaign_id: int | None, teams: Teams) -> Choices:
        """For one campaign, or for one to be; a list another campaign calls cannot be chosen."""
        with self._database.read() as session:
            own, free = choices.lists(session, campaign_id)
            named = accounts.teams(session)
            tariffs = choices.tariffs(session)
            known = skills.names(session)
        return Choices(
            lists=own if teams is not None else own | free,
            teams={key: name for key, name in named.items() if teams is None or key in teams},
            tariffs=tariffs,
            skills=known,
            alike=self._alike(campaign_id, teams),
        )

    def _alike(self, campaign_id: int | None, teams: Teams) -> Mapping[int, str]:
        """The others of the same kind."""
        kinds = {each.id: each.kind for each in self.standings(teams)}
        return {
            each: self.name_of(each)
            for each, kind in kinds.items()
            if each != campaign_id and kind == kinds.get(campaign_id or 0)
        }

    def products(self) -> list[str]:
        """Names of all products."""
        with self._database.read() as session:
            return choices.products(session)

    def next_start(self, wanted: Settings) -> datetime | None:
        """When a campaign with these settings starts next by itself."""
        now = self._clock.now()
        return next_start(planned(wanted, now), now) if wanted["scheduled"] else None

    def name_of(self, campaign_id: int) -> str:
        """A campaign's name."""
        return self._book.get(CampaignId(campaign_id)).name
