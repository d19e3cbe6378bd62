"""Writing scripts: each save is a version, linted by the rules before it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.scripts.lint import Finding, lint, lint_for_third_party
from agent_desk.services.scripts.parsing import LONGEST, Script, parse
from agent_desk.services.scripts.standard import standard_text
from agent_desk.store import audit
from agent_desk.store.campaigns import scripts as rows
from agent_desk.store.unit_of_work import Database

Audience = rows.Audience
COMPLIANCE = ("compliance", "admin")
# Of `CampaignFacts`.
COLUMNS: Mapping[rows.Audience, str] = {
    "customer": "script",
    "third_party": "third_party_script",
    "vip": "vip_script",
}
FINDERS: Mapping[rows.Audience, Callable[[Script, str], list[Finding]]] = {
    "customer": lambda script, kind: lint(script, kind=kind),
    "third_party": lambda script, kind: lint_for_third_party(script),
    # No text at all is no fault: VIPs hear the campaign's own then.
    "vip": lambda script, kind: lint(script, kind=kind) if script.steps else [],
}


@dataclass(frozen=True)
class Edited:
    """A campaign's script as its author sees it."""

    campaign_id: int
    name: str
    kind: str
    text: str
    version: int
    versions: Sequence[rows.VersionRow]
    findings: Sequence[Finding]
    audience: rows.Audience = "customer"

    @property
    def standard(self) -> str:
        """The product's own text for such a campaign; "" where there is none."""
        return standard_text(self.kind, self.audience)


class ScriptEditing:
    """Reads, checks and saves; `teams` is the scope of who asks, None for every team."""

    def __init__(
        self, *, database: Database, commits: GroupCommit, book: CampaignBook, clock: Clock
    ) -> None:
        self._database = database
        self._commits = commits
        self._book = book
        self._clock = clock

    def campaigns(self, teams: frozenset[int] | None) -> list[tuple[int, str]]:
        """Ids and names of the campaigns in scope."""
        return [
            (int(campaign_id), facts.name)
            for campaign_id, facts in sorted(self._book.all().items())
            if teams is None or teams & facts.team_ids
        ]

    def open(
        self,
        campaign_id: int,
        *,
        teams: frozenset[int] | None,
        text: str | None = None,
        audience: rows.Audience = "customer",
    ) -> Edited:
        """The script in use, or `text` in its place; ServiceError not-in-scope."""
        if campaign_id not in dict(self.campaigns(teams)):
            raise ServiceError("not-in-scope")
        facts = next(f for f in self._book.all().values() if int(f.campaign_id) == campaign_id)
        kind = self._commits.floor.campaigns[facts.campaign_id].kind
        if text is None:
            text = getattr(facts, COLUMNS[audience])
        with self._database.read() as session:
            version = rows.newest(session, campaign_id, audience)
            versions = rows.versions(session, campaign_id, audience)
        findings = FINDERS[audience](parse(text), kind)
        return Edited(campaign_id, facts.name, kind, text, version, versions, findings, audience)

    def save(
        self,
        campaign_id: int,
        text: str,
        *,
        based_on: int,
        allowed: str,
        teams: frozenset[int] | None,
        actor: Actor,
        audience: rows.Audience = "customer",
    ) -> Edited:
        """Use this text from the next call on. `allowed`: why compliance lets errors pass.

        ServiceError: not-in-scope, script-too-long, script-changed (somebody saved meanwhile),
        script-refused (errors, and nobody who may allows them), not-stored.
        """
        text = text.replace("\r\n", "\n").strip()
        if len(text) > LONGEST:
            raise ServiceError("script-too-long", most=LONGEST)
        edited = self.open(campaign_id, teams=teams, text=text, audience=audience)
        if edited.version != based_on:
            raise ServiceError("script-changed")
        allowed = allowed.strip()
        errors = [finding for finding in edited.findings if finding.level == "error"]
        if errors and (not allowed or actor.role not in COMPLIANCE):
            raise ServiceError("script-refused", errors=len(errors))
        self._write(edited, allowed=allowed if errors else "", actor=actor)
        self._book.reload()
        return self.open(campaign_id, teams=teams, audience=audience)

    def _write(self, edited: Edited, *, allowed: str, actor: Actor) -> None:
        now = self._clock.now()
        found: list[dict[str, Any]] = [asdict(finding) for finding in edited.findings]

        def write(session: Session) -> None:
            if rows.newest(session, edited.campaign_id, edited.audience) != edited.version:
                raise _ChangedMeanwhile
            version = rows.add(
                session,
                edited.campaign_id,
                text=edited.text,
                lint=found,
                allowed=allowed,
                by=actor.username,
                at=now,
                audience=edited.audience,
            )
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action="script.saved",
                subject=f"campaign:{edited.campaign_id}",
                details={
                    "version": version,
                    "audience": edited.audience,
                    "rules": sorted({each["rule"] for each in found}),
                    "allowed": bool(allowed),
                },
            )

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")


class _ChangedMeanwhile(Exception):
    """Two saved at once: the later one is not stored."""
