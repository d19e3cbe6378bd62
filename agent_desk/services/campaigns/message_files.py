"""Recordings on the page: brought by one person, heard and approved by another.

What machines and abandoned calls are told, and what customers are asked when no operator is there
any more, may be heard by others than the customer, so two people answer for it: who brings a file
writes down what is said in it, and somebody else in charge listens and approves. The checks are
those of the command line (`messages.py`, `safe_harbours.py`, `survey_prompts.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy.orm import Session

from agent_desk.dialer.survey import KINDS as SURVEYS
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns import messages as machines
from agent_desk.services.campaigns import survey_prompts
from agent_desk.services.campaigns.messages import MachineMessages, Wording
from agent_desk.services.campaigns.survey_prompts import SurveyPrompts
from agent_desk.services.dialing import safe_harbours as harbours
from agent_desk.services.dialing.safe_harbours import Heard, SafeHarbours, check_text
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.approvers import require_two
from agent_desk.services.ports import Clock
from agent_desk.services.rules.trail import note
from agent_desk.services.scripts.editing import ScriptEditing
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.rules import message_files, messages, safe_harbours
from agent_desk.store.rules.message_files import FileRow
from agent_desk.store.rules.messages import ApprovalRow
from agent_desk.store.satisfaction import prompts
from agent_desk.store.unit_of_work import Database

Kind = Literal["machine", "abandoned", "survey_question", "survey_thanks"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST_MS = {
    "machine": machines.LONGEST_MS,
    "abandoned": harbours.LONGEST_MS,
    **dict.fromkeys(SURVEYS, survey_prompts.LONGEST_MS),
}
LARGEST_FILE = 1024 * 1024  # octets: thirty seconds at 16 kHz
SHOWN = 50


@dataclass(frozen=True)
class Brought:
    """A file and what is said in it; `name` and `number` are needed for machines."""

    kind: str
    octets: bytes
    text: str
    name: str = ""
    number: str = ""


@dataclass(frozen=True)
class Kept:
    """What a campaign has: files, newest first, and what is approved of each kind."""

    files: Sequence[FileRow]
    approved: dict[str, ApprovalRow | None]


class MessageFiles:
    """Brings, plays and approves, within the campaigns of the actor's teams."""

    def __init__(
        self,
        *,
        database: Database,
        commits: WriteDoor,
        clock: Clock,
        machine: MachineMessages,
        abandoned: SafeHarbours,
        surveys: SurveyPrompts,
        scripts: ScriptEditing,
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._machine = machine
        self._abandoned = abandoned
        self._surveys = surveys
        self._scripts = scripts

    def kept(self, campaign_id: int, *, actor: Actor) -> Kept:
        """What there is; ServiceError not-in-scope."""
        self._name_of(campaign_id, actor)
        with self._database.read() as session:
            files = message_files.of_campaign(session, campaign_id, most=SHOWN)
            machine = messages.newest(session, campaign_id)
            abandoned = safe_harbours.newest(session, campaign_id)
            asked = {kind: prompts.newest(session, campaign_id, kind) for kind in SURVEYS}
        newest = {"machine": machine, "abandoned": abandoned, **asked}
        return Kept(
            files, {kind: row if row and row.sha256 else None for kind, row in newest.items()}
        )

    def bring(self, campaign_id: int, brought: Brought, *, actor: Actor) -> None:
        """Keep a file until somebody else approves it.

        ServiceError: not-in-scope, bad-payload (kind), message-too-large, what the sound and the
        text are refused for, not-stored.
        """
        self._name_of(campaign_id, actor)
        text, heard = _examined(brought)
        now = self._clock.now()

        def rows(session: Session) -> None:
            file_id = message_files.add(
                session,
                campaign_id,
                kind=brought.kind,
                octets=brought.octets,
                text=text,
                name=brought.name.strip(),
                number=brought.number.strip(),
                by=actor.username,
                at=now,
                **vars(heard),
            )
            details = {"file": file_id, "kind": brought.kind, "sha256": heard.sha256}
            subject = f"campaign:{campaign_id}"
            note(session, "message.brought", subject=subject, at=now, actor=actor, details=details)

        self._store(rows)

    def play(self, campaign_id: int, file_id: int, *, actor: Actor) -> bytes:
        """The sound, once it is noted who hears it; ServiceError not-in-scope,
        message-unknown, not-stored."""
        row = self._one(campaign_id, file_id, actor)
        now = self._clock.now()

        def rows(session: Session) -> None:
            details = {"file": row.id, "sha256": row.sha256}
            subject = f"campaign:{campaign_id}"
            note(session, "message.heard", subject=subject, at=now, actor=actor, details=details)

        self._store(rows)
        with self._database.read() as session:
            return message_files.sound(session, row.id)

    def approve(self, campaign_id: int, file_id: int, *, actor: Actor) -> None:
        """Use it from now on; ServiceError message-own (another person is needed), as `bring`."""
        row = self._one(campaign_id, file_id, actor)
        require_two(row.by, actor.username)
        campaign = self._name_of(campaign_id, actor)
        heard = Heard(row.sha256, row.duration_ms, row.lead_ms)
        if row.kind == "machine":
            wording = Wording(row.text, row.name, row.number)
            self._machine.approve(campaign, heard, wording, actor=actor.username, brought_by=row.by)
        elif row.kind in SURVEYS:
            self._surveys.approve(
                campaign, row.kind, heard, row.text, actor=actor.username, brought_by=row.by
            )
        else:
            self._abandoned.approve(
                campaign, heard, row.text, actor=actor.username, brought_by=row.by
            )

    def withdraw(self, campaign_id: int, kind: str, *, actor: Actor) -> None:
        """Use none of this kind any more; ServiceError not-in-scope, bad-payload (kind)."""
        campaign = self._name_of(campaign_id, actor)
        if kind not in KINDS:
            raise ServiceError("bad-payload", reason="kind")
        if kind in SURVEYS:
            self._surveys.withdraw(campaign, kind, actor=actor.username)
        elif kind == "machine":
            self._machine.withdraw(campaign, actor=actor.username)
        else:
            self._abandoned.withdraw(campaign, actor=actor.username)

    def _name_of(self, campaign_id: int, actor: Actor) -> str:
        name = dict(self._scripts.campaigns(actor.teams)).get(campaign_id)
        if name is None:
            raise ServiceError("not-in-scope")
        return name

    def _one(self, campaign_id: int, file_id: int, actor: Actor) -> FileRow:
        self._name_of(campaign_id, actor)
        with self._database.read() as session:
            row = message_files.one(session, campaign_id, file_id)
        if row is None:
            raise ServiceError("message-unknown")
        return row

    def _store(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def _examined(brought: Brought) -> tuple[str, Heard]:
    """Text and sound, both as they may be used."""
    if brought.kind not in LONGEST_MS:
        raise ServiceError("bad-payload", reason="kind")
    if len(brought.octets) > LARGEST_FILE:
        raise ServiceError("message-too-large", megabytes=LARGEST_FILE // 1024**2)
    if brought.kind == "machine":
        text = machines.check(Wording(brought.text, brought.name, brought.number))
    elif brought.kind in SURVEYS:
        text = survey_prompts.check(brought.kind, brought.text)
    else:
        text = check_text(brought.text)
    longest_ms = LONGEST_MS[brought.kind]
    return text, harbours.examine_sound(brought.octets, name="", longest_ms=longest_ms)
