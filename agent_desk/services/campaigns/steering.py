"""Steering campaigns: start, pause, drain, stop, mode, ratio, screening; in scope, and audited."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.commands import (
    Command,
    SetAbandonTarget,
    SetCampaignRunning,
    SetPacing,
    SetScreening,
    StopCampaigns,
)
from agent_desk.dialer.floor import CallState
from agent_desk.dialer.ids import CampaignId, GatewayId
from agent_desk.services.campaigns.recent_changes import WAS
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock, GatewayPort
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit as audit_rows

RUNNING = ("running", "paused", "draining", "stopped")
MODES = ("preview", "progressive", "ratio", "predictive")
SCREENINGS = ("off", "watch", "strict")
IN_FLIGHT = ("finish", "message")


class CampaignService:
    """What leads and administrators change while people are calling."""

    def __init__(
        self, *, commits: GroupCommit, book: CampaignBook, clock: Clock, gateway: GatewayPort
    ) -> None:
        self._gateway = gateway
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
        in_flight: str = "finish",
        command_id: str | None = None,
    ) -> Sequence[GatewayId]:
        """Start, pause, drain or stop; ServiceError `not-in-scope` for another team's campaign,
        `campaign-unpublished` for one that is still being set up.

        `in_flight`: what becomes of the customers of a stopped campaign nobody is joined to yet.
        Returns, of a stop, the gateways that have not confirmed that no INVITE leaves any more.
        """
        _one_of(RUNNING, running, "running")
        _one_of(IN_FLIGHT, in_flight, "in_flight")
        self._check_scope(campaign_id, teams)
        if running == "running" and self._book.get(campaign_id).unpublished:
            raise ServiceError("campaign-unpublished")
        stopped = running == "stopped"
        self._change(
            SetCampaignRunning(campaign_id, running, actor, in_flight),  # type: ignore[arg-type]
            campaign_id,
            f"campaign.{running}",
            actor=actor,
            command_id=command_id,
            was={"running": "running"},
            details=self._stop_details(campaign_id, in_flight, all_=False) if stopped else None,
        )
        return self._gateway.confirm_stopped((campaign_id,)) if stopped else ()

    def stop_all(
        self,
        *,
        in_flight: str,
        actor: str,
        teams: frozenset[int] | None,
        command_id: str | None = None,
    ) -> Sequence[GatewayId]:
        """The kill switch: every campaign in scope, in one transaction, an audit row for each.

        Returns the gateways that have not confirmed that no INVITE leaves any more.
        """
        _one_of(IN_FLIGHT, in_flight, "in_flight")
        floor = self._commits.floor
        scope = [c for c in floor.campaigns if self._in_scope(c, teams)]
        if not scope:
            raise ServiceError("not-in-scope")
        noted = [
            self._audited(
                c, "campaign.stopped", actor=actor, was={"running": "running"}, details=details
            )
            for c in scope
            if (details := self._stop_details(c, in_flight, all_=True))["calls"]
            or floor.campaigns[c].running != "stopped"
        ]

        def rows(session: Session) -> None:
            for note in noted:
                note(session)

        command = StopCampaigns(tuple(scope), actor, in_flight)  # type: ignore[arg-type]
        self._submit(command, rows, command_id)
        return self._gateway.confirm_stopped(scope)

    def set_abandon_target(
        self,
        campaign_id: CampaignId,
        target: float,
        *,
        actor: str,
        teams: frozenset[int] | None,
        command_id: str | None = None,
    ) -> None:
        """The share of live answers that may be abandoned; the core refuses more than 0.03."""
        self._check_scope(campaign_id, teams)
        self._change(
            SetAbandonTarget(campaign_id, target),
            campaign_id,
            "campaign.abandon_target",
            actor=actor,
            command_id=command_id,
            was={"target": "abandon_target"},
            details={"target": target},
        )

    def set_screening(
        self,
        campaign_id: CampaignId,
        screening: str,
        *,
        actor: str,
        teams: frozenset[int] | None,
        command_id: str | None = None,
    ) -> None:
        """Whether answering machines are looked for, and what is done with one."""
        _one_of(SCREENINGS, screening, "screening")
        self._check_scope(campaign_id, teams)
        self._change(
            SetScreening(campaign_id, screening),  # type: ignore[arg-type]
            campaign_id,
            "campaign.screening",
            actor=actor,
            command_id=command_id,
            was={"screening": "screening"},
            details={"screening": screening},
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
        """Mode and ratio; the core refuses a ratio outside 1.0–5.0, and to call more people than
        operators wait before a recording for abandoned calls is approved."""
        _one_of(MODES, mode, "mode")
        self._check_scope(campaign_id, teams)
        command = SetPacing(campaign_id, mode, ratio)  # type: ignore[arg-type]
        self._change(
            command,
            campaign_id,
            "campaign.pacing",
            actor=actor,
            command_id=command_id,
            was={"mode": "mode", "ratio": "ratio"},
            details={"mode": mode, "ratio": ratio},
        )

    def _check_scope(self, campaign_id: CampaignId, teams: frozenset[int] | None) -> None:
        if not self._in_scope(campaign_id, teams):
            raise ServiceError("not-in-scope")

    def _in_scope(self, campaign_id: CampaignId, teams: frozenset[int] | None) -> bool:
        facts = self._book.all().get(campaign_id)
        return facts is not None and (teams is None or bool(teams & facts.team_ids))

    def _stop_details(
        self, campaign_id: CampaignId, in_flight: str, *, all_: bool
    ) -> dict[str, Any]:
        """What the audit keeps of a stop: the calls in flight, and what was to become of them."""
        calls = [
            call.call_id
            for call in self._commits.floor.calls.values()
            if call.campaign_id == campaign_id
            and not call.inbound
            and call.state not in (CallState.BRIDGED, CallState.ENDED)
        ]
        return {"in_flight": in_flight, "calls": calls, "all": all_}

    def _change(
        self,
        command: Command,
        campaign_id: CampaignId,
        action: str,
        *,
        actor: str,
        command_id: str | None,
        was: Mapping[str, str],
        details: Mapping[str, Any] | None = None,
    ) -> None:
        rows = self._audited(campaign_id, action, actor=actor, was=was, details=details)
        self._submit(command, rows, command_id)

    def _submit(
        self, command: Command, rows: Callable[[Session], None], command_id: str | None
    ) -> None:
        reply = self._commits.submit(command, command_id=command_id, rows=rows)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)

    def _audited(
        self,
        campaign_id: CampaignId,
        action: str,
        *,
        actor: str,
        was: Mapping[str, str],
        details: Mapping[str, Any] | None,
    ) -> Callable[[Session], None]:
        """The row of a change; `was`: fields of the campaign kept as they are before it, by detail.

        Written in the change's transaction, when the floor is still the one before.
        """
        now = self._clock.now()

        def rows(session: Session) -> None:
            before = self._commits.floor.campaigns[campaign_id]
            audit_rows.append(
                session,
                at=now,
                actor=actor,
                action=action,
                subject=f"campaign:{campaign_id}",
                details={
                    **(details or {}),
                    **{f"{name}{WAS}": getattr(before, field) for name, field in was.items()},
                },
            )

        return rows


def _one_of(known: Collection[str], value: str, name: str) -> None:
    if value not in known:
        raise ServiceError("bad-payload", reason=name)
