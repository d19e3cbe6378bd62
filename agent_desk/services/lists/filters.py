"""Filters people build: counted while they build them, saved by name, each change a version.

Nobody's seat may notice a count. So customers are gone through in spans of some milliseconds, with
everybody else's turn between; a count that would take longer than `COUNT_S` is told as an estimate.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from agent_desk.dialer.business_time import business_date
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.rules import areas
from agent_desk.services.rules.trail import note
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.lists import saved_filters, valid_calls
from agent_desk.store.lists.filter_grammar import BadFilter, Group, parse, to_json
from agent_desk.store.lists.filter_queries import Context
from agent_desk.store.lists.saved_filters import FilterRow, VersionRow
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

COUNT_S = 2.0
SPAN_S = 0.008
FIRST_SPAN, LONGEST_SPAN = 2_000, 200_000
LONGEST_NAME = 100
SHOWN = 20  # versions of a filter's history at once


@dataclass(frozen=True)
class Count:
    """How many customers fit; `exact` False: estimated from the share that was looked at."""

    customers: int
    exact: bool


def read_filter(definition: object) -> Group:
    """ServiceError filter-unusable (details: reason) for what is none."""
    try:
        return parse(definition)
    except BadFilter as bad:
        raise ServiceError("filter-unusable", reason=bad.reason) from None


def context_of(session: Session, sealer: Sealer, clock: Clock) -> Context:
    """What conditions are read against at this instant."""
    now = clock.now()
    return Context(
        sealer=sealer,
        now=now,
        today=business_date(now),
        place=areas.plain,
        valid_calls=valid_calls.histories(session),
    )


class FilterService:
    """Counts, saves and lists filters, within the actor's teams."""

    def __init__(
        self, *, database: Database, sealer: Sealer, commits: WriteDoor, clock: Clock, hub: Hub
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._hub = hub

    def count(self, definition: object, *, actor: Actor) -> Count:
        """How many of the actor's customers fit; ServiceError filter-unusable."""
        group = read_filter(definition)
        with self._database.read() as session:
            last = saved_filters.last_customer(session)
            context = context_of(session, self._sealer, self._clock)
            chosen = saved_filters.matching(session, group, context, teams=actor.teams)
        asked = saved_filters.count_of(chosen)
        began = self._clock.monotonic()
        found, after, span = 0, 0, FIRST_SPAN
        while after < last:
            upto = min(after + span, last)
            started = self._clock.monotonic()
            with self._database.read() as session:
                found += session.scalar(asked, {"after": after, "upto": upto}) or 0
            after, took = upto, self._clock.monotonic() - started
            if after < last and self._clock.monotonic() - began > COUNT_S:
                return Count(round(found * last / after), exact=False)
            span = next_span(span, took)
            self._hub.pause(0)
        return Count(found, exact=True)

    def save(
        self, name: str, definition: object, *, actor: Actor, restored: int | None = None
    ) -> int:
        """A filter of this name, or its next version (`restored`: which says what that one said);
        the filter's id.

        ServiceError: filter-unusable, name-needed, not-in-scope (another team's filter has the
        name), not-stored.
        """
        said = to_json(read_filter(definition))
        name = name.strip()
        if not 1 <= len(name) <= LONGEST_NAME:
            raise ServiceError("name-needed")
        with self._database.read() as session:
            known = saved_filters.named(session, name)
        if known is not None and not _theirs(known.teams, actor):
            raise ServiceError("not-in-scope")
        if known is not None and known.definition == said:
            return known.id
        now = self._clock.now()
        made: list[int] = []

        def rows(session: Session) -> None:
            made.clear()
            # Somebody else may have taken the name since it was looked at.
            standing = saved_filters.named(session, name)
            if standing is not None and not _theirs(standing.teams, actor):
                return
            filter_id = saved_filters.save(
                session, name, said, teams=actor.teams, actor=actor.username, at=now
            )
            made.append(filter_id)
            version = 1 if standing is None else standing.version + 1
            details = {"version": version} | ({"restored": restored} if restored else {})
            subject = f"filter:{filter_id}"
            note(session, "filter.saved", subject=subject, at=now, actor=actor, details=details)

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        if not made:
            raise ServiceError("not-in-scope")
        return made[0]

    def saved(self, *, actor: Actor) -> list[FilterRow]:
        """The filters of the actor's teams, by name."""
        with self._database.read() as session:
            return [row for row in saved_filters.newest(session) if _theirs(row.teams, actor)]

    def history(
        self, filter_id: int, *, before: int | None, actor: Actor
    ) -> tuple[list[VersionRow], bool]:
        """Versions older than `before`, newest first, each followed by the one it changed, and
        whether there are more than these; ServiceError filter-unknown."""
        row = self.one(filter_id, actor=actor)
        with self._database.read() as session:
            found = saved_filters.versions(session, row.id, before=before, most=SHOWN + 1)
        return found, len(found) > SHOWN

    def restore(self, filter_id: int, version: int, *, actor: Actor) -> None:
        """Make what an older version said the next one; ServiceError filter-unknown (of the
        version, too), as `save`."""
        row = self.one(filter_id, actor=actor)
        with self._database.read() as session:
            found = saved_filters.versions(session, row.id, before=version + 1, most=1)
        if not found or found[0].version != version:
            raise ServiceError("filter-unknown")
        self.save(row.name, found[0].definition, actor=actor, restored=version)

    def one(self, filter_id: int, *, actor: Actor) -> FilterRow:
        """One filter; ServiceError filter-unknown, out of scope too."""
        with self._database.read() as session:
            row = saved_filters.by_id(session, filter_id)
        if row is None or not _theirs(row.teams, actor):
            raise ServiceError("filter-unknown")
        return row


def next_span(span: int, took_s: float) -> int:
    """Longer spans where they are quick, shorter ones where they are not."""
    factor = 2.0 if took_s <= 0 else min(2.0, max(0.25, SPAN_S / took_s))
    return max(100, min(LONGEST_SPAN, int(span * factor)))


def _theirs(teams: Collection[int] | None, actor: Actor) -> bool:
    """A filter is seen by those who see all the customers it finds."""
    return actor.teams is None or (teams is not None and set(teams) <= actor.teams)
