"""Steering campaigns: start, pause, drain, stop, mode and ratio; in scope, and audited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.commands import Command, SetCampaignRunning, SetPacing
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.campaign_facts import CampaignBook
from agent_desk.services.errors import ServiceError
from agent_desk.services.group_commit import GroupCommit
from agent_desk.services.ports import Clock
from agent_desk.store import audit as audit_rows

RUNNING = ("running", "paused", "draining", "stopped")
MODES = ("preview", "progressive", "ratio", "predictive")


class CampaignService:
    """What leads and administrators change while people are calling."""

    def __init__(self, *, commits: GroupCommit, book: CampaignBook, clock: Clock) -> None:
        self._commits = commits
        self._book = book
        self._clock = clock

    def set_running(
        self,
        campaign_id: CampaignId,
        running: str,
        *,
        actor: str,
        teams: frozenset[int] | None,
        command_id: str | None = None,
    ) -> None:
        """Start, pause, drain or stop; ServiceError `not-in-scope` for another team's campaign."""
        if running not in RUNNING:
            raise ServiceError("bad-payload", reason="running")
        self._check_scope(campaign_id, teams)
        command = SetCampaignRunning(campaign_id, running)  # type: ignore[arg-type]
        self._change(
            command, campaign_id, f"campaign.{running}", actor=actor, command_id=command_id
        )

    def set_pacing(
        self,
        campaign_id: CampaignId,
        *,
        mode: str,
        ratio: float,
        actor: str,
        teams: frozenset[int] | None,
        command_id: str | None = None,
    ) -> None:
        """Mode and lines per idle seat; the core refuses a ratio outside 1.0–5.0."""
        if mode not in MODES:
            raise ServiceError("bad-payload", reason="mode")
        self._check_scope(campaign_id, teams)
        command = SetPacing(campaign_id, mode, ratio)  # type: ignore[arg-type]
        self._change(
            command,
            campaign_id,
            "campaign.pacing",
            actor=actor,
            command_id=command_id,
            details={"mode": mode, "ratio": ratio},
        )

    def _check_scope(self, campaign_id: CampaignId, teams: frozenset[int] | None) -> None:
        facts = self._book.all().get(campaign_id)
        if facts is None or (teams is not None and not teams & facts.team_ids):
            raise ServiceError("not-in-scope")

    def _change(
        self,
        command: Command,
        campaign_id: CampaignId,
        action: str,
        *,
        actor: str,
        command_id: str | None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        rows = self._audited(campaign_id, action, actor=actor, details=details)
        reply = self._commits.submit(command, command_id=command_id, rows=rows)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)

    def _audited(
        self,
        campaign_id: CampaignId,
        action: str,
        *,
        actor: str,
        details: Mapping[str, Any] | None,
    ) -> Callable[[Session], None]:
        now = self._clock.now()

        def rows(session: Session) -> None:
            audit_rows.append(
                session,
                at=now,
                actor=actor,
                action=action,
                subject=f"campaign:{campaign_id}",
                details=details,
            )

        return rows
