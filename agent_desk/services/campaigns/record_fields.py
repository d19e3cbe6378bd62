"""Setting up the caller record of a campaign: which fields are written, seen, hidden, required."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent_desk.dialer.ids import CampaignId
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.records import fields
from agent_desk.store.records.fields import FieldRow
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

ACCESS = ("editable", "locked", "hidden")
MOST = 30
LONGEST = 40
SAMPLE = 50  # of the newest customers: which columns their files had


class RecordFieldSettings:
    """For leads of the campaign and above; true for the next call that is shown."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        book: CampaignBook,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._book = book
        self._clock = clock

    def all(self, campaign_id: int, *, actor: Actor) -> list[FieldRow]:
        """In the order of the record. ServiceError not-in-scope."""
        self._check_scope(campaign_id, actor)
        with self._database.read() as session:
            return fields.of_campaign(session, campaign_id)

    def unused(self, campaign_id: int, *, actor: Actor) -> list[str]:
        """Columns that customers of the campaign came with and that are not set up."""
        known = {row.name for row in self.all(campaign_id, actor=actor)}
        with self._database.read() as session:
            found = fields.in_files(session, self._sealer, campaign_id, sample=SAMPLE)
        return sorted(found - known)

    def put(self, campaign_id: int, row: FieldRow, *, actor: Actor) -> None:
        """Set a field up, or change it.

        ServiceError: not-in-scope, role-too-low, field-unusable (reason), not-stored.
        """
        theirs = self.all(campaign_id, actor=actor)
        row = FieldRow(row.name.strip(), row.access, row.required)
        wrong = {
            "name": not 1 <= len(row.name) <= LONGEST or not row.name.isprintable(),
            "access": row.access not in ACCESS,
            # What nobody may write cannot be asked for.
            "required": row.required and row.access != "editable",
            "too_many": len({each.name for each in theirs} | {row.name}) > MOST,
        }
        found = next((reason for reason, is_so in wrong.items() if is_so), None)
        if found is not None:
            raise ServiceError("field-unusable", reason=found)
        self._change(
            campaign_id,
            lambda session: fields.put(session, campaign_id, row),
            action="record.field.set",
            actor=actor,
        )

    def remove(self, campaign_id: int, name: str, *, actor: Actor) -> None:
        """As if it had never been set up; customers keep what was written."""
        self.all(campaign_id, actor=actor)
        self._change(
            campaign_id,
            lambda session: fields.remove(session, campaign_id, name),
            action="record.field.removed",
            actor=actor,
        )

    def arrange(self, campaign_id: int, names: Sequence[str], *, actor: Actor) -> None:
        """Order the record; every field is named once. ServiceError field-unusable."""
        if sorted(names) != sorted(row.name for row in self.all(campaign_id, actor=actor)):
            raise ServiceError("field-unusable", reason="order")
        self._change(
            campaign_id,
            lambda session: fields.arrange(session, campaign_id, names),
            action="record.fields.arranged",
            actor=actor,
        )

    def _check_scope(self, campaign_id: int, actor: Actor) -> None:
        actor.needs("lead")
        facts = self._book.all().get(CampaignId(campaign_id))
        if facts is None or (actor.teams is not None and not actor.teams & facts.team_ids):
            raise ServiceError("not-in-scope")

    def _change(
        self, campaign_id: int, write: Callable[[Session], None], *, action: str, actor: Actor
    ) -> None:
        now = self._clock.now()

        def rows(session: Session) -> None:
            write(session)
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action=action,
                subject=f"campaign:{campaign_id}",
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
