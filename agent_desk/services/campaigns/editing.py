"""Setting up and changing campaigns: a draft, published as a version, compared, gone back to.

What is published is true at once where it can be; calls that live go on as they were leased. A
draft holds what will differ, so what leads set on the floor in the meantime is not undone by it.
Leads prepare drafts of their teams' campaigns; an administrator publishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agent_desk.dialer.commands import ConfigureCampaign
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.settings import FIELDS, Settings, changed, faults
from agent_desk.services.campaigns.shown_numbers import Fault, ShownBy
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns, copies, trials, versions
from agent_desk.store.campaigns.scripts import Audience
from agent_desk.store.campaigns.versions import DraftRow, VersionRow
from agent_desk.store.unit_of_work import Database, Session

# What the engine knows of a campaign that a version changes.
ON_FLOOR = (
    "mode",
    "ratio",
    "abandon_target",
    "ring_limit_s",
    "screening",
    "recording",
    "wrap_up_policy",
    "wrap_up_s",
    "wrap_up_extension_s",
    "wrap_up_extensions",
    "after_wrap_up",
    "loud_dbfs",
    "supervision_tone",
    "supervision_shown",
    "identity_needed",
    "promise_max_days",
    "instalment_counts",
    "skills",
)


@dataclass(frozen=True)
class Edited:
    """A campaign as it is set, and as it is being prepared."""

    campaign_id: int
    kind: str
    version: int  # 0: as it was before versions were kept
    unpublished: bool
    current: Settings
    wanted: Settings  # the current settings with those of the draft
    draft: DraftRow | None
    faults: Sequence[Fault]
    versions: Sequence[VersionRow]

    @property
    def changed(self) -> list[str]:
        """What the draft changes."""
        return changed(self.current, self.wanted)

    @property
    def history(self) -> list[tuple[VersionRow, list[str]]]:
        """Every version, newest first, with what it changed."""
        before = {each.version + 1: each.settings for each in self.versions}
        return [
            (each, changed(before.get(each.version, {}), each.settings)) for each in self.versions
        ]


class CampaignEditing:
    """ServiceErrors leave everything as it was."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        book: CampaignBook,
        clock: Clock,
        shown_by: ShownBy,
        changed: Callable[[], None],
    ) -> None:
        """`shown_by`: which numbers the trunks show. `changed` tells the pages that what they show
        of campaigns is another."""
        self._database = database
        self._commits = commits
        self._book = book
        self._clock = clock
        self._shown_by = shown_by
        self._changed = changed

    def open(self, campaign_id: int, *, teams: frozenset[int] | None) -> Edited:
        """ServiceError not-in-scope."""
        kind = self._kind(campaign_id, teams)
        with self._database.read() as session:
            current = versions.current(session, campaign_id)
            draft = versions.draft(session, campaign_id)
            history = versions.all_of(session, campaign_id)
            unpublished = versions.is_unpublished(session, campaign_id)
        wanted = {**current, **(draft.settings if draft else {})}
        return Edited(
            campaign_id=campaign_id,
            kind=kind,
            version=history[0].version if history else 0,
            unpublished=unpublished,
            current=current,
            wanted=wanted,
            draft=draft,
            faults=self._faults(wanted, kind),
            versions=history,
        )

    def save(
        self,
        campaign_id: int,
        values: Mapping[str, Any],
        *,
        actor: Actor,
        teams: frozenset[int] | None,
    ) -> Sequence[Fault]:
        """Keep these as part of the draft; what is wrong with them, and then nothing is kept.

        ServiceError: not-in-scope, role-too-low, not-stored.
        """
        actor.needs("lead")
        edited = self.open(campaign_id, teams=teams)
        wanted = {**edited.wanted, **values}
        wrong = [each for each in self._faults(wanted, edited.kind) if each.field in values]
        if wrong:
            return wrong
        differs = {name: wanted[name] for name in changed(edited.current, wanted)}
        self._write_draft(edited, differs, actor)
        return ()

    def discard(self, campaign_id: int, *, actor: Actor, teams: frozenset[int] | None) -> None:
        """Forget what was prepared. ServiceErrors as `save`."""
        actor.needs("lead")
        self._write_draft(self.open(campaign_id, teams=teams), {}, actor)

    def publish(
        self, campaign_id: int, *, based_on: int, actor: Actor, teams: frozenset[int] | None
    ) -> int:
        """Make the draft the next version; its number.

        ServiceError: not-in-scope, role-too-low, campaign-changed (somebody published meanwhile),
        campaign-unusable (field, reason), campaign-exists, list-in-use, not-stored, and what the
        core refuses.
        """
        actor.needs("admin")
        edited = self.open(campaign_id, teams=teams)
        if based_on != edited.version:
            raise ServiceError("campaign-changed")
        return self._publish(edited, edited.wanted, actor, rolled_back_to=None)

    def roll_back(
        self, campaign_id: int, version: int, *, actor: Actor, teams: frozenset[int] | None
    ) -> int:
        """Make a new version with the settings of an old one. ServiceErrors as `publish`,
        version-unknown."""
        actor.needs("admin")
        edited = self.open(campaign_id, teams=teams)
        old = next((each for each in edited.versions if each.version == version), None)
        if old is None:
            raise ServiceError("version-unknown")
        wanted = {**edited.current, **{k: v for k, v in old.settings.items() if k in FIELDS}}
        return self._publish(edited, wanted, actor, rolled_back_to=version)

    # --- inside ---------------------------------------------------------------------------------

    def _kind(self, campaign_id: int, teams: frozenset[int] | None) -> str:
        facts = self._book.all().get(CampaignId(campaign_id))
        if facts is None or facts.training or (teams is not None and not teams & facts.team_ids):
            raise ServiceError("not-in-scope")
        return self._commits.floor.campaigns[CampaignId(campaign_id)].kind

    def _write_draft(self, edited: Edited, settings: Settings, actor: Actor) -> None:
        now = self._clock.now()

        def rows(session: Session) -> None:
            versions.put_draft(
                session,
                edited.campaign_id,
                settings,
                based_on=edited.version,
                by=actor.username,
                at=now,
            )
            self._note(session, edited, "campaign.drafted", actor, now, {"fields": list(settings)})

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")

    def _publish(
        self, edited: Edited, wanted: Settings, actor: Actor, *, rolled_back_to: int | None
    ) -> int:
        self._check(edited, wanted)
        now, campaign_id = self._clock.now(), edited.campaign_id
        known = self._commits.floor.campaigns[CampaignId(campaign_id)]
        differs = changed(edited.current, wanted)

        def rows(session: Session) -> None:
            if versions.newest(session, campaign_id) != edited.version:
                raise ServiceError("campaign-changed")
            if not edited.version and not edited.unpublished:
                # As it was since it was made: nobody kept who set what.
                made = versions.created_at(session, campaign_id)
                versions.add(session, campaign_id, edited.current, by="", at=made)
            trials.rename(session, edited.current["name"], wanted["name"])
            versions.apply(session, campaign_id, wanted, at=now)
            versions.add(
                session,
                campaign_id,
                wanted,
                by=actor.username,
                at=now,
                rolled_back_to=rolled_back_to,
            )
            self._keep_draft(session, edited, wanted, restored=rolled_back_to is not None)
            versions.publish(session, campaign_id)
            self._take_over(session, campaign_id, wanted, actor=actor, at=now)
            self._note(session, edited, "campaign.published", actor, now, {"fields": differs})

        asked = replace(known.survey, share=wanted["survey_share"], wait_s=wanted["survey_wait_s"])
        floor = replace(known, survey=asked, **{name: wanted[name] for name in ON_FLOOR})
        if wanted["statuses_of"] is not None:
            source = self._commits.floor.campaigns[CampaignId(wanted["statuses_of"])]
            floor = replace(floor, statuses=source.statuses)
        reply = self._commits.submit(ConfigureCampaign(floor, published=True), rows=rows)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)
        self._book.reload()
        self._changed()
        with self._database.read() as session:
            return versions.newest(session, campaign_id)

    def _faults(self, wanted: Settings, kind: str) -> list[Fault]:
        return faults(wanted, kind=kind, shown_by=self._shown_by)

    @staticmethod
    def _keep_draft(session: Session, edited: Edited, wanted: Settings, *, restored: bool) -> None:
        """What was published is no draft any more; what somebody prepares outlives a restoring."""
        draft = edited.draft
        if draft is None:
            return
        left = {n: v for n, v in draft.settings.items() if v != wanted[n]} if restored else {}
        versions.put_draft(
            session,
            edited.campaign_id,
            left,
            based_on=versions.newest(session, edited.campaign_id),
            by=draft.by,
            at=draft.at,
        )

    @staticmethod
    def _take_over(
        session: Session, campaign_id: int, wanted: Settings, *, actor: Actor, at: datetime
    ) -> None:
        audiences: Mapping[str, Audience] = {
            "script_of": "customer",
            "third_party_script_of": "third_party",
        }
        for name, audience in audiences.items():
            if wanted[name] is not None:
                copies.take_over_script(
                    session, wanted[name], campaign_id, audience=audience, by=actor.username, at=at
                )
        if wanted["statuses_of"] is not None:
            copies.take_over_statuses(session, wanted["statuses_of"], campaign_id)

    def _check(self, edited: Edited, wanted: Settings) -> None:
        wrong = self._faults(wanted, edited.kind)
        if wrong:
            first = wrong[0]
            raise ServiceError(
                "campaign-unusable", field=first.field, reason=first.reason, named=first.named
            )
        taken_from = {wanted[name] for name in versions.TAKEN_OVER} - {None}
        if any(self._kind(each, None) != edited.kind for each in taken_from):
            raise ServiceError("not-in-scope")
        with self._database.read() as session:
            named = campaigns.by_name(session, wanted["name"])
            taken = versions.taken_lists(session, edited.campaign_id, wanted["lists"])
        if named is not None and named[0] != edited.campaign_id:
            raise ServiceError("campaign-exists", name=wanted["name"])
        if taken:
            raise ServiceError("list-in-use")

    @staticmethod
    def _note(
        session: Session,
        edited: Edited,
        action: str,
        actor: Actor,
        now: datetime,
        details: Mapping[str, Any],
    ) -> None:
        audit.append(
            session,
            at=now,
            actor=actor.username,
            action=action,
            subject=f"campaign:{edited.campaign_id}",
            details={**details, "version": edited.version},
        )
