"""What is done with lists: filters, the lists that follow them, and how lists are run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agent_desk.services.customers.search import WriteDoor
from agent_desk.services.lists.filters import FilterService
from agent_desk.services.lists.following import FollowingLists
from agent_desk.services.lists.steering import ListSteering
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.rules.block_files import BlockFiles
from agent_desk.services.rules.do_not_call import DoNotCallService
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database


class Ground(Protocol):
    """What they stand on, which a running desk has."""

    @property
    def database(self) -> Database: ...

    @property
    def sealer(self) -> Sealer: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def hub(self) -> Hub: ...

    @property
    def book(self) -> CampaignBook: ...


@dataclass(frozen=True)
class ListServices:
    """One of each."""

    filters: FilterService
    following: FollowingLists
    steering: ListSteering
    block_files: BlockFiles


def list_services(
    ground: Ground, commits: WriteDoor, *, do_not_call: DoNotCallService
) -> ListServices:
    """Build them."""
    database, sealer, clock, hub = ground.database, ground.sealer, ground.clock, ground.hub
    filters = FilterService(database=database, sealer=sealer, commits=commits, clock=clock, hub=hub)
    return ListServices(
        filters=filters,
        following=FollowingLists(
            database=database, sealer=sealer, commits=commits, clock=clock, hub=hub
        ),
        steering=ListSteering(
            database=database,
            commits=commits,
            clock=clock,
            hub=hub,
            book=ground.book,
            filters=filters,
        ),
        block_files=BlockFiles(
            database=database, sealer=sealer, clock=clock, hub=hub, blocks=do_not_call
        ),
    )
