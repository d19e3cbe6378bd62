"""Lists as leads run them: rank, share, pause, trying anew, and new lists from filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.filters import LONGEST_NAME, FilterService
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.rules.trail import note
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import membership, steering, valid_calls
from agent_desk.store.lists.steering import ListSettings
from agent_desk.store.lists.valid_calls import LONGEST_TALK_S, Definition, History, Version
from agent_desk.store.unit_of_work import Database, Session

LARGEST_MIX = 100
PORTION = 500  # entries tried anew in one transaction


class ListSteering:
    """Changes lists within the actor's teams; each ServiceError leaves them as they were."""

    def __init__(
        self,
        *,
        database: Database,
        commits: WriteDoor,
        clock: Clock,
        hub: Hub,
        book: CampaignBook,
        filters: FilterService,
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._hub = hub
        self._book = book
        self._filters = filters

    def settings(self, *, actor: Actor) -> dict[int, ListSettings]:
        """The lists in scope, by id."""
        with self._database.read() as session:
            found = steering.every(session)
        return {key: each for key, each in found.items() if _theirs(each, actor)}

    def change(
        self, list_id: int, *, priority: int, mix: int | None, paused: bool, actor: Actor
    ) -> None:
        """Set rank (0 first, 9 last), share (1 to 100, None: none) and whether it is called.

        From the next lease on. ServiceError: list-unknown, list-unusable (details: field).
        """
        self._one(list_id, actor)
        if not 0 <= priority <= 9:
            raise ServiceError("list-unusable", field="priority")
        if mix is not None and not 1 <= mix <= LARGEST_MIX:
            raise ServiceError("list-unusable", field="mix")
        values = {"priority": priority, "mix": mix, "paused": paused}

        def rows(session: Session) -> None:
            steering.change(session, list_id, priority=priority, mix=mix, paused=paused)
            self._note(session, "list.changed", list_id, actor, **values)

        self._write(rows)

    def tried_out(self, list_id: int, *, actor: Actor) -> list[tuple[str, int]]:
        """How many entries used up their tries, by last outcome; ServiceError list-unknown."""
        self._one(list_id, actor)
        with self._database.read() as session:
            return steering.tried_out(session, list_id)

    def recycle(self, list_id: int, outcomes: Sequence[str], *, actor: Actor) -> int:
        """Try those anew who used up their tries and ended so; how many there were.

        ServiceError: list-unknown, outcome-needed, not-stored.
        """
        self._one(list_id, actor)
        if not outcomes:
            raise ServiceError("outcome-needed")
        now, counted, after = self._clock.now(), 0, 0
        while True:
            done: list[tuple[int, int | None]] = []

            def rows(
                session: Session, after: int = after, done: list[tuple[int, int | None]] = done
            ) -> None:
                part = steering.recycle(
                    session, list_id, outcomes, after=after, limit=PORTION, at=now
                )
                done.append(part)
                if part[0]:
                    self._note(session, "list.recycled", list_id, actor, entries=part[0])

            self._write(rows)
            count, last = done[-1]
            counted += count
            if last is None:
                return counted
            after = last
            self._hub.pause(0)

    def follow(
        self, filter_id: int, *, name: str, campaign_id: int, attach: bool, actor: Actor
    ) -> int:
        """A new list whose members are those a saved filter finds; its id.

        It is about the campaign's product, and with `attach` called by the campaign. ServiceError:
        filter-unknown, not-in-scope, name-needed, list-exists, not-stored.
        """
        name = name.strip()
        if not 1 <= len(name) <= LONGEST_NAME:
            raise ServiceError("name-needed")
        row = self._filters.one(filter_id, actor=actor)
        self._campaign(campaign_id, actor)
        now = self._clock.now()
        made: list[int] = []

        def rows(session: Session) -> None:
            product_id = steering.product_of_campaign(session, campaign_id)
            list_id = steering.create(
                session, name, product_id, source="filter", basis=f"filter:{row.name}", at=now
            )
            if list_id is None:
                return
            made.append(list_id)
            membership.follow(session, list_id, row.id)
            if attach:
                campaigns.add_list(session, campaign_id, list_id)
            self._note(session, "list.created", list_id, actor, filter=row.id, campaign=campaign_id)

        self._write(rows)
        if not made:
            raise ServiceError("list-exists")
        self._book.reload()
        return made[-1]

    # --- valid calls and whom they make prospects ----------------------------------------------

    def valid_calls(self, campaign_id: int, *, actor: Actor) -> Version:
        """What makes a call of the campaign a valid one now; ServiceError not-in-scope."""
        self._campaign(campaign_id, actor)
        with self._database.read() as session:
            return valid_calls.histories(session).get(campaign_id, History()).newest

    def define_valid_calls(
        self, campaign_id: int, definition: Definition, *, also_past: bool, actor: Actor
    ) -> None:
        """Change it for the calls of today and later, or for those of the past too: figures and
        lists follow at once.

        ServiceError: not-in-scope, valid-call-unusable, not-stored.
        """
        self._campaign(campaign_id, actor)
        known = {status.code for status in self._book.get(CampaignId(campaign_id)).statuses}
        if not definition.statuses or not set(definition.statuses) <= known:
            raise ServiceError("valid-call-unusable", field="statuses")
        if not 0 <= definition.talk_s <= LONGEST_TALK_S:
            raise ServiceError("valid-call-unusable", field="talk_s")
        now = self._clock.now()

        def rows(session: Session) -> None:
            version = valid_calls.change(
                session,
                campaign_id,
                definition,
                since=None if also_past else business_date(now),
                actor=actor.username,
                at=now,
            )
            note(
                session,
                "valid_call.defined",
                subject=f"campaign:{campaign_id}",
                at=now,
                actor=actor,
                details={"version": version, "also_past": also_past},
            )

        self._write(rows)

    def prospects(self, campaign_id: int, *, name: str, actor: Actor) -> int:
        """A list of everybody with a valid call of this campaign, kept true; the list's id.

        ServiceError as for `follow`.
        """
        self._campaign(campaign_id, actor)
        one = {"field": "valid_call", "op": "is", "value": [campaign_id]}
        filter_id = self._filters.save(name, {"all": [one]}, actor=actor)
        return self.follow(filter_id, name=name, campaign_id=campaign_id, attach=False, actor=actor)

    # --- inside --------------------------------------------------------------------------------

    def _one(self, list_id: int, actor: Actor) -> ListSettings:
        with self._database.read() as session:
            found = steering.settings(session, list_id)
        if found is None or not _theirs(found, actor):
            raise ServiceError("list-unknown")
        return found

    def _campaign(self, campaign_id: int, actor: Actor) -> None:
        facts = self._book.all().get(CampaignId(campaign_id))
        if facts is None or (actor.teams is not None and not actor.teams & facts.team_ids):
            raise ServiceError("not-in-scope")

    def _note(
        self, session: Session, action: str, list_id: int, actor: Actor, **details: object
    ) -> None:
        subject, now = f"list:{list_id}", self._clock.now()
        note(session, action, subject=subject, at=now, actor=actor, details=details)

    def _write(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def _theirs(found: ListSettings, actor: Actor) -> bool:
    return actor.teams is None or bool(found.teams & actor.teams)
