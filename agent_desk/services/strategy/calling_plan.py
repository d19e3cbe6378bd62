"""How a campaign goes on with its customers: its own ladders, who sees its VIPs, the AI's share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent_desk.dialer.selection import BadLadder, ladders_of
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.strategy import calling_plans
from agent_desk.store.unit_of_work import Database, Session


class CallingPlanService:
    """Changes are audited; a lease begun afterwards knows them. Campaigns are named by people."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def show(self, campaign: str) -> dict[str, Any]:
        """Keys: retry, vip_operators, human_share_only. ServiceError not-in-scope."""
        with self._database.read() as session:
            found = calling_plans.plan(session, campaign)
        if found is None:
            raise ServiceError("not-in-scope", campaign=campaign)
        return {
            "retry": dict(found.retry),
            "vip_operators": list(found.vip_operators),
            "human_share_only": found.human_share_only,
        }

    def set_retry(self, campaign: str, retry: Mapping[str, object], *, actor: str) -> None:
        """Replace the campaign's own waits; ServiceError bad-ladder (details: reason)."""
        try:
            ladders_of(retry)
        except BadLadder as bad:
            raise ServiceError("bad-ladder", reason=str(bad)) from None
        details = {name: str(waits) for name, waits in sorted(retry.items())}
        self._change(
            campaign,
            "campaign.retry",
            lambda session, campaign_id: calling_plans.set_retry(session, campaign_id, retry),
            actor=actor,
            details=details,
        )

    def name_vip_operators(self, campaign: str, usernames: Sequence[str], *, actor: str) -> None:
        """Who is shown the VIP customers from now on; ServiceError user-unknown."""
        with self._database.read() as session:
            users = calling_plans.operators(session, usernames)
        unknown = sorted(set(usernames) - set(users))
        if unknown:
            raise ServiceError("user-unknown", username=unknown[0])
        self._change(
            campaign,
            "campaign.vip_operators",
            lambda session, campaign_id: calling_plans.name_vip_operators(
                session, campaign_id, users.values()
            ),
            actor=actor,
            details={"user_ids": ", ".join(str(user_id) for user_id in sorted(users.values()))},
        )

    def set_human_share_only(self, campaign: str, on: bool, *, actor: str) -> None:
        """Leave the share of customers that the strategy table gives to the AI to it, or not."""
        self._change(
            campaign,
            "campaign.human_share_only",
            lambda session, campaign_id: calling_plans.set_human_share_only(
                session, campaign_id, on
            ),
            actor=actor,
            details={"on": on},
        )

    def _change(
        self,
        campaign: str,
        action: str,
        change: Callable[[Session, int], None],
        *,
        actor: str,
        details: Mapping[str, Any],
    ) -> None:
        now = self._clock.now()
        with self._database.read() as session:
            found = calling_plans.plan(session, campaign)
        if found is None:
            raise ServiceError("not-in-scope", campaign=campaign)

        def rows(session: Session) -> None:
            change(session, found.campaign_id)
            audit.append(
                session,
                at=now,
                actor=actor,
                action=action,
                subject=f"campaign:{found.campaign_id}",
                details=details,
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
