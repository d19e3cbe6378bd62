"""Approving the recording an operator may leave on answering machines, per campaign.

Whoever hears it later may be anybody of the household, so it says who called and how to call back,
and nothing else: a person's name, the number, a request to call (Reg F 12 CFR 1006.2(j), taken as a
model; 貸金業法21条1項5号). Somebody listens to the file, writes down what is said in it and answers
for it by name. The approval is of the file's hash; a gateway that lacks the file leaves nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from agent_desk.dialer.commands import ApproveMessage
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.dialing.safe_harbours import Heard, check_heard, check_text
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.approvers import require_approver, require_two
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns
from agent_desk.store.rules import messages
from agent_desk.store.unit_of_work import Database

LONGEST_MS = 30_000
SHORTEST_NUMBER = 10  # digits of a Japanese number with its leading zero
_PRESSING = re.compile(r"至急|重要|大切|緊急|早急|ただちに|直ちに|金額|円|督促|urgent|important")
_DIGITS = re.compile(r"\d")


@dataclass(frozen=True)
class Wording:
    """What is said: the whole text, the name of who calls in it, and the number to call back."""

    text: str
    name: str
    number: str


def check(wording: Wording) -> str:
    """The text without outer blanks.

    ServiceError `safe-harbour-text`, `safe-harbour-debt-word` (the word), `message-pressing` (the
    word that presses), `message-unsigned` (name or number is not said), `message-digits` (other
    digits than those of the number).
    """
    text = check_text(wording.text)
    plain = unicodedata.normalize("NFKC", text)
    pressing = _PRESSING.search(plain.casefold())
    if pressing is not None:
        raise ServiceError("message-pressing", word=pressing[0])
    number = "".join(_DIGITS.findall(unicodedata.normalize("NFKC", wording.number)))
    name = wording.name.strip()
    said = "".join(_DIGITS.findall(plain))
    if not name or name not in text or len(number) < SHORTEST_NUMBER or number not in said:
        raise ServiceError("message-unsigned")
    if said.replace(number, ""):
        raise ServiceError("message-digits")
    return text


class MachineMessages:
    """Approvals while a desk runs."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def approve(
        self, campaign: str, heard: Heard, wording: Wording, *, actor: str, brought_by: str
    ) -> None:
        """Approve a recording for a campaign named by people; ServiceError, or the core's."""
        require_two(brought_by, actor)
        check_heard(heard, longest_ms=LONGEST_MS)
        self._submit(campaign, heard, check(wording), actor=actor, brought_by=brought_by)

    def approved(self, campaign_id: int) -> messages.ApprovalRow | None:
        """Who lets what be left, if anything may be."""
        with self._database.read() as session:
            newest = messages.newest(session, campaign_id)
        return newest if newest is not None and newest.sha256 else None

    def withdraw(self, campaign: str, *, actor: str) -> None:
        """Let none be left any more."""
        self._submit(campaign, None, "", actor=actor)

    def _submit(
        self, campaign: str, heard: Heard | None, text: str, *, actor: str, brought_by: str = ""
    ) -> None:
        with self._database.read() as session:
            campaign_id = _campaign(session, campaign)
            require_approver(session, actor)
        now = self._clock.now()
        sha256, duration_ms = (heard.sha256, heard.duration_ms) if heard else ("", 0)
        command = ApproveMessage(CampaignId(campaign_id), sha256, text, duration_ms, actor)

        def rows(session: Session) -> None:
            _note(session, campaign_id, sha256, actor=actor, brought_by=brought_by, at=now)

        reply = self._commits.submit(command, rows=rows)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)


def decide_directly(
    session: Session,
    campaign: str,
    heard: Heard | None,
    wording: Wording | None,
    *,
    actor: str,
    at: datetime,
    brought_by: str = "",
) -> None:
    """Approve (or, without a recording, withdraw) where no desk runs; ServiceError as above."""
    campaign_id = _campaign(session, campaign)
    require_approver(session, actor)
    if heard is not None:
        check_heard(heard, longest_ms=LONGEST_MS)
    text = check(wording) if wording is not None else ""
    sha256, duration_ms = (heard.sha256, heard.duration_ms) if heard else ("", 0)
    messages.approve(
        session, campaign_id, sha256=sha256, text=text, duration_ms=duration_ms, by=actor, at=at
    )
    _note(session, campaign_id, sha256, actor=actor, brought_by=brought_by, at=at)


def _campaign(session: Session, name: str) -> int:
    found = campaigns.by_name(session, name)
    if found is None:
        raise ServiceError("not-in-scope", campaign=name)
    return found[0]


def _note(
    session: Session,
    campaign_id: int,
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
        action="campaign.message" if sha256 else "campaign.message.withdrawn",
        subject=f"campaign:{campaign_id}",
        details={"sha256": sha256, **({"from": brought_by} if sha256 else {})},
    )
