"""Approving what customers are asked at the end of talks, and what they are thanked with.

Like every recording customers hear, each is brought by one person with what is said in it, heard
and answered for by another. The question names the keys, for nobody else tells the customer which
there are; neither says anything of a debt, since it plays when no operator can tell who listens.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from sqlalchemy.orm import Session

from agent_desk.dialer.commands import ApprovePrompt
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.survey import KEYS, KINDS
from agent_desk.services.dialing.safe_harbours import Heard, check_heard, check_text
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.approvers import require_approver, require_two
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns
from agent_desk.store.rules.messages import ApprovalRow
from agent_desk.store.satisfaction import prompts
from agent_desk.store.unit_of_work import Database

LONGEST_MS = 30_000


def check(kind: str, text: str) -> str:
    """The text without outer blanks; ServiceError as `check_text`, and `survey-keys` for a question
    that does not name every key."""
    text = check_text(text)
    said = unicodedata.normalize("NFKC", text)
    if kind == "survey_question" and not all(key in said for key in KEYS):
        raise ServiceError("survey-keys", keys="・".join(KEYS))
    return text


class SurveyPrompts:
    """Approvals while a desk runs."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def approve(
        self, campaign: str, kind: str, heard: Heard, text: str, *, actor: str, brought_by: str
    ) -> None:
        """Approve a recording for a campaign named by people; ServiceError, or the core's."""
        require_two(brought_by, actor)
        check_heard(heard, longest_ms=LONGEST_MS)
        self._submit(campaign, kind, heard, check(kind, text), actor=actor, brought_by=brought_by)

    def approved(self, campaign_id: int, kind: str) -> ApprovalRow | None:
        """Who lets what be played, if anything may be."""
        with self._database.read() as session:
            newest = prompts.newest(session, campaign_id, kind)
        return newest if newest is not None and newest.sha256 else None

    def withdraw(self, campaign: str, kind: str, *, actor: str) -> None:
        """Let none be played any more."""
        self._submit(campaign, kind, None, "", actor=actor)

    def _submit(
        self,
        campaign: str,
        kind: str,
        heard: Heard | None,
        text: str,
        *,
        actor: str,
        brought_by: str = "",
    ) -> None:
        if kind not in KINDS:
            raise ServiceError("bad-payload", reason="kind")
        with self._database.read() as session:
            found = campaigns.by_name(session, campaign)
            if found is None:
                raise ServiceError("not-in-scope", campaign=campaign)
            require_approver(session, actor)
        now = self._clock.now()
        sha256, duration_ms = (heard.sha256, heard.duration_ms) if heard else ("", 0)
        command = ApprovePrompt(CampaignId(found[0]), kind, sha256, text, duration_ms, actor)

        def rows(session: Session) -> None:
            _note(session, found[0], kind, sha256, actor=actor, brought_by=brought_by, at=now)

        reply = self._commits.submit(command, rows=rows)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)


def _note(
    session: Session,
    campaign_id: int,
    kind: str,
    sha256: str,
    *,
    actor: str,
    brought_by: str,
    at: datetime,
) -> None:
    audit.append(
        session,
        at=at,
        actor=actor,
        action="campaign.prompt" if sha256 else "campaign.prompt.withdrawn",
        subject=f"campaign:{campaign_id}",
        details={"kind": kind, "sha256": sha256, **({"from": brought_by} if sha256 else {})},
    )
