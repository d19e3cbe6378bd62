"""What is done with lists: filters, the lists that follow them, and how lists are run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.ground import DeskGround
from agent_desk.services.lists.filters import FilterService
from agent_desk.services.lists.following import FollowingLists
from agent_desk.services.lists.steering import ListSteering
from agent_desk.services.rules.block_files import BlockFiles
from agent_desk.services.rules.do_not_call import DoNotCallService
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.running.timers import Job

FOLLOWING_S = 0.5  # a list at rest costs a look at when it was refreshed
EXPIRED_S = 30.0


class ListGround(DeskGround, Protocol):
    """And what these need beside it."""

    @property
    def book(self) -> CampaignBook: ...


@dataclass(frozen=True)
class ListServices:
    """One of each."""

    filters: FilterService
    following: FollowingLists
    steering: ListSteering
    do_not_call: DoNotCallService
    block_files: BlockFiles

    @property
    def chores(self) -> tuple[Job, ...]:
        """What is done again and again."""
        return (
            Job("following-lists", FOLLOWING_S, self.following.step),
            Job("expired-blocks", EXPIRED_S, self.do_not_call.expire),
        )


def list_services(ground: ListGround, commits: GroupCommit, *, calls: Withdrawals) -> ListServices:
    """Build them."""
    database, sealer, clock, hub = ground.database, ground.sealer, ground.clock, ground.hub
    do_not_call = DoNotCallService(
        database=database,
        sealer=sealer,
        commits=commits,
        clock=clock,
        practice=ground.config.practice,
        calls=calls,
    )
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
        do_not_call=do_not_call,
        block_files=BlockFiles(
            database=database, sealer=sealer, clock=clock, hub=hub, blocks=do_not_call
        ),
    )
