"""Which operators take a campaign's VIP customers: named by those who run it, each change audited.

Nobody dials VIPs ahead and no machine talks to them (rule A33). Whoever is named is shown them one
at a time before the call, whatever the campaign's mode.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agent_desk.dialer.ids import CampaignId
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.strategy import vips
from agent_desk.store.strategy.vips import Offered
from agent_desk.store.unit_of_work import Database, Session


class VipOperators:
    """Campaigns and operators of the teams of whoever asks, and no others."""

    def __init__(
        self, *, database: Database, commits: GroupCommit, book: CampaignBook, clock: Clock
    ) -> None:
        self._database = database
        self._commits = commits
        self._book = book
        self._clock = clock

    def offered(self, campaign_ids: Collection[int], *, actor: Actor) -> list[Offered]:
        """Who works on these campaigns, and who of them is named."""
        mine = [each for each in campaign_ids if self._in_scope(each, actor)]
        with self._database.read() as session:
            return vips.offered(session, mine, teams=actor.teams)

    def others_named(self, campaign_id: int, shown: Sequence[Offered]) -> int:
        """How many are named who are not among those shown: of teams out of scope, or gone."""
        known = {each.user_id for each in shown if each.campaign_id == campaign_id}
        with self._database.read() as session:
            return len(vips.named(session).get(campaign_id, frozenset()) - known)

    def name(self, campaign_id: int, user_ids: Collection[int], *, actor: Actor) -> None:
        """Of the operators in scope these take the VIPs from now on.

        ServiceError: role-too-low, not-in-scope (the campaign, or somebody), not-stored.
        """
        actor.needs("lead")
        chosen = set(user_ids)
        among = {each.user_id for each in self.offered([campaign_id], actor=actor)}
        if not self._in_scope(campaign_id, actor) or not chosen <= among:
            raise ServiceError("not-in-scope")
        now = self._clock.now()

        def rows(session: Session) -> None:
            vips.choose(session, campaign_id, chosen, among=among)
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action="campaign.vip_operators",
                subject=f"campaign:{campaign_id}",
                details={"user_ids": ", ".join(str(each) for each in sorted(chosen))},
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        self._book.refresh_counts()

    def _in_scope(self, campaign_id: int, actor: Actor) -> bool:
        facts = self._book.all().get(CampaignId(campaign_id))
        return facts is not None and (actor.teams is None or bool(actor.teams & facts.team_ids))
