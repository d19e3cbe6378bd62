"""What is done to set campaigns up, in one value; none of them holds anything of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent_desk.services.campaigns.choices import CampaignChoices
from agent_desk.services.campaigns.editing import CampaignEditing
from agent_desk.services.campaigns.founding import CampaignFounding
from agent_desk.services.campaigns.shown_numbers import ShownBy
from agent_desk.services.campaigns.statuses import StatusService
from agent_desk.services.campaigns.trial_calls import TrialCalls
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database


class Ground(Protocol):
    """What they stand on, which a running desk has."""

    @property
    def database(self) -> Database: ...

    @property
    def commits(self) -> GroupCommit: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def book(self) -> CampaignBook: ...


@dataclass(frozen=True)
class CampaignSetup:
    """From a purpose to the first call."""

    founding: CampaignFounding
    editing: CampaignEditing
    trials: TrialCalls
    choices: CampaignChoices
    statuses: StatusService


def campaign_setup(
    ground: Ground,
    *,
    sealer: Sealer,
    practice: bool,
    shown_by: ShownBy,
    changed: Callable[[], None],
) -> CampaignSetup:
    """`shown_by`: which numbers the trunks show. `changed` tells the pages that what they show of
    campaigns is another."""
    database, commits, book, clock = ground.database, ground.commits, ground.book, ground.clock
    editing = CampaignEditing(
        database=database,
        commits=commits,
        book=book,
        clock=clock,
        shown_by=shown_by,
        changed=changed,
    )
    return CampaignSetup(
        founding=CampaignFounding(
            database=database, commits=commits, book=book, clock=clock, changed=changed
        ),
        editing=editing,
        trials=TrialCalls(
            database=database,
            sealer=sealer,
            commits=commits,
            book=book,
            clock=clock,
            editing=editing,
            practice=practice,
        ),
        choices=CampaignChoices(database=database, commits=commits, book=book, clock=clock),
        statuses=StatusService(
            database=database, commits=commits, book=book, clock=clock, changed=changed
        ),
    )
